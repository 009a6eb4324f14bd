// Nine points, one of which a reader drags away. Beside them their prices alone: what follows the
// point (mean, least squares), and what stays (median, Huber's line, fences).
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { clamp, fill, number } = tools;
  const X_LIMITS = [30, 170];
  const Y_LIMITS = [0, 60];
  const NEAR = 1; // off the line by less: one of the others

  views.one_point_away = (frame, settings, words) => {
    const { deltas, x_range: xRange, y_range: yRange } = settings;
    const homes = settings.points;
    let { moved, delta } = settings;
    let points = homes.map((point) => [...point]);
    points[moved] = [...settings.at];

    const summary = (all) => {
      const xs = Float64Array.from(all, ([x]) => x);
      const ys = Float64Array.from(all, ([, y]) => y);
      const table = engine.powers(xs, 1);
      return {
        mean: engine.mean(ys), median: engine.median(ys), fences: engine.fences(ys),
        z: engine.zScores(ys)[moved],
        squares: engine.leastSquares(table, 2)(ys), huber: engine.huberFit(table, 2, ys, delta),
      };
    };
    let found = summary(points);
    const here = () => points[moved];
    const on = ([start, slope], x) => start + slope * x;

    let panel;
    frame.picture((picture) => {
      const { narrow, width } = picture;
      const stripWidth = narrow ? 114 : 168;
      const [left, top] = [34, 34];
      const height = picture.height - top - 44;
      const gap = 14;
      panel = picture.panel({
        box: { left, top, width: width - left - gap - stripWidth - 6, height }, x: xRange, y: yRange,
      });
      panel.axis({ x: words.area, y: words.price });
      const strip = picture.panel({
        box: { left: width - stripWidth - 6, top, width: stripWidth, height }, x: [0, 1], y: yRange,
      });
      strip.axis({ xTicks: [], yText: () => "" });
      strip.label([0.5, yRange[1]], words.alone, "ink", { dy: -10, anchor: "middle" });

      // The lines, with their names at the end, apart from each other.
      const [x1, x2] = xRange;
      for (const [name, look] of [["squares", "two thick"], ["huber", "three thick"]]) {
        panel.line([[x1, on(found[name], x1)], [x2, on(found[name], x2)]], look);
      }
      const squaresAbove = on(found.squares, x2) >= on(found.huber, x2);
      for (const [name, look, above] of [["squares", "two", squaresAbove], ["huber", "three", !squaresAbove]]) {
        // Clear of its line over the length of the word.
        const from = panel.at(panel.x(x2) - 7.5 * words[name].length - 6, 0)[0];
        const heights = [from, x2].map((x) => panel.y(on(found[name], x)));
        const py = above ? Math.min(...heights) - 7 : Math.max(...heights) + 16;
        panel.label(panel.at(panel.x(x2) - 6, clamp(py, top + 14, top + height - 6)), words[name], look, { anchor: "end" });
      }
      panel.dot(homes[moved], "muted hollow", 6);
      points.forEach((point, k) => { if (k !== moved) panel.dot(point, "ink", 4.5); });
      panel.leave(here(), number(here()[1]), "one", 4);

      // The prices alone.
      found.fences.forEach((fence, k) => {
        if (fence <= yRange[0] || fence >= yRange[1]) return;
        strip.line([[0, fence], [1, fence]], "ink dashed");
        strip.label([1, fence], words[k ? "highFence" : "lowFence"], "ink", { dx: -4, dy: k ? -6 : 16, anchor: "end" });
      });
      points.forEach(([, y], k) => {
        if (k !== moved) strip.dot([0.12, y], "ink", 4);
      });
      strip.dot([0.12, here()[1]], "one", 6);
      strip.leave([0.12, here()[1]], "", "one");
      const { py: dotY } = strip.shown([0.12, here()[1]]);
      const clear = ["mean", "median"].every((name) => Math.abs(strip.y(found[name]) - dotY) > 30);
      if (clear) strip.label([0.24, strip.at(0, dotY)[1]], fill(words.z, { z: found.z }), "one", { dy: 5 });
      const apart = found.mean >= found.median ? 1 : -1;
      const between = Math.abs(strip.y(found.mean) - strip.y(found.median));
      const shift = Math.max(0, 17 - between) / 2;
      for (const [name, look, side] of [["mean", "two", apart], ["median", "three", -apart]]) {
        strip.line([[0.04, found[name]], [0.34, found[name]]], `${look} thick`);
        strip.label([0.38, found[name]], fill(words[name], { value: number(found[name], 3) }), look, { dy: 5 - side * shift });
      }
    });

    const answer = () => {
      const [area, price] = here();
      const others = homes.filter((_, k) => k !== moved);
      const areas = others.map(([x]) => x);
      const width = Math.max(...areas) - Math.min(...areas);
      const far = area > Math.max(...areas) + 0.25 * width || area < Math.min(...areas) - 0.25 * width;
      const off = price - on(found.huber, area);
      const outside = price < found.fences[0] || price > found.fences[1];
      // The line of the others says what the point does to both.
      const table = engine.powers(Float64Array.from(areas), 1);
      const without = engine.leastSquares(table, 2)(Float64Array.from(others, ([, y]) => y));
      const usual = Math.abs(price - on(without, area)) < NEAR;
      const values = {
        area, price, off: Math.abs(off), z: Math.abs(found.z),
        limit: (points.length - 1) / Math.sqrt(points.length),
        squares: found.squares[1] * 100, huber: found.huber[1] * 100, without: without[1] * 100,
      };
      const kind =
        far && usual ? "farAndRight"
        : far ? "farAside"
        : usual ? "usual"
        : outside ? "outside" : "inside";
      frame.say(fill(words[kind], values));
    };
    const changed = () => {
      found = summary(points);
      frame.redraw();
      answer();
    };
    const place = (x, y) => {
      points[moved] = [
        Math.round(clamp(x, ...X_LIMITS)),
        Number((Math.round(clamp(y, ...Y_LIMITS) * 10) / 10).toFixed(1)),
      ];
      changed();
    };
    frame.shown.handle({
      name: words.point, look: "one", role: words.twoWays,
      where: () => {
        const { px, py } = panel.shown(here());
        return [px, py];
      },
      move: (px, py) => place(...panel.at(px, py)),
      nudge: (dx, dy) => place(
        clamp(here()[0] + dx, ...X_LIMITS), clamp(here()[1] + dy / 2, ...Y_LIMITS),
      ),
      text: () => fill(words.spoken, { area: here()[0], price: here()[1] }),
      value: () => [here()[1], ...Y_LIMITS],
    });
    const [homeX, homeY] = [() => homes[moved][0], () => homes[moved][1]];
    const priced = (factor) => {
      points[moved] = [homeX(), homeY() * factor];
      changed();
    };
    frame.buttons([
      [words.tooMany, () => priced(10)],
      [words.tooFew, () => priced(0.1)],
      [words.back, () => { priced(1); frame.say(words.start); }],
    ]);
    const inside = frame.more(words.more);
    frame.slider({
      label: words.which, min: 1, max: points.length, step: 1, value: moved + 1, into: inside,
      text: (k) => fill(words.flat, { area: homes[k - 1][0] }),
      change(k) {
        moved = k - 1;
        points = homes.map((point) => [...point]);
        points[moved] = [homeX(), 20];
        changed();
      },
    });
    frame.slider({
      label: words.delta, min: deltas[0], max: deltas[1], step: deltas[2], value: delta, into: inside,
      change(value) { delta = value; changed(); },
    });
    frame.redraw();
    frame.say(words.start);
  };
})();
