// Gradient descent in one, two or many parameters.
(() => {
  "use strict";
  const course = (globalThis.courseExplorables ??= { engine: {}, views: {} });

  // The sum of the squares of xw - y. x: n rows of as many numbers as w has, one after the other.
  course.engine.sumOfSquares = (x, y) => {
    const nParameters = x.length / y.length;
    const errors = (w) => {
      const off = new Float64Array(y.length);
      for (let row = 0; row < y.length; row++) {
        off[row] = -y[row];
        for (let i = 0; i < nParameters; i++) off[row] += x[row * nParameters + i] * w[i];
      }
      return off;
    };
    return {
      cost: (w) => errors(w).reduce((sum, off) => sum + off * off, 0),
      gradient: (w) => {
        const slopes = new Float64Array(nParameters);
        errors(w).forEach((off, row) => {
          for (let i = 0; i < nParameters; i++) slopes[i] += 2 * off * x[row * nParameters + i];
        });
        return slopes;
      },
    };
  };

  // All places from the start on, one after the other: (steps + 1) times the parameters.
  // rate: one for all steps, or a list with the rate of every step.
  course.engine.descend = (gradient, start, rate, steps, step = null) => {
    const n = start.length;
    const take = step ?? course.engine.optimizers.sgd(n);
    const path = new Float64Array((steps + 1) * n);
    const here = Float64Array.from(start);
    path.set(here);
    for (let k = 0; k < steps; k++) {
      take(here, gradient(here), rate.length ? rate[k] : rate);
      path.set(here, (k + 1) * n);
    }
    return path;
  };
})();
