// A script that forecasts tomorrow's sales from tonight's row, and the bugs that it may have: as
// lecture_utils/studies/ice_cream.py, which says what each of them does.
(() => {
  "use strict";
  const { engine } = (globalThis.courseExplorables ??= { engine: {}, views: {} });

  const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const column = (rows, k) => rows.map((row) => row[k]);
  const rmse = (forecast, truth) => Math.sqrt(average(truth.map((value, i) => (forecast[i] - value) ** 2)));

  // Rows with null in the gaps: the value of the row before, or a given one.
  const lastKnown = (days) => {
    const filled = [];
    days.forEach((row, i) => filled.push(row.map((cell, k) => cell ?? filled[i - 1][k])));
    return filled;
  };
  const fillWith = (days, value) => days.map((row) => row.map((cell) => cell ?? value));

  // Mean and standard deviation (divisor n) of each column, and the rows brought to 0 and 1 by them.
  const standardizer = (rows) => {
    const means = rows[0].map((_, k) => average(column(rows, k)));
    const deviations = means.map((mean, k) => Math.sqrt(average(column(rows, k).map((cell) => (cell - mean) ** 2))));
    return (row) => row.map((cell, k) => (cell - means[k]) / deviations[k]);
  };

  // Gradient descent from zeros on half the mean squared error of a linear model with a bias.
  const fitByDescent = (x, y, { rate, steps }) => {
    const w = x[0].map(() => 0);
    let b = 0;
    const predict = (row) => row.reduce((sum, cell, k) => sum + cell * w[k], b);
    const losses = [];
    for (let step = 0; step < steps; step++) {
      const errors = x.map((row, i) => predict(row) - y[i]);
      losses.push(average(errors.map((error) => error * error)));
      const slopes = w.map((_, k) => average(errors.map((error, i) => error * x[i][k])));
      slopes.forEach((slope, k) => { w[k] -= rate * slope; });
      b -= rate * average(errors);
    }
    return { losses, predict, weights: [...w, b] };
  };

  // bugs: a set of "gaps", "target", "scaler", "pairs", "prediction".
  engine.forecastScript = ({ days, later, order, train, sentinel, rate, steps }, bugs) => {
    const table = bugs.has("gaps") ? fillWith(days, sentinel) : lastKnown(days);
    const sold = column(table, table[0].length - 1);
    const known = table.slice(0, -1);
    const y = bugs.has("target") ? sold.slice(0, -1) : sold.slice(1);
    const standardize = standardizer(bugs.has("scaler") ? known : known.slice(0, train));
    const x = known.map(standardize);
    const mixed = (values) => order.map((i) => values[i]);
    const targets = y.slice(0, train);
    const { losses, predict, weights } = fitByDescent(
      mixed(x), bugs.has("pairs") ? targets : mixed(targets), { rate, steps },
    );
    const mean = average(targets);
    const tonight = later.slice(0, -1);
    const today = column(tonight, tonight[0].length - 1);
    const truth = column(later.slice(1), later[0].length - 1);
    const forecasts = tonight.map((row) => predict(bugs.has("prediction") ? row : standardize(row)));
    return {
      losses, weights, forecasts, sold: truth,
      report: rmse(x.slice(train).map(predict), y.slice(train)),
      meanError: rmse(y.slice(train).map(() => mean), y.slice(train)),
      meanLoss: average(targets.map((value) => (value - mean) ** 2)),
      inUse: rmse(forecasts, truth),
      sameError: rmse(today, truth),
    };
  };
})();
