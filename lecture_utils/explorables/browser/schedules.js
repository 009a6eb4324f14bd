// Learning rate schedules: functions of the updates done so far, with the names and the settings of
// lecture_utils.schedules.
(() => {
  "use strict";
  const course = (globalThis.courseExplorables ??= { engine: {}, views: {} });

  const polynomial = (progress, { initial_rate, end_rate, power = 1 }) =>
    (initial_rate - end_rate) * (1 - progress) ** power + end_rate;

  const schedules = {
    constant: (step, { rate }) => rate,
    exponential_decay: (step, { initial_rate, decay_rate, decay_steps }) =>
      initial_rate * decay_rate ** (step / decay_steps),
    step_decay: (step, { initial_rate, decay_rate, decay_steps }) =>
      initial_rate * decay_rate ** Math.floor(step / decay_steps),
    natural_exponential_decay: (step, { initial_rate, decay_constant }) =>
      initial_rate * Math.exp(-decay_constant * step),
    inverse_time_decay: (step, { initial_rate, decay_rate, decay_steps }) =>
      initial_rate / (1 + (decay_rate * step) / decay_steps),
    inverse_time_steps: (step, { initial_rate, decay_rate, decay_steps }) =>
      initial_rate / (1 + decay_rate * Math.floor(step / decay_steps)),
    piecewise_constant: (step, { boundaries, rates }) =>
      rates[boundaries.filter((boundary) => boundary < step).length],
    polynomial_decay: (step, settings) =>
      polynomial(Math.min(step / settings.decay_steps, 1), settings),
    polynomial_cycles: (step, settings) =>
      polynomial(step / (settings.decay_steps * Math.max(Math.ceil(step / settings.decay_steps), 1)), settings),
    cosine_decay: (step, { initial_rate, decay_steps, end_fraction = 0 }) => {
      const wave = (1 + Math.cos(Math.PI * Math.min(step / decay_steps, 1))) / 2;
      return initial_rate * (end_fraction + (1 - end_fraction) * wave);
    },
    // schedule: the name of the one that follows; its settings stand beside it.
    linear_warmup: (step, { schedule, warmup_steps, start_rate = 0, ...settings }) => {
      const follow = (k) => schedules[schedule](k, settings);
      return step < warmup_steps
        ? start_rate + ((follow(0) - start_rate) * step) / warmup_steps
        : follow(step - warmup_steps);
    },
  };
  course.engine.schedules = schedules;
})();
