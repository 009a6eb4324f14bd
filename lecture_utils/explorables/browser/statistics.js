// Robust losses, quartiles and resampling. Draws are given, as the numbers of the rows: nothing here is random.
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
  // The coefficients with the smallest sum of Huber losses: weighted least squares again and again.
  // A row beyond delta weighs delta / |its error|, every other row 1; each round lowers the sum.
  const huberFit = (table, columns, y, delta, mostSteps = 2000) => {
    const product = (row, coefficients) =>
      coefficients.reduce((sum, each, k) => sum + each * table[row * columns + k], 0);
    let coefficients = engine.leastSquares(table, columns)(y);
    for (let step = 0; step < mostSteps; step++) {
      const roots = y.map((target, row) => {
        const off = Math.abs(target - product(row, coefficients));
        return off > delta ? Math.sqrt(delta / off) : 1;
      });
      const weighted = table.map((each, k) => each * roots[Math.floor(k / columns)]);
      const next = engine.leastSquares(weighted, columns)(y.map((target, row) => target * roots[row]));
      const moved = Math.max(...next.map((each, k) => Math.abs(each - coefficients[k])));
      const size = Math.max(...next.map(Math.abs));
      coefficients = next;
      if (moved <= 1e-13 * size) break;
    }
    return coefficients;
  };
  // Between two values of the sorted row, as NumPy does it.
  const quantile = (values, share) => {
    const sorted = Float64Array.from(values).sort();
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  };
  // Tukey's: so many interquartile ranges beyond the quartiles.
  const fences = (values, times = 1.5) => {
    const [q1, q3] = [quantile(values, 0.25), quantile(values, 0.75)];
    return [q1 - times * (q3 - q1), q3 + times * (q3 - q1)];
  };
  // Standard deviations from the mean; the deviation divides by n - 1.
  const zScores = (values) => {
    const middle = mean(values);
    const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
    const deviation = Math.sqrt(squares / (values.length - 1));
    return values.map((value) => (value - middle) / deviation);
  };
  // A statistic of each sample; draws: the rows of each.
  const resample = (values, draws, statistic = mean) =>
    Float64Array.from(draws, (rows) => statistic(rows.map((row) => values[row])));

  Object.assign(engine, {
    huber, mean, median, huberCentre, huberFit, quantile, fences, zScores, resample,
  });
})();
