// A few ReLU units, each a corner and an arm that a reader moves; their sum is to meet the points.
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { clamp, fill, number } = tools;
  const LOOKS = ["two", "three"];
  const SNAP = 0.1;
  const MET = 0.01; // a tenth off: as good as none, where points scatter a little
  const snap = (value) => Number((Math.round(value / SNAP) * SNAP).toFixed(6));

  views.bend = (frame, settings, words) => {
    const { points, rate, steps } = settings;
    const xs = Float64Array.from(points, ([x]) => x);
    const ys = Float64Array.from(points, ([, y]) => y);
    const [xRange, yRange] = [[-2.4, 2.4], [-1.4, 2.6]];
    // A unit is corner, and how far from it and how high its arm reaches. Without a unit: a line.
    let units = settings.units.map(([corner, reach, height]) => ({ corner, reach, height }));
    let line = { at0: settings.line[0], slope: settings.line[1] };
    let shift = 0; // the last bias of the network, which learning may move
    let shownUnits = settings.shown;

    const active = () => units.slice(0, shownUnits);
    const bent = ({ corner, reach, height }, x) =>
      (height / Math.abs(reach)) * Math.max(0, Math.sign(reach) * (x - corner));
    const arm = ({ corner, reach, height }) => [corner + reach, height];
    const sum = (x) => (shownUnits
      ? active().reduce((total, unit) => total + bent(unit, x), shift)
      : line.at0 + line.slope * x);
    const error = () => xs.reduce((total, x, k) => total + (sum(x) - ys[k]) ** 2, 0) / xs.length;

    // --- in words ---
    const term = (slope, constant) => {
      if (Math.abs(slope) < 5e-3) return number(constant, 2);
      const factor = number(slope, 2);
      const first = { 1: "x", "−1": "−x" }[factor] ?? `${factor}x`;
      if (Math.abs(constant) < 5e-3) return first;
      return `${first} ${constant < 0 ? "−" : "+"} ${number(Math.abs(constant), 2)}`;
    };
    const formula = ({ corner, reach, height }) => {
      const slope = Math.abs(height) / reach;
      return `${height < 0 ? "−" : ""}ReLU(${term(slope, -slope * corner)})`;
    };

    let panel;
    frame.picture((picture) => {
      const box = { left: 36, top: 30, width: picture.width - 50, height: picture.height - 74 };
      panel = picture.panel({ box, x: xRange, y: yRange });
      panel.axis({ x: words.input, y: words.output });
      const grid = Array.from({ length: 193 }, (_, k) => xRange[0] + (k * (xRange[1] - xRange[0])) / 192);
      points.forEach(([x, y]) => panel.line([[x, y], [x, sum(x)]], "muted dashed"));
      active().forEach((unit, k) => {
        panel.line(grid.map((x) => [x, bent(unit, x)]), `${LOOKS[k]} thin`);
      });
      panel.line(grid.map((x) => [x, sum(x)]), "one thick");
      points.forEach((point) => panel.dot(point, "ink", 4.5));
      panel.label([xRange[0], clamp(sum(xRange[0]), yRange[0] + 0.4, yRange[1] - 0.3)], shownUnits > 1 ? words.sum : "", "one", { dx: 6, dy: -9 });
      // What they compute, in the corner where the points never are.
      const lines = shownUnits ? active().map((unit, k) => [formula(unit), LOOKS[k]]) : [[term(line.slope, line.at0), "one"]];
      if (shownUnits && Math.abs(shift) >= 5e-3) lines.push([fill(words.bias, { shift }), "ink"]);
      lines.forEach(([text, look], k) => {
        panel.label([xRange[1], yRange[0]], text, look, { dx: -8, dy: -10 - 19 * (lines.length - 1 - k), anchor: "end" });
      });
      panel.label([xRange[0], yRange[0]], fill(words.error, { error: error() }), "ink", { dx: 8, dy: -10 });
      handles.forEach((handle, k) => {
        const ofLine = k >= 2 * units.length;
        handle.group.style.display = (ofLine ? !shownUnits : k < 2 * shownUnits) ? "" : "none";
      });
    });
    let before = error();
    const answer = () => {
      const now = error();
      const sides = active().map((unit) => Math.sign(unit.reach));
      const kind =
        now < MET ? (shownUnits === 2 ? "met" : "metOther")
        : !shownUnits ? "line"
        : shownUnits === 1 ? "one"
        : sides[0] === sides[1] ? (sides[0] > 0 ? "flatLeft" : "flatRight")
        : now < before - 1e-9 ? "better" : now > before + 1e-9 ? "worse" : "same";
      frame.say(fill(words[kind], { error: now, before }));
      before = now;
    };
    const changed = () => {
      running?.stop();
      frame.redraw();
      answer();
    };

    // --- points to move ---
    const handles = [];
    const pixel = ([x, y]) => {
      const { px, py } = panel.nearest(panel.x(x), panel.y(y));
      return [px, py];
    };
    units.forEach((unit, k) => {
      const name = k + 1;
      const setCorner = (x) => {
        unit.corner = snap(clamp(x, -2, 2));
        changed();
      };
      const setArm = (x, y) => {
        const reach = snap(x) - unit.corner;
        unit.reach = Math.abs(reach) < 0.3 ? 0.3 * (Math.sign(reach) || Math.sign(unit.reach)) : reach;
        unit.height = snap(clamp(y, ...yRange));
        changed();
      };
      handles.push(
        frame.shown.handle({
          name: fill(words.corner, { name }), look: LOOKS[k],
          where: () => pixel([unit.corner, 0]),
          move: (px) => setCorner(panel.at(px, 0)[0]),
          nudge: (dx, dy) => setCorner(unit.corner + (dx || dy) * SNAP),
          text: () => fill(words.cornerText, { x: unit.corner, formula: formula(unit) }),
          value: () => [unit.corner, -2, 2],
        }),
        frame.shown.handle({
          name: fill(words.arm, { name }), look: LOOKS[k], role: words.twoWays,
          where: () => pixel(arm(unit)),
          move: (px, py) => setArm(clamp(panel.at(px, py)[0], ...xRange), panel.at(px, py)[1]),
          // By keys the arm jumps over its corner: close to it, it would stand on end.
          nudge(dx, dy) {
            const over = dx && Math.abs(unit.reach + dx * SNAP) < 0.3 - 1e-9;
            const x = over ? unit.corner + Math.sign(dx) * 0.3 : unit.corner + unit.reach + dx * SNAP;
            setArm(clamp(x, ...xRange), unit.height + dy * SNAP);
          },
          text: () => fill(words.armText, { x: arm(unit)[0], y: unit.height, formula: formula(unit) }),
          value: () => [unit.height, ...yRange],
        }),
      );
    });
    const end = 1.5; // where the line is held
    const setLine = (at0, slope) => {
      line = { at0: snap(clamp(at0, ...yRange)), slope: clamp(slope, -4, 4) };
      changed();
    };
    handles.push(
      frame.shown.handle({
        name: words.at0, look: "one",
        where: () => pixel([0, line.at0]),
        move: (px, py) => setLine(panel.at(px, py)[1], line.slope),
        nudge: (dx, dy) => setLine(line.at0 + (dy || dx) * SNAP, line.slope),
        text: () => term(line.slope, line.at0),
        value: () => [line.at0, ...yRange],
      }),
      frame.shown.handle({
        name: words.lineEnd, look: "one",
        where: () => pixel([end, line.at0 + line.slope * end]),
        move: (px, py) => setLine(line.at0, (snap(clamp(panel.at(px, py)[1], ...yRange)) - line.at0) / end),
        nudge: (dx, dy) => setLine(line.at0, line.slope + ((dy || dx) * SNAP) / end),
        text: () => term(line.slope, line.at0),
        value: () => [line.slope, -4, 4],
      }),
    );

    // --- what gradient descent makes of it, from where the reader has left it ---
    let learner;
    const startLearning = () => {
      if (!shownUnits) {
        learner = engine.network([1, 1], [line.slope, line.at0], { loss: "squares" });
        return;
      }
      // |slope| = w v: shared between the layers, as a network at rest would have it.
      const shares = active().map(({ height, reach }) => Math.sqrt(Math.max(Math.abs(height / reach), 0.05)));
      const w = active().map(({ reach }, k) => Math.sign(reach) * shares[k]);
      const b = active().map(({ corner }, k) => -w[k] * corner);
      const v = active().map(({ height }, k) => (height < 0 ? -1 : 1) * shares[k]);
      learner = engine.network([1, shownUnits, 1], [...w, ...b, ...v, shift], { loss: "squares" });
    };
    const takeOver = () => {
      const p = learner.parameters;
      const n = shownUnits;
      if (!n) { line = { slope: p[0], at0: p[1] }; return; }
      active().forEach((unit, k) => {
        const [w, b, v] = [p[k], p[n + k], p[2 * n + k]];
        unit.corner = -b / w;
        unit.reach = Math.sign(w) * Math.abs(unit.reach);
        unit.height = v * Math.abs(w * unit.reach);
      });
      shift = p[3 * n];
    };

    const choices = frame.buttons([0, 1, 2].map((n) => [words[["straight", "oneUnit", "twoUnits"][n]], () => {
      shownUnits = n;
      press();
      before = error();
      changed();
    }]));
    const press = () => choices.forEach((button, n) => button.setAttribute("aria-pressed", n === shownUnits));
    const original = { units: structuredClone(units), line };
    const [learnButton] = frame.buttons([
      [words.learn, () => running.toggle()],
      [words.again, () => {
        units.forEach((unit, k) => Object.assign(unit, original.units[k]));
        line = original.line;
        shift = 0;
        running.stop();
        frame.redraw();
        before = error();
        frame.say(words.start);
      }],
    ]);
    let began;
    const running = frame.runner(learnButton, words.stop, {
      pause: 30,
      step(k) {
        if (k === 0) { startLearning(); began = error(); }
        engine.train(learner, xs, ys, { rate, steps: 4 });
        takeOver();
        frame.redraw();
        return (k + 1) * 4 < steps;
      },
      done() {
        const now = error();
        frame.say(fill(now < MET ? words.learnt : words.stuck, { steps, before: began, error: now }));
        before = now;
      },
    });
    press();
    frame.redraw();
    frame.say(words.start);
  };
})();
