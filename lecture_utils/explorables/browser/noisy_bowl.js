// Gradient descent in a bowl whose slope is measured with noise. Draws are given: nothing is random.
(() => {
  "use strict";
  const { engine } = (globalThis.courseExplorables ??= { engine: {}, views: {} });

  const total = (curvature, squares) =>
    curvature.reduce((sum, lambda, i) => sum + (lambda * squares[i]) / 2, 0);

  // The cost ½ Σ λw² at the start and after each update. draws: one for each update and direction.
  engine.noisyDescent = ({ curvature, start, noise, rates, draws }) => {
    const n = curvature.length;
    let k = 0;
    const gradient = (w) => w.map((value, i) => curvature[i] * value + noise * draws[k * n + i]);
    const step = engine.optimizers.sgd(n);
    const path = engine.descend(gradient, start, rates, rates.length, (...given) => {
      step(...given);
      k += 1;
    });
    return Float64Array.from({ length: rates.length + 1 }, (_, at) =>
      total(curvature, path.subarray(at * n, (at + 1) * n).map((w) => w * w)));
  };

  // The same cost, averaged over all noise, in two parts: the way that is left, and the trembling.
  engine.noisyDescentOnAverage = ({ curvature, start, noise, rates }) => {
    const way = new Float64Array(rates.length + 1);
    const trembling = new Float64Array(rates.length + 1);
    const mean = Float64Array.from(start);
    const variance = new Float64Array(start.length);
    way[0] = total(curvature, mean.map((w) => w * w));
    for (let k = 0; k < rates.length; k++) {
      curvature.forEach((lambda, i) => {
        const factor = 1 - rates[k] * lambda;
        mean[i] *= factor;
        variance[i] = factor * factor * variance[i] + (rates[k] * noise) ** 2;
      });
      way[k + 1] = total(curvature, mean.map((w) => w * w));
      trembling[k + 1] = total(curvature, variance);
    }
    return { way, trembling };
  };
})();
