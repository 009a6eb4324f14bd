// A mean that forgets, on a stream whose level may change. Draws are given: nothing is random.
(() => {
  "use strict";
  const { engine } = (globalThis.courseExplorables ??= { engine: {}, views: {} });

  // By what the weight of all old rows is multiplied; a memory of 0 is all rows.
  const forgettingFactor = (memory) => (memory ? 1 - 1 / memory : 1);

  // The level of every row.
  const streamLevels = ({ kind, rows, level, change, jumpAt }) => {
    const share = {
      still: () => 0,
      jump: (row) => (row >= Math.round(jumpAt * rows) ? 1 : 0),
      slow: (row) => row / (rows - 1),
      seasons: (row) => (1 - Math.cos((4 * Math.PI * row) / rows)) / 2,
    }[kind];
    return Float64Array.from({ length: rows }, (_, row) => level + change * share(row));
  };

  // The mean after every row: a row k steps back weighs forgetting ** k.
  const forgettingMeans = (values, forgetting) => {
    let [count, mean] = [0, 0];
    return Float64Array.from(values, (value) => {
      count = forgetting * count + 1;
      mean += (value - mean) / count;
      return mean;
    });
  };
  // How far each row but the first is from the mean before it, squared.
  const squaredErrors = (values, forgetting) => {
    const means = forgettingMeans(values, forgetting);
    return Float64Array.from({ length: values.length - 1 }, (_, k) => (values[k + 1] - means[k]) ** 2);
  };
  // The same errors averaged over all noise, without the noise of the row itself, in two parts.
  const lagAndTrembling = (levels, noise, forgetting) => {
    const means = forgettingMeans(levels, forgetting);
    let [count, variance] = [0, 0];
    const lag2 = Float64Array.from({ length: levels.length - 1 }, (_, k) => (levels[k + 1] - means[k]) ** 2);
    const trembling = lag2.map(() => {
      count = forgetting * count + 1;
      variance = (1 - 1 / count) ** 2 * variance + (noise / count) ** 2;
      return variance;
    });
    return { lag2, trembling };
  };
  // The mean of the last errors at every place, of all where there are fewer.
  const runningMean = (values, window) => {
    const sums = [0];
    for (const value of values) sums.push(sums[sums.length - 1] + value);
    return Float64Array.from(values, (_, k) => {
      const start = Math.max(0, k + 1 - window);
      return (sums[k + 1] - sums[start]) / (k + 1 - start);
    });
  };

  Object.assign(engine, {
    forgettingFactor, streamLevels, forgettingMeans, squaredErrors, lagAndTrembling, runningMean,
  });
})();
