// A polynomial through points that can be dragged. A penalty on its weights calms it: the curve,
// the sizes of the weights, and the error on new points, for each strength that is tried.
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { clamp, fill, number } = tools;
  const SNAP = 0.02;

  views.ridge = (frame, settings, words) => {
    const { degree, strengths, others, height, noise, sizes, errors } = settings;
    const columns = Array.from({ length: degree }, (_, k) => k + 1);
    const grid = Float64Array.from({ length: 201 }, (_, k) => -1 + k / 100);
    const truth = (x) => Math.sin(Math.PI * x);
    const copy = (points) => points.map((point) => [...point]);
    let points = copy(settings.points);
    let original = settings.points;
    let nextSet = 0;
    let position = settings.start;
    let newShown = false;
    const strength = () => strengths[position];
    const tried = new Map(); // position: [error on the points, error on new points]

    let weights, curve, length;
    const fit = () => {
      const xs = points.map(([x]) => x);
      const table = engine.powers(xs, degree);
      const solve = engine.leastSquares(table, degree + 1, { ridge: strength(), free: 1 });
      weights = solve(points.map(([, y]) => y));
      curve = grid.map((x) => engine.polynomial(weights, x));
      length = Math.hypot(...weights.subarray(1));
      const off = (judges) =>
        engine.mean(judges.map(([x, y]) => (engine.polynomial(weights, x) - y) ** 2));
      tried.set(position, [off(points), off(settings.new_points)]);
    };
    const best = () => [...tried.keys()].reduce((a, b) => (tried.get(b)[1] < tried.get(a)[1] ? b : a));

    let panel;
    frame.picture((picture) => {
      const { narrow, width, height: tall } = picture;
      const split = 0.55 * width;
      const cut = narrow ? 0.56 * tall : tall;
      const boxes = narrow
        ? [{ left: 30, top: 30, width: width - 40, height: cut - 74 },
          { left: 34, top: cut + 46, width: 0.42 * width - 34, height: tall - cut - 90 },
          { left: 0.42 * width + 44, top: cut + 46, width: 0.58 * width - 54, height: tall - cut - 90 }]
        : [{ left: 32, top: 30, width: split - 40, height: tall - 74 },
          { left: split + 48, top: 30, width: width - split - 58, height: 0.43 * tall - 74 },
          { left: split + 48, top: 0.43 * tall + 52, width: width - split - 58, height: 0.57 * tall - 96 }];
      // --- the curve ---
      panel = picture.panel({ box: boxes[0], x: [-1.05, 1.05], y: [-height, height] });
      panel.axis({ x: "x", y: "y" });
      if (newShown) settings.new_points.forEach((point) => panel.dot(point, "two faint", 2.5));
      panel.line(Array.from(grid, (x) => [x, truth(x)]), "ink dashed thick");
      panel.line(Array.from(grid, (x, k) => [x, curve[k]]), "one thick");
      panel.label([0.3, truth(0.3)], words.truth, "ink", { dx: -8, dy: -22, anchor: "end" });
      panel.label([-1.05, height], fill(words.strength, { strength: strength() }), "one", { dx: 8, dy: 20 });
      // Where the curve leaves the picture, on either half: how far it goes.
      [[0, 100], [101, 200]].forEach(([from, to]) => {
        let worst = from;
        for (let k = from; k <= to; k++) if (Math.abs(curve[k]) > Math.abs(curve[worst])) worst = k;
        panel.leave([grid[worst], curve[worst]], number(curve[worst], 2), "one", curve[worst] > 0 ? 24 : -12);
      });
      // --- the sizes of the weights ---
      const [smallest, largest] = sizes;
      const bars = picture.panel({ box: boxes[1], x: [0.4, degree + 0.6], y: sizes, log: { y: true } });
      bars.axis({ x: words.power, xTicks: narrow ? [1, 5, 9].filter((k) => k <= degree) : columns, yTicks: [0.01, 1, 100] });
      columns.forEach((k) => {
        const size = Math.abs(weights[k]);
        bars.line([[k, smallest], [k, clamp(size, smallest, largest)]], "three bar");
        if (size > largest) bars.up(k, "three");
      });
      bars.label([0.4, largest], fill(words[narrow ? "lengthShort" : "length"], { length }), "three", { dx: narrow ? -24 : 0, dy: -10 });
      // --- the errors ---
      const last = strengths.length - 1;
      const judged = picture.panel({ box: boxes[2], x: [-0.7, last + 0.7], y: errors, log: { y: true } });
      const ticks = strengths.map((_, k) => k).filter((k) => (narrow ? k % 8 === 1 : k % 4 === 1));
      judged.axis({
        x: words.strengthAxis, xTicks: ticks, yTicks: [0.01, 0.1, 1, 10],
        xText: (k) => number(strengths[k]).replace("1 × ", ""),
      });
      judged.line([[-0.7, noise ** 2], [last + 0.7, noise ** 2]], "muted dashed");
      judged.label([last + 0.7, noise ** 2], words.noise, "muted", { dx: -4, dy: 15, anchor: "end" });
      const looks = ["ink", "two"];
      strengths.slice(1).forEach((_, k) => { // between neighbours only
        if (!tried.has(k) || !tried.has(k + 1)) return;
        looks.forEach((look, who) => {
          judged.line([k, k + 1].map((at) => [at, tried.get(at)[who]]), `${look} thin faint`);
        });
      });
      tried.forEach((pair, at) => pair.forEach((value, who) => {
        if (value > errors[1]) { if (at !== position) judged.up(at, looks[who]); }
        else judged.dot([at, clamp(value, ...errors)], looks[who], at === position ? 6 : 3);
      }));
      ["onPoints", "onNew"].forEach((name, who) => {
        const value = tried.get(position)[who];
        if (value > errors[1]) judged.up(position, looks[who]);
        const text = narrow
          ? fill(words[`${name}Short`], { value: number(value, 2) })
          : fill(words[name], { value });
        judged.label([-0.7, errors[1]], text, looks[who], { dy: -27 + 17 * who });
      });
    });

    // --- what a reader did ---
    const answerStrength = () => {
      const [onPoints, onNew] = tried.get(position);
      const at = best();
      const values = { strength: strength(), onPoints, onNew, length, best: strengths[at], bestNew: tried.get(at)[1] };
      const kind =
        strength() === 0 ? "none"
        : at === position ? "lowest"
        : onNew < 1.15 * values.bestNew ? "asGood" : position < at ? "tooWeak" : "tooStrong";
      frame.say(fill(words[kind], values));
    };
    const show = () => { fit(); frame.redraw(); };

    let reference; // the point and the curve before it was moved
    const begin = (k) => { reference = { point: [...points[k]], curve: [...curve] }; };
    const moveTo = (k, x, y) => {
      running.stop();
      const tidy = (value) => Number((Math.round(value / SNAP) * SNAP).toFixed(6));
      points[k] = [tidy(clamp(x, -1, 1)), tidy(clamp(y, -height, height))];
      tried.clear(); // other points, other errors
      show();
      const by = Math.hypot(points[k][0] - reference.point[0], points[k][1] - reference.point[1]);
      let at = 0;
      const change = (j) => Math.abs(curve[j] - reference.curve[j]);
      curve.forEach((_, j) => { if (change(j) > change(at)) at = j; });
      const times = by ? change(at) / by : 0;
      const kind = !by ? "back" : times > 3 ? "swings" : times > 1 ? "follows" : "calm";
      frame.say(fill(words[kind], { k: k + 1, by, times, most: change(at), x: grid[at], strength: strength() }));
    };
    points.forEach((_, k) => {
      const handle = frame.shown.handle({
        name: fill(words.point, { k: k + 1 }), look: "ink", role: words.twoWays, size: 0.6,
        where: () => [panel.x(points[k][0]), panel.y(clamp(points[k][1], -height, height))],
        move: (px, py) => moveTo(k, ...panel.at(px, py)),
        nudge: (dx, dy) => {
          begin(k);
          moveTo(k, clamp(points[k][0] + dx * SNAP, -1, 1), clamp(points[k][1] + dy * SNAP, -height, height));
        },
        text: () => fill(words.spoken, { x: points[k][0], y: points[k][1] }),
        value: () => [points[k][1], -height, height],
      });
      handle.group.addEventListener("pointerdown", () => begin(k), { capture: true });
    });

    const setPosition = (value) => { position = value; show(); };
    const slider = frame.slider({
      label: words.penalty, min: 0, max: strengths.length - 1, step: 1, value: position,
      text: (k) => number(strengths[k]),
      change(value) { running.stop(); setPosition(value); answerStrength(); },
    });
    const restart = (set) => {
      running.stop();
      original = set;
      points = copy(set);
      tried.clear();
      show();
    };
    const [allButton, , newButton] = frame.buttons([
      [words.all, () => running.toggle()],
      [fill(words.another, { n: points.length }), () => {
        restart(others[nextSet++ % others.length]);
        frame.say(fill(words.others, { n: points.length, strength: strength(), onNew: tried.get(position)[1] }));
      }],
      [words.showNew, () => {
        newShown = !newShown;
        newButton.setAttribute("aria-pressed", newShown);
        frame.redraw();
        frame.say(fill(words[newShown ? "newShown" : "newHidden"], { n: settings.new_points.length }));
      }],
      [words.again, () => {
        restart(settings.points);
        setPosition(settings.start);
        slider.set(position);
        frame.say(fill(words.start, { strength: strength() }));
      }],
    ]);
    newButton.setAttribute("aria-pressed", false);
    const running = frame.runner(allButton, words.stop, {
      pause: 160,
      step(k) {
        setPosition(k);
        slider.set(k);
        return k + 1 < strengths.length;
      },
      done() {
        setPosition(best());
        slider.set(position);
        frame.say(fill(words.valley, { best: strength(), bestNew: tried.get(position)[1] }));
      },
    });
    show();
    frame.say(fill(words.start, { strength: strength() }));
  };
})();
