// The bowl of a squared error with two parameters: how steep it is, and how long a walk down takes.
(() => {
  "use strict";
  const course = (globalThis.courseExplorables ??= { engine: {}, views: {} });

  // The mean squared error of xw - y, with two numbers a row in x, one row after the other.
  // curvatures: [steepest, flattest]; directions: a unit vector for each, at right angles.
  course.engine.bowl = (x, y) => {
    const n = y.length;
    const share = Math.sqrt(1 / n);
    const { cost, gradient } = course.engine.sumOfSquares(x.map((each) => each * share), y.map((each) => each * share));
    let [a, b, c] = [0, 0, 0]; // half of the second derivatives: a b, b c
    for (let row = 0; row < n; row++) {
      const [first, second] = [x[2 * row], x[2 * row + 1]];
      a += (first * first) / n;
      b += (first * second) / n;
      c += (second * second) / n;
    }
    const steepest = (a + c + Math.hypot(a - c, 2 * b)) / 2;
    // The product of both is a c - b²; the rows give it without a difference of large numbers.
    let product = 0;
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) product += (x[2 * i] * x[2 * j + 1] - x[2 * j] * x[2 * i + 1]) ** 2;
    }
    const flattest = product / (n * n) / steepest;
    const angle = Math.atan2(2 * b, a - c) / 2;
    return {
      cost, gradient,
      curvatures: [2 * steepest, 2 * flattest],
      directions: [[Math.cos(angle), Math.sin(angle)], [-Math.sin(angle), Math.cos(angle)]],
      bottom: course.engine.leastSquares(x, 2)(y),
    };
  };

  // Which share of the avoidable cost, the cost above the bottom's, is left after so many steps.
  course.engine.shareLeft = ({ curvatures, directions, bottom }, start, rate, steps) => {
    const at = (k) => curvatures.reduce((sum, curvature, i) => {
      const far = directions[i].reduce((dot, each, j) => dot + each * (start[j] - bottom[j]), 0);
      return sum + curvature * far * far * (1 - rate * curvature) ** (2 * k);
    }, 0);
    return at(steps) / at(0);
  };

  // The fewest steps after which at most this share is left; the rate must be below the border.
  course.engine.stepsUntil = (bowl, start, rate, share) => {
    let [before, after] = [-1, 1];
    while (course.engine.shareLeft(bowl, start, rate, after) > share) {
      before = after;
      after *= 2;
    }
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (course.engine.shareLeft(bowl, start, rate, middle) > share) before = middle;
      else after = middle;
    }
    return after;
  };
})();
