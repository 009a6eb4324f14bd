// Robust losses and resampling. Draws are given, as the numbers of the rows: nothing here is random.
(() => {
  "use strict";
  const { engine } = (globalThis.courseExplorables ??= { engine: {}, views: {} });

  // Squares near 0, straight lines from delta on: as in Keras.
  const huber = (off, delta) => {
    const size = Math.abs(off);
    return size <= delta ? (off * off) / 2 : delta * (size - delta / 2);
  };
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const median = (values) => {
    const sorted = Float64Array.from(values).sort();
    const half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  };
  // The place with the smallest sum of Huber losses. Their slope only grows: halve the interval.
  const huberCentre = (values, delta) => {
    let [low, high] = [Math.min(...values), Math.max(...values)];
    for (let k = 0; k < 100 && low < high; k++) {
      const middle = (low + high) / 2;
      const slope = values.reduce((sum, value) => sum + Math.min(delta, Math.max(-delta, middle - value)), 0);
      if (slope > 0) high = middle; else low = middle;
    }
    return (low + high) / 2;
  };
  // A statistic of each sample; draws: the rows of each.
  const resample = (values, draws, statistic = mean) =>
    Float64Array.from(draws, (rows) => statistic(rows.map((row) => values[row])));

  Object.assign(engine, { huber, mean, median, huberCentre, resample });
})();
