// Draw the rate of every update; a run with it races one with a constant rate, both with the same
// noise. Thin lines are one race, thick ones the average over all noise.
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { clamp, fill, number, shape } = tools;

  // The draws of NumPy travel as 16-bit numbers, in base64.
  const unpack = (text, step) => {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return Float64Array.from(new Int16Array(bytes.buffer), (value) => value * step);
  };

  const short = (value) => (value < 5e-5 ? "0" : number(value, 2));

  views.schedule_race = (frame, settings, words) => {
    const { curvature, start, steps, rates: [low, high], presets, costs: [bottom, top], noises } = settings;
    const draws = unpack(settings.draws, settings.draw_step);
    const numbers = steps * curvature.length; // of one race
    const races = draws.length / numbers;
    const preset = (name) => {
      const [, schedule, given] = presets.find(([key]) => key === name);
      return Float64Array.from({ length: steps }, (_, k) =>
        clamp(engine.schedules[schedule](k, given), low, high));
    };
    let { noise, constant } = settings;
    let mine = preset("flat");
    let pen = Math.floor(steps / 2); // the update that the keys change
    let race = 0;
    let shown = steps; // updates of the race so far
    let won = 0;
    let held = 0;

    let runs, averages;
    const compute = () => {
      const pair = [mine, new Float64Array(steps).fill(constant)];
      const bowl = { curvature, start, noise, draws: draws.subarray(race * numbers, (race + 1) * numbers) };
      runs = pair.map((rates) => engine.noisyDescent({ ...bowl, rates }));
      averages = pair.map((rates) => {
        const { way, trembling } = engine.noisyDescentOnAverage({ ...bowl, rates });
        return { way, trembling, cost: way.map((each, k) => each + trembling[k]) };
      });
    };

    // --- the picture ----------------------------------------------------------------------------

    const LOOKS = ["one", "two"];
    const names = [words.mine, words.rival];
    let board; // where the reader draws
    let paper; // what takes the pointer there
    frame.picture((picture) => {
      const { narrow, width, height } = picture;
      const box = narrow
        ? [{ left: 48, top: 30, width: width - 58, height: 0.46 * height - 66 },
          { left: 48, top: 0.46 * height + 46, width: width - 58, height: 0.54 * height - 90 }]
        : [{ left: 50, top: 30, width: 0.46 * width - 62, height: height - 74 },
          { left: 0.46 * width + 52, top: 50, width: 0.54 * width - 62, height: height - 94 }];
      board = picture.panel({ box: box[0], x: [0, steps - 1], y: [low, high], log: { y: true } });
      board.axis({ x: words.update, y: words.rate });
      board.line([[0, constant], [steps - 1, constant]], "two");
      board.line([...mine].map((rate, k) => [k, rate]), "one thick");
      // The names stand at the beginning, the upper one above its line, the lower one below.
      const above = mine[0] >= constant;
      const place = mine[0] > 0.55 * high ? { dx: 18, dy: 8 } : { dx: 6, dy: above ? -8 : 20 };
      board.label([0, mine[0]], words.mine, "one", place);
      board.label([0, constant], words.rival, "two", { dx: 6, dy: above ? 20 : -8 });
      for (const [name, value] of Object.entries({
        x: box[0].left, y: box[0].top, width: box[0].width, height: box[0].height,
      })) paper.setAttribute(name, value);

      const panel = picture.panel({ box: box[1], x: [0, steps], y: [bottom, top], log: { y: true } });
      panel.axis({ x: words.update });
      const upTo = (values) => [...values.subarray(0, shown + 1)].map((value, k) => [k, value]);
      runs.forEach((run, k) => panel.line(upTo(run), `${LOOKS[k]} thin faint`));
      averages.forEach(({ cost }, k) => panel.line(upTo(cost), `${LOOKS[k]} ${k ? "" : "thick"}`));
      if (shown < steps) runs.forEach((run, k) => panel.dot([shown, Math.max(run[shown], bottom)], LOOKS[k], 6));
      const ends = averages.map(({ cost }) => cost[steps]);
      const upper = ends[0] >= ends[1] ? 0 : 1;
      if (shown === steps) {
        ends.forEach((end, k) => {
          const text = `${names[k]} ${short(end)}`;
          if (end < bottom) panel.leave([steps, end], text, LOOKS[k], k === upper ? -30 : -8);
          else panel.label([steps, end], text, LOOKS[k], { dx: -4, dy: k === upper ? -12 : 22, anchor: "end" });
        });
      }
      const { way, trembling } = averages[0];
      panel.label([0, top], words.cost, "muted", { dx: narrow ? -40 : -42, dy: narrow ? -28 : -30 });
      panel.label([0, top], fill(words.parts, {
        way: short(way[steps]), trembling: short(trembling[steps]),
      }), "one", { dx: narrow ? -40 : -42, dy: -9 });
    });
    paper = shape(frame.shown.svg, "rect", { class: "surface" });
    frame.shown.top.before(paper); // below the handles

    // --- drawing --------------------------------------------------------------------------------

    const changed = () => {
      running.stop();
      [shown, won, held, race] = [steps, 0, 0, 0];
      compute();
      frame.redraw();
    };
    const rateAt = (py) => clamp(board.at(0, py)[1], low, high);
    // Near an edge the edge is meant: a last update that keeps its rate would spoil the run.
    const updateAt = (px) => {
      const { left, width } = board.box;
      const near = px < left + 7 ? left : px > left + width - 7 ? left + width : px;
      return clamp(Math.round(board.at(near, 0)[0]), 0, steps - 1);
    };
    // A line from the pen to a point; what lies between is drawn, too.
    const drawTo = (px, py, lifted) => {
      const [to, rate] = [updateAt(px), rateAt(py)];
      const [from, before] = lifted ? [to, rate] : [pen, mine[pen]];
      for (let k = Math.min(from, to); k <= Math.max(from, to); k++) {
        const share = to === from ? 1 : (k - from) / (to - from);
        mine[k] = before * (rate / before) ** share;
      }
      pen = to;
      changed();
      answer();
    };
    const inPicture = (event) => {
      const { left, top: upper } = frame.shown.svg.getBoundingClientRect();
      return [event.clientX - left, event.clientY - upper];
    };
    let drawing = false;
    paper.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      paper.setPointerCapture(event.pointerId);
      drawing = true;
      drawTo(...inPicture(event), true);
      event.preventDefault();
    });
    // A finger that draws does not scroll the page; touch-action alone does not hold in SVG.
    paper.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    paper.addEventListener("pointermove", (event) => { if (drawing) drawTo(...inPicture(event), false); });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      paper.addEventListener(end, () => { drawing = false; });
    }
    frame.shown.handle({
      name: words.pen,
      look: "one",
      where: () => [board.x(pen), board.y(mine[pen])],
      move: (px, py) => drawTo(px, py, false),
      nudge: (dx, dy) => {
        if (dx && !dy) pen = clamp(pen + 5 * dx, 0, steps - 1);
        else for (let k = pen; k < steps; k++) mine[k] = clamp(mine[k] * 1.25 ** dy, low, high);
        changed();
        if (dx && !dy) frame.say(fill(words.penMoved, { update: pen, rate: number(mine[pen]) }));
        else answer();
      },
      text: () => fill(words.spoken, { update: pen, rate: number(mine[pen]) }),
      value: () => [pen, 0, steps - 1],
      role: words.penRole,
    });

    // --- what is said ---------------------------------------------------------------------------

    const answer = () => {
      const [ours, theirs] = averages.map(({ cost }) => cost[steps]);
      const [way, trembling] = [averages[0].way[steps], averages[0].trembling[steps]];
      const most = way > trembling ? "way" : "trembling";
      const kind =
        noise === 0 ? (ours > 1.001 * theirs ? "exactAbove" : "exactBelow")
        : Math.abs(ours / theirs - 1) < 0.02 ? "same"
        : ours > theirs ? (most === "way" ? "tooEarly" : "tooLoud")
        : ours < theirs / 2 ? "far" : (most === "way" ? "lowerWay" : "lowerLoud");
      frame.say(fill(words[kind], {
        ours: short(ours), theirs: short(theirs), share: Math.round(100 * ours / theirs),
        constant: number(constant, 2),
      }));
    };

    // --- controls -------------------------------------------------------------------------------

    const POSITIONS = 40;
    const rateOf = (position) => Number((low * (high / low) ** (position / POSITIONS)).toPrecision(2));
    frame.slider({
      label: words.constant, min: 0, max: POSITIONS, step: 1,
      value: Math.round(POSITIONS * Math.log(constant / low) / Math.log(high / low)),
      text: (position) => number(rateOf(position), 2),
      change(position) { constant = rateOf(position); changed(); answer(); },
    });
    frame.buttons(presets.map(([name]) => [words[name], () => {
      mine = preset(name);
      changed();
      answer();
    }]));
    const [raceButton] = frame.buttons([[words.race, () => running.toggle()]]);
    const running = frame.runner(raceButton, words.stop, {
      pause: 40,
      step(k) {
        if (k === 0) {
          race = held % races;
          compute();
        }
        shown = Math.min(steps, 4 * (k + 1));
        frame.redraw();
        return shown < steps;
      },
      done() {
        held += 1;
        const [ours, theirs] = runs.map((run) => run[steps]);
        if (ours < theirs) won += 1;
        frame.say(fill(words[ours < theirs ? "won" : "lost"], {
          ours: short(ours), theirs: short(theirs), won, held,
        }));
      },
    });
    const inside = frame.more(words.more);
    frame.slider({
      label: words.noise, min: noises[0], max: noises[1], step: noises[2], value: noise, into: inside,
      change(value) { noise = value; changed(); answer(); },
    });
    compute();
    frame.redraw();
    frame.say(words.start);
  };
})();
