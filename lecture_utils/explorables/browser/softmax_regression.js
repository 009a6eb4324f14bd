// Softmax regression with a penalty on its weights, by Newton's method: the same weights wherever
// it starts, because its loss has one lowest point.
(() => {
  "use strict";
  const { engine } = (globalThis.courseExplorables ??= { engine: {}, views: {} });
  const FREE = 1e-9; // on the biases: the loss does not change if all of them do

  // Solve a x = b for a symmetric, positive definite a, row after row in one list; a is overwritten.
  const solve = (a, b) => {
    const n = b.length;
    for (let j = 0; j < n; j++) {
      for (let i = j; i < n; i++) {
        let sum = a[i * n + j];
        for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
        a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j];
      }
    }
    const x = Float64Array.from(b);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) x[i] -= a[i * n + k] * x[k];
      x[i] /= a[i * n + i];
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) x[i] -= a[k * n + i] * x[k];
      x[i] /= a[i * n + i];
    }
    return x;
  };

  // The scores of one row of x, from weights (1 + width, classes), the bias first.
  const scoresOf = (weights, x, width, classes, row) => {
    const scores = Float64Array.from({ length: classes }, (_, k) => weights[k]);
    for (let i = 0; i < width; i++) {
      const value = x[row * width + i];
      for (let k = 0; k < classes; k++) scores[k] += value * weights[(1 + i) * classes + k];
    }
    return scores;
  };
  // The logarithm of the sum of the exponentials; with the scores turned into probabilities.
  const normalize = (scores) => {
    const top = Math.max(...scores);
    let sum = 0;
    for (let k = 0; k < scores.length; k++) sum += scores[k] = Math.exp(scores[k] - top);
    for (let k = 0; k < scores.length; k++) scores[k] /= sum;
    return Math.log(sum) + top;
  };

  // x: rows of `width` numbers, one after the other; labels: one class a row. The weights with the
  // smallest summed cross entropy plus half the penalty times their squares, without the biases.
  engine.softmaxRegression = (x, labels, { width, classes, penalty }) => {
    const size = (1 + width) * classes;
    const held = Float64Array.from({ length: size }, (_, k) => (k < classes ? FREE : penalty));
    let weights = new Float64Array(size);
    const loss = (at) => {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += (held[k] * at[k] * at[k]) / 2;
      labels.forEach((label, row) => {
        const scores = scoresOf(at, x, width, classes, row);
        const own = scores[label];
        sum += normalize(scores) - own;
      });
      return sum;
    };
    for (let step = 0; step < 100; step++) {
      const slope = weights.map((weight, k) => held[k] * weight);
      const bend = new Float64Array(size * size);
      for (let k = 0; k < size; k++) bend[k * size + k] = held[k];
      const full = new Float64Array(1 + width);
      labels.forEach((label, row) => {
        const p = scoresOf(weights, x, width, classes, row);
        normalize(p);
        full[0] = 1;
        full.set(x.subarray(row * width, (row + 1) * width), 1);
        for (let i = 0; i <= width; i++) {
          for (let k = 0; k < classes; k++) {
            const at = i * classes + k;
            slope[at] += full[i] * (p[k] - (k === label));
            for (let j = 0; j <= width; j++) {
              const both = full[i] * full[j] * p[k];
              const from = at * size + j * classes;
              bend[from + k] += both;
              for (let l = 0; l < classes; l++) bend[from + l] -= both * p[l];
            }
          }
        }
      });
      const direction = solve(bend, slope);
      const moved = (share) => weights.map((weight, k) => weight - share * direction[k]);
      const now = loss(weights);
      let share = 1;
      while (share > 1e-4 && loss(moved(share)) > now) share /= 2;
      weights = moved(share);
      if (Math.max(...direction.map(Math.abs)) < 1e-10) break;
    }
    return weights;
  };

  // The most likely class of every row.
  engine.softmaxAnswers = (weights, x, { width, classes }) =>
    Array.from({ length: x.length / width }, (_, row) => {
      const scores = scoresOf(weights, x, width, classes, row);
      return scores.indexOf(Math.max(...scores));
    });
})();
