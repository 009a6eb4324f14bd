// One column and a bias: stretch the column, centre it or not; the rows and their line on the left,
// the bowl of the cost and the walk down on the right.
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { fill, number } = tools;
  const ARRIVED = 1e-3; // of the avoidable cost
  const round = (value) => Number(value.toPrecision(3));

  views.stretch = (frame, settings, words) => {
    const { column, targets, stretches, steps, share } = settings;
    const y = Float64Array.from(targets);
    const rows = column.length;
    const start = [0, 0];
    let position = stretches.indexOf(settings.stretch);
    let { centred } = settings;
    let taken = 0; // steps of the path that are shown

    const at = (stretch, isCentred) => {
      const table = new Float64Array(2 * rows);
      column.forEach((each, row) => {
        table[2 * row] = stretch * (each + (isCentred ? 0 : settings.centre));
        table[2 * row + 1] = 1; // the bias: a column of ones
      });
      const bowl = engine.bowl(table, y);
      const rate = (share * 2) / bowl.curvatures[0];
      return {
        table, bowl, rate,
        condition: bowl.curvatures[0] / bowl.curvatures[1],
        needed: engine.stepsUntil(bowl, start, rate, ARRIVED),
      };
    };
    let now;
    let path;
    const restart = () => {
      running?.stop();
      taken = 0;
      now = at(stretches[position], centred);
      path = engine.descend(now.bowl.gradient, start, now.rate, steps);
      frame.redraw();
    };
    const place = (k) => [path[2 * k], path[2 * k + 1]];
    const left = (k) => engine.shareLeft(now.bowl, start, now.rate, k);
    const percent = (value) => (value < 5e-5 ? words.nothing : fill(words.percent, { value: number(100 * value, 2) }));

    frame.picture((picture) => {
      if (!now) return;
      const { narrow, width, height } = picture;
      const half = 0.5 * width;
      const boxes = narrow
        ? [{ left: 34, top: 28, width: width - 46, height: 0.4 * height - 70 },
          { left: 44, top: 0.4 * height + 70, width: width - 56, height: 0.6 * height - 116 }]
        : [{ left: 30, top: 70, width: half - 52, height: height - 114 },
          { left: half + 38, top: 70, width: half - 50, height: height - 114 }];
      const { bowl, table } = now;
      // --- the rows and the line ---
      const xs = column.map((_, row) => table[2 * row]);
      const [low, high] = [Math.min(0, ...xs), Math.max(0, ...xs)];
      const margin = 0.06 * (high - low);
      const [bottom, top] = [Math.min(bowl.bottom[1], ...targets), Math.max(...targets)];
      const heights = [bottom - 0.1 * (top - bottom), top + 0.1 * (top - bottom)];
      const map = picture.panel({ box: boxes[0], x: [low - margin, high + margin], y: heights });
      map.axis({ x: words.column });
      map.line([[0, heights[0]], [0, heights[1]]], "muted thin");
      const drawLine = ([w, b], look) => {
        map.line(map.xRange.map((x) => [x, w * x + b]), look);
        map.dot([0, b], look.split(" ")[0], 4.5);
      };
      xs.forEach((x, row) => map.dot([x, y[row]], "one", 4));
      drawLine(bowl.bottom, "ink dashed thick");
      drawLine(place(taken), "two");
      map.label([map.xRange[0], map.yRange[1]], fill(words.lineAfter, { k: taken }), "two", { dy: -10 });
      map.label([0, place(taken)[1]], words.atZero, "two", centred
        ? { dx: -10, dy: -10, anchor: "end" } : { dx: 10, dy: 20 });
      // --- the bowl; one unit is as long to the right as upwards ---
      const box = boxes[1];
      const reach = 0.8 * Math.max(...bowl.bottom.map(Math.abs));
      const unit = Math.min(box.width, box.height) / 2 / reach;
      const ranges = [box.width, box.height].map((size, i) => {
        const middle = (start[i] + bowl.bottom[i]) / 2;
        return [middle - size / 2 / unit, middle + size / 2 / unit];
      });
      const panel = picture.panel({ box, x: ranges[0], y: ranges[1] });
      panel.axis({ x: words.weight, y: words.bias });
      const lengths = bowl.curvatures.map((curvature) => Math.sqrt(bowl.curvatures[1] / curvature));
      for (let level = reach / 8, k = 0; k < 7; k++, level *= 2) {
        panel.line(Array.from({ length: 97 }, (_, j) => {
          const angle = (j * Math.PI) / 48;
          const along = [Math.cos(angle) * lengths[0], Math.sin(angle) * lengths[1]];
          return [0, 1].map((i) => bowl.bottom[i] + level * (along[0] * bowl.directions[0][i] + along[1] * bowl.directions[1][i]));
        }), "muted contour");
      }
      panel.line(Array.from({ length: taken + 1 }, (_, k) => place(k)), "two thin");
      for (let k = 1; k < taken; k++) panel.dot(place(k), "two", 2.5);
      panel.dot(bowl.bottom, "ink", 4.5);
      panel.label(bowl.bottom, words.bottom, "ink", { dx: 9, dy: 18 });
      panel.dot(place(taken), "two", 6);
      const corner = [panel.xRange[0], panel.yRange[1]];
      panel.label(corner, fill(words.condition, { value: round(now.condition) }), "two", { dx: -30, dy: -48 });
      panel.label(corner, fill(words.left, { k: taken, percent: number(100 * left(taken), 3) }), "two", { dx: -30, dy: -29 });
    });

    // --- the line below ---
    const stretched = () => fill(words[centred ? "isCentred" : "notCentred"], { stretch: stretches[position] });
    const answerBowl = () => {
      const kind = now.condition < 1.5 ? "round" : "long";
      frame.say(`${stretched()} ${fill(words[kind], { condition: round(now.condition), times: Math.sqrt(now.condition) })}`);
    };
    const answerWalk = () => {
      if (left(taken) <= ARRIVED) {
        frame.say(`${stretched()} ${fill(words.arrived, { needed: round(now.needed) })}`);
        return;
      }
      const other = at(stretches[position], !centred).needed;
      const better = other < now.needed ? fill(words[centred ? "otherNot" : "otherCentred"], { other: round(other) }) : "";
      frame.say(`${stretched()} ${fill(words.onTheWay, {
        k: taken, percent: percent(left(taken)), needed: round(now.needed),
      })} ${better}`.trim());
    };

    frame.slider({
      label: words.stretch, min: 0, max: stretches.length - 1, step: 1, value: position,
      text: (k) => fill(words.times, { stretch: stretches[k] }),
      change(k) { position = k; restart(); answerBowl(); },
    });
    const choices = frame.buttons([false, true].map((wanted) => [words[wanted ? "centred" : "raw"], () => {
      centred = wanted;
      press();
      restart();
      answerBowl();
    }]));
    const press = () => choices.forEach((button, k) => button.setAttribute("aria-pressed", Boolean(k) === centred));
    press();
    const step = () => {
      if (taken < steps) taken++;
      frame.redraw();
    };
    const [, runButton] = frame.buttons([
      [words.oneStep, () => { running.stop(); step(); answerWalk(); }],
      [fill(words.run, { steps }), () => { if (taken === steps) taken = 0; running.toggle(); }],
      [words.again, () => { restart(); frame.say(words.start); }],
    ]);
    const running = frame.runner(runButton, words.stop, {
      pause: 90,
      step() { step(); return taken < steps; },
      done: answerWalk,
    });
    restart();
    frame.say(words.start);
  };
})();
