// A head learns four classes from few labels: on the pixels, or on the features of an untrained or
// a trained network. A map of the new pictures, and how many of them each draw of labels got right.
(() => {
  "use strict";
  const { data, engine, views, tools } = globalThis.courseExplorables;
  const { fill, number, shape } = tools;
  const CLASS_LOOKS = ["one", "two", "three", "four"];
  const WAYS = ["pixels", "random", "frozen"];
  const WAY_LOOKS = { pixels: "muted", random: "five", frozen: "ink" };
  const PENALTY = 1;

  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const signed = (text) => new Int8Array(bytes(text).buffer);

  views.forty_labels = (frame, settings, words) => {
    const { classes, labels: sizes, pool, width } = data.forty_labels;
    const perClass = data.forty_labels.new;
    const shape4 = { width, classes: 4, penalty: PENALTY };
    const truth = Array.from({ length: 4 * perClass }, (_, row) => Math.floor(row / perClass));
    const draws = bytes(settings.draws);
    const perDraw = draws.length / settings.n_draws / 4;

    // --- what the head sees, and where a picture lies on the map ---
    const seen = {};
    const places = (rows, view) => Array.from({ length: rows.length / width }, (_, row) =>
      [0, 1].map((axis) => view.reduce((sum, line, i) => sum + rows[row * width + i] * line[axis], 0)));
    for (const way of WAYS) {
      const { scale, view, ...stored } = data.forty_labels.numbers[way];
      const rows = (part) => Float64Array.from(signed(stored[part]), (code) => scale * code);
      seen[way] = { pool: rows("pool"), new: rows("new") };
      seen[way].poolPlaces = places(seen[way].pool, view);
      seen[way].newPlaces = places(seen[way].new, view);
    }
    let { way, n: size } = settings;
    let shown = null; // what the map shows: places of new and of labelled pictures, who is right
    const tried = {}; // by way, by number of labels: per cent right, draw after draw
    const n = () => sizes[size];
    const of = (each = way, at = size) => ((tried[each] ??= {})[at] ??= []);
    const labelled = (draw) => Array.from({ length: 4 * n() }, (_, k) => {
      const label = Math.floor(k / n());
      return [label * pool + draws[(draw * 4 + label) * perDraw + (k % n())], label];
    });
    const learn = (draw) => {
      const { pool: rows, new: newRows, poolPlaces, newPlaces } = seen[way];
      const chosen = labelled(draw);
      const x = new Float64Array(chosen.length * width);
      chosen.forEach(([row], k) => x.set(rows.subarray(row * width, (row + 1) * width), k * width));
      const weights = engine.softmaxRegression(x, chosen.map(([, label]) => label), shape4);
      const isRight = engine.softmaxAnswers(weights, newRows, shape4).map((answer, row) => answer === truth[row]);
      return {
        newPlaces, isRight, labelledPlaces: chosen.map(([row]) => poolPlaces[row]),
        percent: (100 * isRight.filter(Boolean).length) / isRight.length,
      };
    };
    const another = () => {
      if (of().length < settings.n_draws) {
        shown = learn(of().length);
        of().push(shown.percent);
      }
      return of().length < settings.n_draws;
    };
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const show = (value) => value.toFixed(0);

    // --- the picture ---
    frame.picture((picture) => {
      const { narrow, width: wide, height: tall } = picture;
      const cut = narrow ? 0.56 * tall : 0.56 * wide;
      const left = narrow ? { left: 4, top: 26, width: wide - 8, height: cut - 30 } : { left: 4, top: 26, width: cut - 8, height: tall - 30 };
      const ends = (axis) => {
        const values = [...shown.newPlaces, ...shown.labelledPlaces].map((place) => place[axis]);
        const [low, high] = [Math.min(...values), Math.max(...values)];
        return [low - 0.04 * (high - low), high + 0.04 * (high - low)];
      };
      const map = picture.panel({ box: left, x: ends(0), y: ends(1) });
      shape(map.axes, "rect", { class: "grid", fill: "none", x: left.left, y: left.top, width: left.width, height: left.height });
      shape(map.axes, "text", { class: "title", x: left.left, y: 17 }, words[`map_${way}`]);
      shown.newPlaces.forEach((place, row) => {
        const look = CLASS_LOOKS[truth[row]];
        if (shown.isRight[row]) { map.dot(place, `${look} faint`, 3); return; }
        const [px, py] = [map.x(place[0]), map.y(place[1])];
        shape(map.marks, "path", { class: `line thin ${look}`, d: `M${px - 3},${py - 3}l6,6m0,-6l-6,6` });
      });
      shown.labelledPlaces.forEach((place, k) => {
        map.dot(place, "ink", 6.5);
        map.dot(place, CLASS_LOOKS[Math.floor(k / n())], 4.8);
      });
      classes.forEach((name, k) => {
        const own = shown.newPlaces.filter((_, row) => truth[row] === k);
        map.label([0, 1].map((axis) => mean(own.map((place) => place[axis]))), name, CLASS_LOOKS[k], { anchor: "middle", dy: 5 });
      });
      const right = narrow
        ? { left: 34, top: cut + 40, width: wide - 46, height: tall - cut - 84 }
        : { left: cut + 44, top: 34, width: wide - cut - 58, height: tall - 78 };
      const score = picture.panel({ box: right, x: [0.75, sizes[sizes.length - 1] * 1.35], y: [15, 100], log: { x: true } });
      score.axis({ x: words.labelsAxis, xTicks: sizes, yTicks: [25, 50, 75, 100] });
      shape(score.axes, "text", { class: "title", x: right.left - 30, y: right.top - 12 }, words.rightAxis);
      score.line([[0.75, 25], [sizes[sizes.length - 1] * 1.35, 25]], "muted dashed");
      score.label([0.75, 25], words.chance, "muted light", { dx: 4, dy: 16 });
      WAYS.filter((each) => tried[each]).forEach((each) => {
        const look = WAY_LOOKS[each];
        const means = sizes.map((labels, at) => [labels, of(each, at)]).filter(([, values]) => values.length);
        means.forEach(([labels, values]) => values.forEach((value) => score.dot([labels, value], `${look} faint`, 3)));
        score.line(means.map(([labels, values]) => [labels, mean(values)]), look);
        means.forEach(([labels, values]) => score.dot([labels, mean(values)], look, 5));
        const [labels, values] = means[means.length - 1];
        const onRight = labels > 4;
        score.label([labels, mean(values)], words[`short_${each}`], look, { dx: onRight ? 4 : 9, dy: each === "pixels" ? 24 : -12, anchor: onRight ? "end" : "start" });
      });
      score.dot([n(), shown.percent], "two hollow", 8);
    });

    // --- what is said ---
    const values = () => ({
      n: n(), all: 4 * n(), percent: show(shown.percent), draws: of().length, mean: show(mean(of())),
      low: show(Math.min(...of())), high: show(Math.max(...of())),
      range: show(Math.max(...of()) - Math.min(...of())),
    });
    const say = (...keys) => frame.say(keys.map((key) => fill(words[key], values())).join(" "));
    const sayDraws = () => {
      if (of().length === 1) { say("oneDraw"); return; }
      const range = Math.max(...of()) - Math.min(...of());
      say("manyDraws", range >= 8 ? "luck" : "noLuck");
    };
    // Draw for draw the same labels, against the pixels, or the pixels against the trained front.
    const sayWay = () => {
      const other = way === "pixels" ? "frozen" : "pixels";
      const theirs = tried[other]?.[size];
      if (!theirs?.length) { sayDraws(); return; }
      const both = Math.min(theirs.length, of().length);
      const gain = mean(of().slice(0, both)) - mean(theirs.slice(0, both));
      const words3 = { pixels: words.pixelsAgainst, random: words.randomAgainst, frozen: words.frozenAgainst };
      const direction = words[gain > 0 ? "more" : "less"];
      frame.say(fill(words3[way], { ...values(), gain: number(Math.abs(gain), 2), direction, both }));
    };

    // --- what can be changed ---
    // A way that comes second gets as many draws as the first one had, to be compared with.
    const enter = (fewest = 1) => {
      running.stop();
      const wanted = Math.min(settings.n_draws, Math.max(fewest, 1));
      if (of().length >= wanted) shown = learn(of().length - 1);
      while (of().length < wanted) another();
      frame.redraw();
      write();
    };
    const slider = frame.slider({
      label: words.labels, min: 0, max: sizes.length - 1, step: 1, value: size, text: (k) => fill(words.ofEach, { n: sizes[k], all: 4 * sizes[k] }),
      change(value) {
        const before = mean(of());
        const wasAt = n();
        size = value;
        enter(5);
        frame.say(fill(words.moved, { ...values(), before: show(before), wasAt }));
      },
    });
    const wayButtons = frame.buttons(WAYS.map((each) => [words[each], () => {
      const had = Math.max(...WAYS.map((one) => tried[one]?.[size]?.length ?? 0));
      way = each;
      enter(had);
      sayWay();
    }]));
    const [drawButton, twentyButton] = frame.buttons([
      [words.another, () => {
        running.stop();
        if (of().length < settings.n_draws) { another(); frame.redraw(); sayDraws(); } else say("noMore");
      }],
      [words.twenty, () => running.toggle()],
      [words.again, () => {
        WAYS.forEach((each) => delete tried[each]);
        ({ way, n: size } = settings);
        slider.set(size);
        enter();
        say("start");
      }],
    ]);
    const write = () => {
      wayButtons.forEach((button, k) => button.setAttribute("aria-pressed", way === WAYS[k]));
      drawButton.textContent = fill(words.another, { all: 4 * n() });
    };
    const running = frame.runner(twentyButton, words.stop, {
      pause: 120,
      step(k) { const more = another(); frame.redraw(); return k + 1 < 20 && more; },
      done: () => sayDraws(),
    });
    enter();
    say("start");
  };
})();
