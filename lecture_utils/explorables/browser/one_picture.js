// One picture of clothes, changed by the reader, and what two networks say to it: one that learned
// from pictures as they are, one that saw every picture changed.
(() => {
  "use strict";
  const { engine, views, tools, data } = globalThis.courseExplorables;
  const { address, fill, number, shape } = tools;
  const SIDE = 28;

  const largestOf = (values) => values.indexOf(Math.max(...values));
  const percent = (share) => `${Math.round(100 * share)} %`;

  views.one_picture = (frame, settings, words) => {
    const { classes, labels, sizes, largest, networks } = data.one_picture;
    const { reach, draws } = settings;
    const grey = Float64Array.from(engine.bytes(data.one_picture.pictures), (byte) => byte / 255);
    const pictures = labels.map((_, k) => grey.subarray(k * SIDE * SIDE, (k + 1) * SIDE * SIDE));
    const [plain, changed] = ["plain", "changed"].map((name) => {
      const { codes, scales } = networks[name];
      const weights = codes.flatMap((text, k) => [...engine.scaled(text, scales[k])]);
      const network = engine.network(sizes, weights);
      return (picture) => Array.from(engine.softmax(network.forward(engine.pictures.half(picture))));
    });
    const unchanged = () => ({
      mirrored: false, degrees: 0, factor: 1, down: 0, right: 0, brightness: 1,
      hole: { top: 0, left: 0, size: 0 },
    });
    let shown = settings.picture;
    let change = { ...unchanged(), right: settings.right };
    let drawn = 0; // changes at random so far

    let now, says, right;
    const look = () => {
      now = engine.pictures.changed(pictures[shown], change);
      says = [plain, changed].map((network) => network(now));
      // The same change for all pictures: how many does each network have right?
      const all = pictures.map((picture) => engine.pictures.changed(picture, change));
      right = [plain, changed].map((network) =>
        all.filter((picture, k) => largestOf(network(picture)) === labels[k]).length);
    };

    const LOOKS = ["one", "two"];
    frame.picture((picture) => {
      const { narrow, width, height } = picture;
      const size = narrow ? 150 : Math.min(0.36 * width, height - 130);
      const top = 24;
      const image = (values, x, y, side) => {
        shape(picture.layer, "image", {
          href: address(values), x, y, width: side, height: side, style: "image-rendering: pixelated",
        });
        shape(picture.layer, "rect", {
          class: "line muted thin", x, y, width: side, height: side, fill: "none",
        });
      };
      image(now, 2, top, size);
      const small = narrow ? 84 : 74;
      const [smallX, smallY] = narrow ? [size + 22, top] : [2, top + size + 30];
      image(pictures[shown], smallX, smallY, small);
      // A panel over everything, in pixels: for words.
      const page = picture.panel({
        box: { left: 0, top: 0, width, height }, x: [0, width], y: [height, 0],
      });
      page.label([2, top - 8], words.now, "muted");
      page.label([smallX, smallY - 8], words.before, "muted");
      const [wordX, wordY] = narrow ? [smallX, smallY + small + 20] : [smallX + small + 10, smallY + 16];
      page.label([wordX, wordY], classes[labels[shown]], "ink");
      // --- the bars ---
      const left = narrow ? 92 : size + 118;
      const barsTop = narrow ? top + size + 62 : 44;
      const panel = picture.panel({
        box: { left, top: barsTop, width: width - left - 52, height: height - barsTop - 8 },
        x: [0, 1], y: [10, 0],
      });
      [words.plain, words.changed].forEach((network, k) => {
        const x = narrow ? 2 : left - 88;
        const text = fill(words.count, { network, count: right[k], of: labels.length });
        page.label([x, barsTop - (narrow ? 30 : 28) + 20 * k], text, LOOKS[k]);
      });
      panel.line([[0, 0.1], [0, 9.9]], "muted thin");
      classes.forEach((name, row) => {
        const truth = row === labels[shown];
        panel.label([0, row + 0.5], name, truth ? "ink" : "muted light", { dx: -8, dy: 5, anchor: "end" });
        says.forEach((shares, k) => {
          const place = row + 0.29 + 0.42 * k;
          panel.line([[0, place], [shares[row], place]], `${LOOKS[k]} beam`);
          if (shares[row] >= 0.05) {
            panel.label([shares[row], place], percent(shares[row]), `${LOOKS[k]} small`, { dx: 5, dy: 4.5 });
          }
        });
        if (truth) panel.line([[0, row + 0.06], [1, row + 0.06]], "muted dashed faint");
        if (truth) panel.line([[0, row + 0.94], [1, row + 0.94]], "muted dashed faint");
      });
    });

    // What was done, in words.
    const described = () => {
      const parts = [];
      if (change.mirrored) parts.push(words.isMirrored);
      if (change.degrees) {
        parts.push(fill(change.degrees > 0 ? words.turnedLeft : words.turnedRight, { by: Math.abs(change.degrees) }));
      }
      if (change.factor !== 1) parts.push(fill(words.scaled, { by: change.factor }));
      if (change.right) {
        parts.push(fill(change.right > 0 ? words.movedRight : words.movedLeft, { by: Math.abs(change.right) }));
      }
      if (change.down) {
        parts.push(fill(change.down > 0 ? words.movedDown : words.movedUp, { by: Math.abs(change.down) }));
      }
      if (change.brightness !== 1) parts.push(fill(words.light, { by: change.brightness }));
      if (change.hole.size) parts.push(fill(words.holed, { by: change.hole.size }));
      const text = parts.length ? parts.join(", ") : words.asItWas;
      return text[0].toUpperCase() + text.slice(1);
    };
    const answer = () => {
      const truth = labels[shown];
      const guesses = says.map(largestOf);
      const hits = guesses.map((guess) => guess === truth);
      const kind = hits[0] ? (hits[1] ? "both" : "onlyPlain") : (hits[1] ? "onlyChanged" : "neither");
      frame.say(fill(words[kind], {
        change: described(), truth: classes[truth],
        one: classes[guesses[0]], oneShare: percent(says[0][guesses[0]]),
        two: classes[guesses[1]], twoShare: percent(says[1][guesses[1]]),
      }));
    };
    const show = () => {
      look();
      frame.redraw();
      answer();
    };

    const sliders = {};
    const slider = (name, options, get, set, into) => {
      sliders[name] = { handle: frame.slider({
        label: words[name], value: get(), into, ...options,
        change(value) { set(value); show(); },
      }), get };
    };
    const setSliders = () => Object.values(sliders).forEach(({ handle, get }) => handle.set(get()));
    const signed = (value) => (value > 0 ? `+${number(value)}` : number(value));
    const hundredths = (value) => value.toFixed(2);
    slider("right", { min: -reach, max: reach, step: 1, text: signed }, () => change.right, (value) => { change.right = value; });
    frame.buttons([
      [words.mirror, () => { change.mirrored = !change.mirrored; show(); }],
      [words.random, () => {
        const [flip, angle, factor, down, right, light, top, left] = draws[drawn++ % draws.length];
        const both = (u, most) => (2 * u - 1) * most;
        const place = (u) => Math.floor(u * 0.999 * (SIDE - largest.side + 1));
        change = {
          mirrored: flip < 0.5, degrees: Math.round(both(angle, largest.degrees)),
          factor: Number((largest.factor ** both(factor, 1)).toFixed(2)),
          down: Math.round(both(down, largest.shift)), right: Math.round(both(right, largest.shift)),
          brightness: Number((1 + both(light, largest.brightness)).toFixed(2)),
          hole: { top: place(top), left: place(left), size: largest.side },
        };
        setSliders();
        show();
      }],
      [words.another, () => { shown = (shown + 1) % pictures.length; show(); }],
      [words.again, () => { change = unchanged(); setSliders(); show(); }],
    ]);
    const more = frame.more(words.more);
    slider("down", { min: -reach, max: reach, step: 1, text: signed }, () => change.down, (value) => { change.down = value; }, more);
    // The engine counts degrees to the left. Steps as fine as a change at random, so that every slider
    // shows what was done.
    slider("turn", { min: -60, max: 60, step: 1, text: (value) => `${signed(value)}°` }, () => -change.degrees, (value) => { change.degrees = -value || 0; }, more);
    slider("size", { min: 0.5, max: 1.5, step: 0.01, text: hundredths }, () => change.factor, (value) => { change.factor = value; }, more);
    slider("brightness", { min: 0.2, max: 1.8, step: 0.01, text: hundredths }, () => change.brightness, (value) => { change.brightness = value; }, more);
    slider("hole", { min: 0, max: 16, step: 2 }, () => change.hole.size, (size) => {
      const corner = (SIDE - size) / 2; // in the middle
      change.hole = { top: corner, left: corner, size };
    }, more);
    show();
  };
})();
