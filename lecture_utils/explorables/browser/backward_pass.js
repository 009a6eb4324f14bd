// One day through two ReLU units, and the slopes of its cost back along the same ways.
(() => {
  "use strict";
  const course = (globalThis.courseExplorables ??= { engine: {}, views: {} });

  // parameters: w1, b1, w2, b2, v1, v2, c. Values and slopes by the names of the places; gradient
  // in the order of the parameters.
  course.engine.backwardPass = (input, target, [w1, b1, w2, b2, v1, v2, c]) => {
    const [z1, z2] = [w1 * input + b1, w2 * input + b2];
    const [h1, h2] = [Math.max(z1, 0), Math.max(z2, 0)];
    const prediction = v1 * h1 + v2 * h2 + c;
    const miss = 2 * (prediction - target);
    const [through1, through2] = [miss * v1, miss * v2];
    const [bent1, bent2] = [z1 > 0 ? through1 : 0, z2 > 0 ? through2 : 0];
    return {
      values: { x: input, z1, z2, h1, h2, prediction, cost: (prediction - target) ** 2 },
      slopes: {
        x: bent1 * w1 + bent2 * w2, z1: bent1, z2: bent2, h1: through1, h2: through2,
        prediction: miss, cost: 1,
      },
      gradient: [bent1 * input, bent1, bent2 * input, bent2, miss * h1, miss * h2, miss],
    };
  };
})();
