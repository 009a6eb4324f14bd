// One polynomial, fitted to one set of rows after the other: how far is the mean of the fits from
// the truth (bias), and how far are the fits from their mean (spread)?
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { fill, number } = tools;

  // The draws of NumPy travel as 16-bit numbers, in base64.
  const unpack = (text, step) => {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return Float64Array.from(new Int16Array(bytes.buffer), (value) => value * step);
  };

  views.another_20_rows = (frame, settings, words) => {
    const { rows, degrees, noises, height } = settings;
    const draws = unpack(settings.draws, settings.draw_step);
    const sets = draws.length / rows;
    const truth = (x) => Math.sin(4 * x + 1);
    const xs = Float64Array.from({ length: rows }, (_, k) => -1 + (2 * k) / (rows - 1));
    const grid = Float64Array.from({ length: 81 }, (_, k) => -1 + k / 40);
    const truths = Array.from(grid, truth);
    let { degree, noise } = settings;
    let shown = 1; // sets of rows so far

    const targets = (set) => xs.map((x, row) => truth(x) + noise * draws[set * rows + row]);
    let fits, mean, spread, bias2, variance;
    const fitAll = () => {
      const solve = engine.leastSquares(engine.powers(xs, degree), degree + 1);
      const table = engine.powers(grid, degree);
      fits = Array.from({ length: shown }, (_, set) => {
        const theta = solve(targets(set));
        return grid.map((_, k) => theta.reduce((sum, each, j) => sum + each * table[k * (degree + 1) + j], 0));
      });
      mean = grid.map((_, k) => fits.reduce((sum, fit) => sum + fit[k], 0) / shown);
      const squared = grid.map((_, k) => fits.reduce((sum, fit) => sum + (fit[k] - mean[k]) ** 2, 0) / shown);
      spread = squared.map(Math.sqrt);
      const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
      bias2 = average(mean.map((value, k) => (value - truths[k]) ** 2));
      variance = average(squared);
    };

    frame.picture((picture) => {
      const { narrow, width } = picture;
      const top = narrow ? 72 : 50;
      const panel = picture.panel({
        box: { left: 34, top, width: width - 48, height: picture.height - top - 44 },
        x: [-1.05, 1.05], y: [-height, height],
      });
      panel.axis({ x: "x", y: "y" });
      const points = (values) => Array.from(grid, (x, k) => [x, values[k]]);
      const newest = shown - 1;
      fits.slice(0, newest).forEach((fit) => panel.line(points(fit), "one pile"));
      targets(newest).forEach((y, row) => {
        panel.dot([xs[row], y], "muted", 3);
        panel.leave([xs[row], y], number(y, 2), "muted");
      });
      panel.line(points(truths), "ink dashed thick");
      panel.line(points(fits[newest]), "one");
      if (shown > 1) panel.line(points(mean), "two thick");
      // Bias: from the truth to the mean. Spread: one standard deviation to each side of the mean.
      if (shown > 2) {
        for (let k = 8; k <= 72; k += 16) {
          const x = grid[k];
          panel.arrow([x, truths[k]], [x, mean[k]], "two");
          const place = grid[k + 4];
          panel.bar([place, mean[k + 4] - spread[k + 4]], [place, mean[k + 4] + spread[k + 4]], "three");
        }
      }
      // What leaves the picture: the farthest on either side.
      [[0, 40], [41, 80]].forEach(([from, to]) => {
        let worst = [grid[from], 0];
        fits.forEach((fit) => {
          for (let k = from; k <= to; k++) if (Math.abs(fit[k]) > Math.abs(worst[1])) worst = [grid[k], fit[k]];
        });
        panel.leave(worst, number(worst[1], 2), "one", worst[1] > 0 ? 24 : -12);
      });
      // The three parts, above; each in its colour.
      const parts = [
        [fill(words.bias, { value: bias2 }), "two"],
        [fill(words.variance, { value: variance }), "three"],
        [fill(words.noisePart, { value: noise * noise }), "muted"],
      ];
      const place = narrow ? (k) => [12, -top + 16 + 19 * k] : (k) => [12 + ((width - 60) * k) / 3, -top + 18];
      parts.forEach(([text, look], k) => {
        const [dx, dy] = place(k);
        if (k === 2 || shown > 2) panel.label([-1.05, height], text, look, { dx, dy });
      });
      panel.label([0, -height], fill(words[shown === 1 ? "oneSet" : "manySets"], { shown }), "one", { dy: -10, anchor: "middle" });
      const k = 50;
      if (shown > 1) panel.label([grid[64], mean[64]], words.mean, "two", { dx: 8, dy: -12 });
      panel.label([grid[k], truths[k]], words.truth, "ink", { dx: 4, dy: truths[k] > 0 ? -14 : 24 });
    });

    const answer = () => {
      if (shown <= 2) {
        frame.say(fill(words.few, { degree, noise }));
        return;
      }
      const noise2 = noise * noise;
      const small = 0.1 * noise2 + 0.005;
      const kind =
        bias2 > 2 * variance && bias2 > small ? "tooSimple"
        : variance > 2 * bias2 && variance > 0.5 * noise2 + 0.005 ? "tooFlexible"
        : bias2 <= small && variance <= 0.5 * noise2 + 0.005 ? "good" : "both";
      frame.say(fill(words[kind], { degree, shown, bias: bias2, variance, sum: bias2 + variance + noise2 }));
    };
    const show = () => {
      fitAll();
      frame.redraw();
    };
    frame.slider({
      label: words.degree, min: degrees[0], max: degrees[1], step: 1, value: degree,
      change(value) { running.stop(); degree = value; show(); answer(); },
    });
    frame.slider({
      label: words.noise, min: noises[0], max: noises[1], step: noises[2], value: noise,
      change(value) { running.stop(); noise = value; show(); answer(); },
    });
    const add = () => {
      shown = Math.min(sets, shown + 1);
      show();
    };
    const [, manyButton] = frame.buttons([
      [fill(words.another, { rows }), () => { running.stop(); add(); answer(); }],
      [words.many, () => running.toggle()],
      [words.again, () => { running.stop(); shown = 1; show(); frame.say(fill(words.start, { rows })); }],
    ]);
    const running = frame.runner(manyButton, words.stop, {
      pause: 120,
      step(k) { add(); return k + 1 < 20 && shown < sets; },
      done() { if (shown === sets) frame.say(fill(words.noMore, { shown })); else answer(); },
    });
    show();
    frame.say(fill(words.start, { rows }));
  };
})();
