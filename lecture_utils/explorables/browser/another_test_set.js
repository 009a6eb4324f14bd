// Two models and one test set after the other: the scores of each pile up, those of A upwards, of
// B downwards, and their differences below. With a threshold, for a class that is rare.
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { fill, number, shape } = tools;
  const Z = 1.96;
  const RARITIES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
  const COSTS = [1, 2, 5, 10, 20, 50];
  const MEASURES = ["accuracy", "recall", "precision", "cost"];

  const unpack = (text, levels) => {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return Float64Array.from(new Uint16Array(bytes.buffer), (level) => (level + 0.5) / levels);
  };

  views.another_test_set = (frame, settings, words) => {
    const { thresholds, sizes, numbers, levels } = settings;
    const draws = unpack(settings.draws, levels);
    const allSets = draws.length / numbers;
    let { threshold, size, rarity } = settings;
    let [shown, paired, measure, costOfMiss] = [1, true, "accuracy", 5];
    const n = () => sizes[size];

    // --- what is computed ---
    // Counts of the eight kinds of pictures in one test set.
    const cells = (from) => {
      const rare = engine.binomial(n(), rarity, draws[from]);
      return [
        engine.kinds(rare, settings.rare[threshold], draws.subarray(from + 1, from + 4)),
        engine.kinds(n() - rare, settings.others[threshold], draws.subarray(from + 4, from + 7)),
      ];
    };
    const worth = {
      accuracy: (isRare, alarm) => 100 * (isRare === alarm),
      recall: (isRare, alarm) => (isRare ? 100 * alarm : NaN),
      cost: (isRare, alarm) => 100 * (isRare ? costOfMiss * !alarm : 1 * alarm),
    };
    // In per cent, also of counts that are shares.
    const score = ([rare, others], model) => {
      if (measure !== "precision") return engine.meanWorth([rare, others], worth[measure], model).mean;
      const alone = 1 + model;
      const [hits, alarms] = [rare, others].map((counts) => counts[0] + counts[alone]);
      return (100 * hits) / (hits + alarms); // NaN without any alarm
    };
    // The same for all pictures that there are.
    const whole = (at = threshold) => {
      const all = (shares, mass) => [...shares, 1 - shares[0] - shares[1] - shares[2]].map((share) => mass * Math.max(share, 0));
      return [all(settings.rare[at], rarity), all(settings.others[at], 1 - rarity)];
    };
    let pairs, truths, interval, seen;
    const intervalOf = (first, second) => {
      if (measure === "precision") return null; // the quotient of two counts that both vary
      let lead;
      if (paired) lead = engine.pairedLead(first, worth[measure]);
      else {
        const [a, b] = [engine.meanWorth(first, worth[measure], 0), engine.meanWorth(second, worth[measure], 1)];
        lead = { mean: a.mean - b.mean, error: Math.hypot(a.error, b.error) };
      }
      return [lead.mean - Z * lead.error, lead.mean + Z * lead.error];
    };
    const compute = () => {
      seen = 0;
      pairs = Array.from({ length: shown }, (_, set) => {
        const first = cells(set * numbers);
        const second = paired ? first : cells(set * numbers + numbers / 2);
        interval = intervalOf(first, second);
        if (interval && (interval[0] > 0 || interval[1] < 0)) seen += 1;
        return [score(first, 0), score(second, 1)];
      });
      truths = [0, 1].map((model) => score(whole(), model));
    };
    const lead = ([a, b]) => Math.round((a - b) * 1e9) / 1e9;
    const better = (sign) => pairs.filter((pair) => Math.sign(lead(pair)) === sign).length;
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = (values) => Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1));
    const of = (model) => pairs.map((pair) => pair[model]).filter((value) => !Number.isNaN(value));
    const leads = () => pairs.map(lead).filter((value) => !Number.isNaN(value));

    // --- the picture ---
    // The same width whatever the size of the test set, so that more pictures make a narrower pile.
    const range = () => {
      if (measure === "recall" || measure === "precision") return [0, 100, 60];
      const middle = (truths[0] + truths[1]) / 2;
      if (measure === "cost") return [0, Math.max(2.2 * middle, 10), Math.max(1.1 * middle, 5)];
      return [middle - 9, middle + 9, 9];
    };
    // Bricks side by side, as wide as one picture more or less makes, or four pixels.
    const pile = (panel, values, look, { sign = 1, room, newest }) => {
      const pixel = panel.box.width / (panel.xRange[1] - panel.xRange[0]);
      const grain = 100 / n();
      const width = grain * Math.max(1, Math.ceil(4 / (grain * pixel)));
      const heights = new Map();
      let [left, right, highest] = [0, 0, 1];
      const places = values.map((value) => {
        if (value < panel.xRange[0] - 1e-9) { left += 1; return null; }
        if (value > panel.xRange[1] + 1e-9) { right += 1; return null; }
        const bin = Math.round(value / width);
        const height = (heights.get(bin) ?? 0) + 1;
        heights.set(bin, height);
        highest = Math.max(highest, height);
        return [bin * width, height];
      });
      const tall = Math.min(12, room / highest);
      const wide = Math.min(12, Math.max(3.2, width * pixel - 0.8));
      places.forEach((place, k) => {
        if (!place) return;
        const [value, height] = place;
        const middle = panel.y(0);
        shape(panel.marks, "rect", {
          class: `dot ${newest && k === values.length - 1 ? "ink" : look}`,
          x: panel.x(value) - wide / 2, width: wide, height: Math.max(tall - 0.8, 0.7),
          y: sign > 0 ? middle - height * tall : middle + (height - 1) * tall + 0.8,
        });
      });
      // What lies outside of the picture is counted at its edge.
      [[left, 0], [right, 1]].forEach(([count, side]) => {
        if (!count) return;
        const edge = panel.xRange[side];
        const py = panel.y(0) - sign * 10;
        const [from, to] = side ? [-26, -2] : [26, 2];
        panel.arrowBetween(panel.x(edge) + from, py, panel.x(edge) + to, py, look);
        panel.label([edge, 0], String(count), look, { dx: side ? -30 : 30, dy: -sign * 10 + 5, anchor: side ? "end" : "start" });
      });
    };
    // Per cent with one decimal, so that 91.0 looks like a score; leads and spreads with two digits.
    const show = (value) => (Number.isNaN(value) ? "–" : value.toFixed(1));
    const rough = (value) => number(value, 2);
    frame.picture((picture) => {
      const { narrow, width, height } = picture;
      const [low, high, half] = range();
      const left = 10;
      const above = picture.panel({
        box: { left, top: 8, width: width - 2 * left, height: 0.58 * height - 48 }, x: [low, high], y: [-1, 1],
      });
      above.axis({ x: words[`${measure}Axis`], yTicks: [] });
      const room = above.box.height / 2 - 26;
      above.line([[low, 0], [high, 0]], "ink thin");
      [["one", 1], ["two", -1]].forEach(([look, sign], model) => {
        pile(above, of(model), look, { sign, room, newest: true });
        // The truth: what the model scores on all pictures.
        const px = above.x(truths[model]);
        const [from, to] = [above.y(0), above.y(0) - sign * (room + 4)];
        if (Number.isFinite(px)) shape(above.marks, "line", { class: `line thin dashed ${look}`, x1: px, x2: px, y1: from, y2: to });
        const text = shown > 2 && of(model).length > 1
          ? fill(words.pile, { name: "AB"[model], value: show(mean(of(model))), spread: rough(spread(of(model))) })
          : fill(words.one, { name: "AB"[model], value: show(pairs[shown - 1][model]) });
        above.label([low, sign], text, look, { dx: 4, dy: sign > 0 ? 15 : -6 });
        above.label([high, sign], fill(words.truth, { value: show(truths[model]) }), look, { dx: -4, dy: sign > 0 ? 15 : -6, anchor: "end" });
      });
      const top = 0.58 * height + (narrow ? 18 : 12);
      const below = picture.panel({
        box: { left, top, width: width - 2 * left, height: height - top - 44 }, x: [-half, half], y: [0, 1],
      });
      below.axis({ x: words.leadAxis, yTicks: [] });
      below.line([[0, 0], [0, 1]], "ink");
      pile(below, leads(), "muted", { room: below.box.height - 50, newest: true });
      const good = measure === "cost" ? -1 : 1; // a lower cost is the better one
      below.label([-half, 1], fill(words.bAhead, { count: better(-good) }), "two", { dx: 4, dy: 16 });
      below.label([half, 1], fill(words.aAhead, { count: better(good) }), "one", { dx: -4, dy: 16, anchor: "end" });
      if (interval) {
        const y = 1 - 32 / below.box.height;
        const ends = interval.map((end) => Math.min(half, Math.max(-half, end)));
        below.bar([ends[0], y], [ends[1], y], "three");
        below.dot([Math.min(half, Math.max(-half, lead(pairs[shown - 1]))), y], "three", 4.5);
        below.label([0, y], words.interval, "three", { dx: 0, dy: -8, anchor: "middle" });
      }
    });

    // --- what is said ---
    const values = () => {
      const [a, b] = pairs[shown - 1];
      return { n: n(), shown, a: show(a), b: show(b), lead: rough(Math.abs(lead(pairs[shown - 1]))), unit: words[measure] };
    };
    const sayOne = () => {
      const by = lead(pairs[shown - 1]) * (measure === "cost" ? -1 : 1);
      if (Number.isNaN(by)) frame.say(fill(words.noAlarm, values()));
      else frame.say(fill(words[by > 0 ? "aWins" : by < 0 ? "bWins" : "level"], values()));
    };
    const sayMany = () => {
      if (shown < 3) { sayOne(); return; }
      const truth = (truths[0] - truths[1]) * (measure === "cost" ? -1 : 1);
      const share = seen / shown;
      const how = interval ? words[share > 0.8 ? "often" : share > 0.3 ? "sometimes" : "seldom"] : "";
      frame.say([
        fill(words[truth >= 0 ? "many" : "manyB"], {
          n: n(), shown, lost: better(truth >= 0 ? (measure === "cost" ? 1 : -1) : (measure === "cost" ? -1 : 1)),
          unit: words[measure], lead: rough(Math.abs(truth)),
        }),
        interval ? fill(words.seen, { seen, shown }) : "", how,
      ].filter(Boolean).join(" "));
    };
    const sayPairs = () => {
      if (shown < 3) { frame.say(words[paired ? "same" : "own"]); return; }
      frame.say(`${words[paired ? "same" : "own"]} ${fill(words.leadSpread, { spread: rough(spread(leads())) })}`);
    };
    const update = (say) => { running.stop(); compute(); frame.redraw(); say(); };

    // --- what can be changed ---
    frame.slider({
      label: words.size, min: 0, max: sizes.length - 1, step: 1, value: size, text: (k) => number(sizes[k]),
      change(value) { size = value; update(sayMany); },
    });
    const add = () => { shown = Math.min(allSets, shown + 1); compute(); frame.redraw(); };
    const [, manyButton] = frame.buttons([
      [words.another, () => { running.stop(); add(); sayOne(); }],
      [words.fifty, () => running.toggle()],
      [words.again, () => { shown = 1; update(() => frame.say(fill(words.start, values()))); }],
    ]);
    const pairButtons = frame.buttons([true, false].map((each) => [words[each ? "sameButton" : "ownButton"], () => {
      paired = each;
      press();
      update(sayPairs);
    }]));
    const press = () => {
      pairButtons.forEach((button, k) => button.setAttribute("aria-pressed", paired === (k === 0)));
      measureButtons.forEach((button, k) => button.setAttribute("aria-pressed", measure === MEASURES[k]));
    };
    const inside = frame.more(words.more);
    const never = () => score([[0, 0, 0, rarity], [0, 0, 0, 1 - rarity]], 0);
    const sayMeasure = () => {
      const about = { a: show(truths[0]), b: show(truths[1]), threshold: number(thresholds[threshold]), cost: costOfMiss, never: show(never()) };
      if (measure === "cost") {
        // The cheapest threshold of each model, on all pictures.
        [0, 1].forEach((model) => {
          const costs = thresholds.map((_, at) => score(whole(at), model));
          about["ab"[model] + "Best"] = number(thresholds[costs.indexOf(Math.min(...costs))]);
        });
      }
      frame.say(fill(words[`say_${measure}`], about));
    };
    const measureButtons = frame.buttons(MEASURES.map((each) => [words[each], () => {
      measure = each;
      press();
      update(sayMeasure);
    }]), inside);
    frame.slider({
      label: words.threshold, min: 0, max: thresholds.length - 1, step: 1, value: threshold, into: inside,
      text: (k) => number(thresholds[k]), change(value) { threshold = value; update(sayMeasure); },
    });
    frame.slider({
      label: words.rarity, min: 0, max: RARITIES.length - 1, step: 1, into: inside,
      value: RARITIES.reduce((best, each, k) => (Math.abs(each - rarity) < Math.abs(RARITIES[best] - rarity) ? k : best), 0),
      text: (k) => fill(words.percent, { value: 100 * RARITIES[k] }),
      change(value) { rarity = RARITIES[value]; update(sayMeasure); },
    });
    frame.slider({
      label: words.costOfMiss, min: 0, max: COSTS.length - 1, step: 1, value: COSTS.indexOf(costOfMiss), into: inside,
      text: (k) => fill(words.alarms, { value: COSTS[k] }),
      change(value) { costOfMiss = COSTS[value]; measure = "cost"; press(); update(sayMeasure); },
    });
    const running = frame.runner(manyButton, words.stop, {
      pause: 60,
      step(k) { add(); return k + 1 < 50 && shown < allSets; },
      done() { if (shown === allSets) frame.say(fill(words.noMore, { shown })); else sayMany(); },
    });
    press();
    compute();
    frame.redraw();
    frame.say(fill(words.start, values()));
  };
})();
