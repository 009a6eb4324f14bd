// Least squares and ridge regression, by Householder reflections: stable where the columns are
// nearly dependent, as high powers are.
(() => {
  "use strict";
  const course = (globalThis.courseExplorables ??= { engine: {}, views: {} });

  // Columns 1, x, x², ..., row by row.
  course.engine.powers = (x, degree) => {
    const columns = degree + 1;
    const table = new Float64Array(x.length * columns);
    for (let row = 0; row < x.length; row++) {
      let power = 1;
      for (let k = 0; k < columns; k++, power *= x[row]) table[row * columns + k] = power;
    }
    return table;
  };

  // What the polynomial with these weights, the constant first, is at x.
  course.engine.polynomial = (weights, x) => {
    let sum = 0;
    for (let k = weights.length - 1; k >= 0; k--) sum = sum * x + weights[k];
    return sum;
  };

  // Return solve(y), the coefficients with the smallest |table · coefficients - y|² + ridge · |coefficients|².
  // table: rows of as many columns, one row after the other; at least as many rows, or a ridge.
  // free: how many of the first columns the ridge leaves alone.
  course.engine.leastSquares = (table, columns, { ridge = 0, free = 0 } = {}) => {
    const rows = table.length / columns;
    const all = rows + (ridge > 0 ? columns : 0);
    const a = new Float64Array(all * columns);
    a.set(table);
    for (let k = free; k < columns && ridge > 0; k++) a[(rows + k) * columns + k] = Math.sqrt(ridge);
    // Column by column: a reflection that leaves zeros below the diagonal. It is kept there.
    const diagonal = new Float64Array(columns);
    const reflect = (k, target, width, column) => {
      let dot = 0;
      for (let i = k; i < all; i++) dot += a[i * columns + k] * target[i * width + column];
      for (let i = k; i < all; i++) target[i * width + column] -= dot * a[i * columns + k];
    };
    for (let k = 0; k < columns; k++) {
      let norm = 0;
      for (let i = k; i < all; i++) norm = Math.hypot(norm, a[i * columns + k]);
      diagonal[k] = a[k * columns + k] > 0 ? -norm : norm;
      a[k * columns + k] -= diagonal[k];
      let length = 0;
      for (let i = k; i < all; i++) length += a[i * columns + k] ** 2;
      const scale = Math.sqrt(length / 2) || 1; // then the reflection is I - v vᵀ
      for (let i = k; i < all; i++) a[i * columns + k] /= scale;
      for (let column = k + 1; column < columns; column++) reflect(k, a, columns, column);
    }
    return (y) => {
      const right = new Float64Array(all);
      right.set(y);
      for (let k = 0; k < columns; k++) reflect(k, right, 1, 0);
      const coefficients = new Float64Array(columns);
      for (let k = columns - 1; k >= 0; k--) {
        let rest = right[k];
        for (let j = k + 1; j < columns; j++) rest -= a[k * columns + j] * coefficients[j];
        coefficients[k] = rest / diagonal[k];
      }
      return coefficients;
    };
  };
})();
