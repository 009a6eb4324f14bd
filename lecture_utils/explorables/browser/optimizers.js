// How a step follows from a gradient. Each optimizer changes the parameters in place.
(() => {
  "use strict";
  const course = (globalThis.courseExplorables ??= { engine: {}, views: {} });

  // As in Keras: velocity = momentum * velocity - rate * gradient.
  const momentum = (n, { momentum = 0.9 } = {}) => {
    const velocity = new Float64Array(n);
    return (parameters, gradient, rate) => {
      for (let i = 0; i < n; i++) {
        velocity[i] = momentum * velocity[i] - rate * gradient[i];
        parameters[i] += velocity[i];
      }
    };
  };

  // As in Keras: the bias of both running means is taken out of the rate, epsilon stands outside.
  const adam = (n, { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = {}) => {
    const mean = new Float64Array(n);
    const square = new Float64Array(n);
    let power1 = 1;
    let power2 = 1;
    return (parameters, gradient, rate) => {
      power1 *= beta1;
      power2 *= beta2;
      const corrected = (rate * Math.sqrt(1 - power2)) / (1 - power1);
      for (let i = 0; i < n; i++) {
        const slope = gradient[i];
        mean[i] += (1 - beta1) * (slope - mean[i]);
        square[i] += (1 - beta2) * (slope * slope - square[i]);
        parameters[i] -= (corrected * mean[i]) / (Math.sqrt(square[i]) + epsilon);
      }
    };
  };

  const sgd = (n) => (parameters, gradient, rate) => {
    for (let i = 0; i < n; i++) parameters[i] -= rate * gradient[i];
  };

  // optimizers[name](number of parameters, settings) returns step(parameters, gradient, rate).
  course.engine.optimizers = { sgd, momentum, adam };
})();
