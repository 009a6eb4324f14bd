// Attention of one query: dot products with the keys, a softmax, a weighted mean of the values.
(() => {
  "use strict";
  const course = (globalThis.courseExplorables ??= { engine: {}, views: {} });
  const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);

  course.engine.attention = (query, keys, values) => {
    const scores = keys.map((key) => dot(query, key) / Math.sqrt(query.length));
    const largest = Math.max(...scores);
    const powers = scores.map((score) => Math.exp(score - largest));
    const total = powers.reduce((sum, power) => sum + power, 0);
    const weights = powers.map((power) => power / total);
    const mixed = values[0].map((_, k) => dot(weights, values.map((value) => value[k])));
    return { scores, weights, mixed };
  };
})();
