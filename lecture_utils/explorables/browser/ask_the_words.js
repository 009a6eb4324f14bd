// One word asks, the others answer: a query that can be dragged, the weights of the words, the mix.
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { clamp, fill, number, shape } = tools;
  const SNAP = 0.05;
  const pair = (vector) => `(${vector.map((value) => value.toFixed(2).replace("-", "−").replace("−0.00", "0.00")).join(", ")})`;
  const percent = (share) => `${Math.round(100 * share)} %`;

  views.ask_the_words = (frame, settings, words) => {
    const { names, keys, values, asking, reach } = settings;
    let query = [...settings.query];
    let found;
    const ask = () => { found = engine.attention(query, keys, values); };
    const leader = () => found.weights.indexOf(Math.max(...found.weights));
    const LOOKS = ["muted", "two", "one", "four", "five"];

    let plane;
    frame.picture((picture) => {
      const { narrow, width, height } = picture;
      const side = narrow ? Math.min(width - 40, 0.56 * height - 50) : Math.min(height - 52, 0.52 * width);
      plane = picture.panel({
        box: { left: narrow ? (width - side) / 2 : 30, top: 32, width: side, height: side },
        x: [-reach, reach], y: [-reach, reach],
      });
      const page = picture.panel({
        box: { left: 0, top: 0, width, height }, x: [0, width], y: [height, 0],
      });
      plane.axis({ x: "", y: "", xTicks: [-2, -1, 0, 1, 2], yTicks: [-2, -1, 0, 1, 2] });
      page.label([plane.box.left, 20], words.plane, "muted");
      keys.forEach((key, k) => {
        if (Math.hypot(...key) < 0.05) plane.dot(key, LOOKS[k], 6);
        else plane.arrow([0, 0], key, LOOKS[k]);
      });
      plane.line([[0, 0], query], "three dashed");
      plane.arrow([0, 0], found.mixed, "ink");
      keys.forEach((key, k) => {
        const below = key[1] <= 0;
        plane.label(key, names[k], LOOKS[k], { dx: key[0] < 0 ? -6 : 8, dy: below ? 19 : -2, anchor: key[0] < 0 ? "end" : "start" });
      });
      plane.label(found.mixed, words.mixed, "ink", { dx: -8, dy: -7, anchor: "end" });
      const above = query[1] > 0;
      plane.label(query, words.query, "three", { dx: 14, dy: above ? -10 : 20 });
      // --- the weights ---
      const left = narrow ? 4 : plane.box.left + side + 34;
      const top = narrow ? plane.box.top + side + 52 : 46;
      const row = narrow ? 46 : Math.min(62, (height - 130) / names.length);
      const long = width - left - 64;
      page.label([left, top - 14], words.weights, "muted");
      names.forEach((name, k) => {
        const y = top + k * row;
        page.label([left, y + 16], name, LOOKS[k]);
        page.label([left + 44, y + 16], fill(words.score, { score: number(found.scores[k], 2) }), "muted light");
        shape(picture.layer, "rect", { class: `word ${LOOKS[k]}`, x: left, y: y + 22, width: Math.max(1, long * found.weights[k]), height: 11 });
        page.label([left + long * found.weights[k] + 6, y + 32], percent(found.weights[k]), LOOKS[k]);
      });
      const y = top + names.length * row + 22;
      page.label([left, y], fill(words.takes, { word: names[asking], mixed: pair(found.mixed) }), "ink");
    });

    // --- what a reader did ---
    const answer = () => {
      const best = leader();
      const share = found.weights[best];
      const values = { word: names[best], share: percent(share), asking: names[asking], mixed: pair(found.mixed), length: number(Math.hypot(...query), 2) };
      const spread = share - Math.min(...found.weights);
      const kind = Math.hypot(...query) === 0 ? "nothing" : spread < 0.05 ? "even" : share > 0.95 ? "sharp" : "most";
      frame.say(fill(words[kind], values));
    };
    const show = () => { ask(); frame.redraw(); };
    const moveTo = (x, y) => {
      const tidy = (value) => Number((Math.round(clamp(value, -reach, reach) / SNAP) * SNAP).toFixed(4)) || 0;
      query = [tidy(x), tidy(y)];
      show();
      answer();
    };
    frame.shown.handle({
      name: words.handle, look: "three", role: words.twoWays, size: 0.8,
      where: () => [plane.x(query[0]), plane.y(query[1])],
      move: (px, py) => moveTo(...plane.at(px, py)),
      nudge: (dx, dy) => moveTo(clamp(query[0] + dx * SNAP, -reach, reach), clamp(query[1] + dy * SNAP, -reach, reach)),
      text: () => fill(words.spoken, { query: pair(query), weights: names.map((name, k) => `${name} ${percent(found.weights[k])}`).join(", ") }),
      value: () => [query[1], -reach, reach],
    });
    const scaled = (factor) => () => {
      const longest = Math.max(...query.map(Math.abs)) * factor;
      const by = longest > reach ? (factor * reach) / longest : factor;
      query = query.map((value) => value * by);
      show();
      answer();
    };
    frame.buttons([
      [words.longer, scaled(1.5)],
      [words.shorter, scaled(1 / 1.5)],
      [words.askNothing, () => { query = [0, 0]; show(); answer(); }],
      [words.again, () => { query = [...settings.query]; show(); frame.say(words.start); }],
    ]);
    show();
    frame.say(words.start);
  };
})();
