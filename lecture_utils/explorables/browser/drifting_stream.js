// A stream that drifts: one memory by slider, beside a mean that never forgets and one who knows
// the truth. Above the rows and the means, below the error as it runs and the error by memory.
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { fill, number } = tools;

  const unpack = (text, step) => {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return Float64Array.from(new Int16Array(bytes.buffer), (value) => value * step);
  };
  // About four round numbers in a range.
  const round = ([low, high]) => {
    const power = 10 ** Math.floor(Math.log10((high - low) / 4));
    const step = [1, 2, 5, 10].map((each) => each * power).find((each) => (high - low) / each <= 4.5);
    const first = Math.ceil(low / step);
    return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) => (first + k) * step);
  };
  const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

  views.drifting_stream = (frame, settings, words) => {
    const { rows, kinds, memories, level, changes, noises, window: span } = settings;
    const draws = unpack(settings.draws, settings.draw_step);
    const streams = draws.length / rows;
    let { kind, change, noise, memory: position } = settings;
    let which = 0; // of the streams
    let shown = rows;
    let tried = new Map(); // position of a memory: its mean error over all rows
    const memory = () => memories[position];

    // --- what is computed ---
    let truth, values, mine, never, mineErrors, neverErrors, noiseErrors, ranges;
    const parts = (rowsKept) => {
      const { lag2, trembling } = engine.lagAndTrembling(truth, noise, engine.forgettingFactor(rowsKept));
      return { lag: average(lag2), trembling: average(trembling), sum: average(lag2) + average(trembling) };
    };
    const errorOf = (rowsKept) => average(engine.squaredErrors(values, engine.forgettingFactor(rowsKept)));
    const learn = () => {
      mine = engine.forgettingMeans(values, engine.forgettingFactor(memory()));
      mineErrors = engine.squaredErrors(values, engine.forgettingFactor(memory()));
      tried.set(position, average(mineErrors));
    };
    const makeStream = () => {
      truth = engine.streamLevels({ kind, rows, level, change, jumpAt: settings.jump_at });
      values = truth.map((each, row) => each + noise * draws[which * rows + row]);
      never = engine.forgettingMeans(values, 1);
      neverErrors = engine.squaredErrors(values, 1);
      noiseErrors = Float64Array.from({ length: rows - 1 }, (_, k) => (values[k + 1] - truth[k + 1]) ** 2);
      tried = new Map();
      // The same axes for every memory, so that a line that moves has moved.
      const all = memories.map(errorOf);
      const highest = (list) => Math.max(...engine.runningMean(list, span).subarray(span - 1));
      ranges = {
        values: [Math.min(...values) - 1, Math.max(...values) + 1],
        errors: [0, 1.08 * Math.max(highest(neverErrors), highest(
          engine.squaredErrors(values, engine.forgettingFactor(memories[0]))))],
        // Room for a name below the lowest line.
        valley: [1.28 * average(noiseErrors) - 0.28 * Math.max(...all), 1.14 * Math.max(...all)],
      };
      learn();
    };

    // --- the picture ---
    const farRight = () => 2.2 * memories[memories.length - 2]; // where "all" stands
    frame.picture((picture) => {
      const { narrow, width, height } = picture;
      const share = (from, to) => ({ top: from * height, height: (to - from) * height });
      const box = narrow
        ? [{ left: 34, width: width - 44, ...share(0.045, 0.36) },
          { left: 34, width: width - 44, ...share(0.485, 0.64) },
          { left: 34, width: width - 44, ...share(0.765, 0.925) }]
        : [{ left: 40, width: width - 50, ...share(0.05, 0.47) },
          { left: 40, width: 0.53 * width - 60, ...share(0.64, 0.91) },
          { left: 0.53 * width + 40, width: 0.47 * width - 50, ...share(0.64, 0.91) }];
      const upTo = (list, first = 0) => [...list.subarray(0, Math.max(shown - first, 0))].map((value, k) => [k + first, value]);

      const above = picture.panel({ box: box[0], x: [0, rows], y: ranges.values });
      above.axis({ x: words.row, y: words.value });
      for (const point of upTo(values)) above.dot(point, "muted faint", 2.4);
      above.line(upTo(truth), "ink dashed thick");
      above.line(upTo(never), "two");
      above.line(upTo(mine), "one thick");
      if (shown < rows && shown) {
        above.dot([shown - 1, values[shown - 1]], "ink", 4.5);
        above.dot([shown - 1, mine[shown - 1]], "one", 5.5);
      }
      const name = memory() ? fill(words.yours, { memory: memory() }) : words.yoursAll;
      const [low, high] = ranges.values;
      above.label([0, high], name, "one", { dx: 6, dy: 16 });
      // On a still stream both lines lie on each other: the name stands with the other one.
      const apart = Math.abs(never[rows - 1] - truth[rows - 1]) > 0.06 * (high - low);
      const end = apart ? [rows, never[rows - 1]] : [0, high];
      const down = never[rows - 1] < truth[rows - 1] ? 20 : -12;
      above.label(end, words.never, "two", apart ? { dx: -4, dy: down, anchor: "end" } : { dx: 6, dy: 34 });
      above.label([rows, low], words.truth, "ink", { dx: -4, dy: -8, anchor: "end" });

      const below = picture.panel({ box: box[1], x: [0, rows], y: ranges.errors });
      below.axis({ x: words.row, y: fill(words.running, { window: span }), yTicks: round(ranges.errors) });
      // From the first full window on: a mean of three errors is all noise.
      const recent = (list) => upTo(engine.runningMean(list, span), 1).slice(span - 1);
      below.line(recent(noiseErrors), "ink dashed thick");
      below.line(recent(neverErrors), "two");
      below.line(recent(mineErrors), "one thick");

      const valley = picture.panel({
        box: box[2], x: [0.8 * memories[0], 1.35 * farRight()], y: ranges.valley, log: { x: true },
      });
      const place = (k) => memories[k] || farRight();
      const ticks = [2, 5, 14, 40, 112].filter((each) => memories.includes(each));
      valley.axis({
        x: words.memoryAxis, y: words.valleyTitle, xTicks: [...ticks, farRight()],
        yTicks: round(ranges.valley),
        xText: (tick) => (tick === farRight() ? words.all : number(tick)),
      });
      const ends = valley.xRange;
      const [best, forever] = [average(noiseErrors), average(neverErrors)];
      valley.line(ends.map((x) => [x, best]), "ink dashed");
      valley.line(ends.map((x) => [x, forever]), "two thin");
      valley.label([ends[0], best], words.knows, "ink light", { dx: 4, dy: 16 });
      // Where both lines lie on each other, dots would be below the name.
      const seen = valley.y(best) - valley.y(forever) > 14;
      if (seen) valley.label([8, forever], words.never, "two light", { dy: -7, anchor: "middle" });
      const order = [...tried.keys()].sort((a, b) => a - b);
      order.slice(1).forEach((k, j) => { // between neighbours only
        if (order[j] === k - 1) valley.line([order[j], k].map((at) => [place(at), tried.get(at)]), "one thin faint");
      });
      for (const [k, error] of tried) valley.dot([place(k), error], "one", k === position ? 7 : 4);
      const onRight = place(position) > 30;
      const upper = tried.get(position) > average(ranges.valley);
      valley.label([place(position), tried.get(position)], number(tried.get(position)), "one", {
        dx: onRight ? -10 : 10, dy: upper ? 20 : -10, anchor: onRight ? "end" : "start",
      });
    });

    // --- what is said ---
    const answer = () => {
      const ours = parts(memory());
      const sums = memories.map((each) => parts(each).sum);
      const best = sums.indexOf(Math.min(...sums));
      const given = {
        memory: memory(), factor: number(engine.forgettingFactor(memory())), lag: number(ours.lag, 2),
        trembling: number(ours.trembling, 2), error: average(mineErrors), never: average(neverErrors),
        best: average(noiseErrors),
      };
      const calm = kind === "still" || !change;
      const key = !memory() ? (calm ? "sayAllStill" : "sayAllDrift")
        : calm ? "sayStill"
        : sums[position] < 1.12 * sums[best] ? "sayGood"
        : position > best ? "sayTooLong" : "sayTooShort";
      frame.say(`${fill(words[key], given)} ${fill(words.errors, given)}`);
    };
    const sayRow = () => {
      const row = shown - 1;
      if (row < 1) {
        frame.say(fill(words.firstRow, { value: number(values[0]) }));
        return;
      }
      const off = values[row] - mine[row - 1];
      frame.say(fill(words.oneRow, {
        row: shown, value: number(values[row]), said: number(mine[row - 1]), off: number(Math.abs(off)),
        way: words[off < 0 ? "less" : "more"], now: number(mine[row]),
        share: number((mine[row] - mine[row - 1]) / off, 2),
      }));
    };

    // --- controls ---
    const stopAll = () => { running.stop(); everything.stop(); };
    const renew = () => {
      stopAll();
      shown = rows;
      makeStream();
      frame.redraw();
      answer();
    };
    const choices = frame.buttons(kinds.map((each) => [words[each], () => {
      kind = each;
      press();
      renew();
    }]));
    const press = () => choices.forEach((button, k) => button.setAttribute("aria-pressed", kinds[k] === kind));
    press();
    const slider = frame.slider({
      label: words.memory, min: 0, max: memories.length - 1, step: 1, value: position,
      text: (k) => (memories[k] ? fill(words.rows, { memory: memories[k] }) : words.allRows),
      change(k) {
        everything.stop();
        position = k;
        learn();
        frame.redraw();
        if (shown === rows) answer();
      },
    });
    const [runButton, , allButton] = frame.buttons([
      [words.run, () => { everything.stop(); running.toggle(); }],
      [words.one, () => {
        stopAll();
        shown = shown >= rows ? 1 : shown + 1;
        frame.redraw();
        sayRow();
      }],
      [words.every, () => { running.stop(); shown = rows; everything.toggle(); }],
      [words.other, () => { which = (which + 1) % streams; renew(); }],
    ]);
    const running = frame.runner(runButton, words.pause, {
      pause: 40,
      step() {
        if (shown >= rows) shown = 0;
        shown = Math.min(rows, shown + 2);
        frame.redraw();
        if (shown < rows) frame.say(fill(words.sofar, { row: shown }));
        return shown < rows;
      },
      done: answer,
    });
    const everything = frame.runner(allButton, words.pause, {
      pause: 90,
      step(k) {
        position = k;
        slider.set(k);
        learn();
        frame.redraw();
        return k + 1 < memories.length;
      },
      done() {
        const best = [...tried].reduce((a, b) => (b[1] < a[1] ? b : a));
        [position] = best;
        slider.set(position);
        learn();
        frame.redraw();
        frame.say(fill(memory() ? words.sayValley : words.sayValleyAll, { memory: memory(), error: best[1], never: average(neverErrors) }));
      },
    });
    const inside = frame.more(words.moreControls);
    frame.slider({
      label: words.change, min: changes[0], max: changes[1], step: changes[2], value: change, into: inside,
      change(value) { change = value; renew(); },
    });
    frame.slider({
      label: words.noise, min: noises[0], max: noises[1], step: noises[2], value: noise, into: inside,
      change(value) { noise = value; renew(); },
    });
    makeStream();
    frame.redraw();
    frame.say(words.start);
  };
})();
