// Dense layers with ReLU between them, trained on a softmax with cross entropy or on squares.
(() => {
  "use strict";
  const course = (globalThis.courseExplorables ??= { engine: {}, views: {} });

  // The loss of one batch of outputs, its derivative in their place. labels: one class a row.
  const crossEntropy = (outputs, labels, rows, outs) => {
    let loss = 0;
    for (let r = 0; r < rows.length; r++) {
      const from = r * outs;
      let largest = -Infinity; // subtracted, so that no exponential overflows
      for (let k = 0; k < outs; k++) largest = Math.max(largest, outputs[from + k]);
      let sum = 0;
      for (let k = 0; k < outs; k++) sum += Math.exp(outputs[from + k] - largest);
      const label = labels[rows[r]];
      loss += Math.log(sum) + largest - outputs[from + label];
      for (let k = 0; k < outs; k++) {
        const probability = Math.exp(outputs[from + k] - largest) / sum;
        outputs[from + k] = (probability - (k === label)) / rows.length;
      }
    }
    return loss / rows.length;
  };
  // targets: as many numbers a row as there are outputs. The mean over rows and outputs.
  const squares = (outputs, targets, rows, outs) => {
    let loss = 0;
    const n = rows.length * outs;
    for (let r = 0; r < rows.length; r++) {
      for (let k = 0; k < outs; k++) {
        const off = outputs[r * outs + k] - targets[rows[r] * outs + k];
        loss += off * off;
        outputs[r * outs + k] = (2 * off) / n;
      }
    }
    return loss / n;
  };

  // sizes: features, hidden units, outputs. initial: the kernel (inputs by outputs) and the bias of
  // each layer in turn, as Keras' get_weights has them, all numbers in one list.
  course.engine.network = (sizes, initial, { loss = "softmax" } = {}) => {
    const judge = { softmax: crossEntropy, squares }[loss];
    const parameters = Float64Array.from(initial);
    const gradient = new Float64Array(parameters.length);
    const layers = [];
    let at = 0;
    for (let l = 0; l + 1 < sizes.length; l++) {
      const [inputs, outs] = [sizes[l], sizes[l + 1]];
      const parts = (array) => ({
        kernel: array.subarray(at, at + inputs * outs),
        bias: array.subarray(at + inputs * outs, at + (inputs + 1) * outs),
      });
      layers.push({ inputs, outs, now: parts(parameters), slope: parts(gradient) });
      at += (inputs + 1) * outs;
    }
    let values = []; // of each layer, the inputs first; row after row
    const room = (nRows) => {
      if (values[0]?.length !== nRows * sizes[0]) {
        values = sizes.map((size) => new Float64Array(nRows * size));
      }
    };
    const all = (x) => Uint32Array.from({ length: x.length / sizes[0] }, (_, row) => row);

    // Outputs of the rows of x that `rows` lists; all of them without it.
    const forward = (x, rows = all(x)) => {
      room(rows.length);
      for (let r = 0; r < rows.length; r++) {
        const from = rows[r] * sizes[0];
        values[0].set(x.subarray(from, from + sizes[0]), r * sizes[0]);
      }
      layers.forEach(({ inputs, outs, now }, l) => {
        const [input, output] = [values[l], values[l + 1]];
        for (let r = 0; r < rows.length; r++) {
          output.set(now.bias, r * outs);
          for (let i = 0; i < inputs; i++) {
            const value = input[r * inputs + i];
            if (value === 0) continue; // half of a picture is black
            for (let k = 0; k < outs; k++) output[r * outs + k] += value * now.kernel[i * outs + k];
          }
        }
        if (l + 1 < layers.length) {
          for (let j = 0; j < output.length; j++) if (output[j] < 0) output[j] = 0; // NaN stays
        }
      });
      return values[layers.length];
    };

    // The loss over the rows; `gradient` then holds its derivatives.
    const lossAndGradient = (x, answers, rows = all(x)) => {
      forward(x, rows);
      const value = judge(values[layers.length], answers, rows, sizes[layers.length]);
      gradient.fill(0);
      for (let l = layers.length - 1; l >= 0; l--) {
        const { inputs, outs, now, slope } = layers[l];
        const [input, error] = [values[l], values[l + 1]];
        for (let r = 0; r < rows.length; r++) {
          const from = r * outs;
          for (let k = 0; k < outs; k++) slope.bias[k] += error[from + k];
          for (let i = 0; i < inputs; i++) {
            const value = input[r * inputs + i];
            if (value === 0) continue; // no slope, and none passes a unit that is off
            let back = 0;
            for (let k = 0; k < outs; k++) {
              slope.kernel[i * outs + k] += value * error[from + k];
              back += error[from + k] * now.kernel[i * outs + k];
            }
            if (l > 0) input[r * inputs + i] = back; // the value is not needed any more
          }
        }
      }
      return value;
    };
    return { sizes, parameters, gradient, forward, lossAndGradient };
  };

  // Take steps; return the loss before each, and at the end. rate: one, or one a step. batches: for
  // each step the rows that it sees; without it all of them.
  course.engine.train = (network, x, answers, { rate, steps, optimizer = null, batches = null }) => {
    const step = optimizer ?? course.engine.optimizers.sgd(network.parameters.length);
    const losses = new Float64Array(steps + 1);
    for (let k = 0; k < steps; k++) {
      losses[k] = network.lossAndGradient(x, answers, batches?.[k]);
      step(network.parameters, network.gradient, rate.length ? rate[k] : rate);
    }
    losses[steps] = network.lossAndGradient(x, answers);
    return losses;
  };
})();
