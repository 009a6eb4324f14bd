// A bowl from above: drag the start, set the rate and how much steeper one direction is.
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { clamp, fill, number } = tools;
  const SNAP = 0.1;
  const snap = (value) => Number((Math.round(value / SNAP) * SNAP).toFixed(6));

  views.descent_2d = (frame, settings, words) => {
    const { bottom, steps } = settings;
    let { rate, start } = settings;
    // The cost is half of curvature times distance², in each direction; the gentle one stays.
    const gentle = settings.curvatures[1];
    let ratio = settings.curvatures[0] / gentle;
    const curvatures = () => [ratio * gentle, gentle];
    const objective = () => {
      const [a, b] = curvatures().map((curvature) => Math.sqrt(curvature / 2));
      return engine.sumOfSquares([a, 0, 0, b], [a * bottom[0], b * bottom[1]]);
    };
    const factors = () => curvatures().map((curvature) => 1 - rate * curvature);
    let taken = 0; // steps of the path that are shown
    let path = [];
    const walk = () => {
      path = engine.descend(objective().gradient, start, rate, steps);
    };
    const at = (k) => [path[2 * k], path[2 * k + 1]];
    walk();

    const reach = settings.reach;
    let panel;
    frame.picture((picture) => {
      // One unit of w is as long to the right as upwards: a direction is an angle that can be seen.
      const side = 40;
      const box = { left: side, top: 54, width: picture.width - side - 14, height: picture.height - 98 };
      const unit = Math.min(box.width / (2 * reach[0]), box.height / (2 * reach[1]));
      const half = [box.width / 2 / unit, box.height / 2 / unit];
      panel = picture.panel({
        box, x: [bottom[0] - half[0], bottom[0] + half[0]], y: [bottom[1] - half[1], bottom[1] + half[1]],
      });
      panel.axis({ x: words.first, y: words.second });
      // Contours: the cost is the same along each; four times the cost from one to the next.
      const [steep] = curvatures();
      for (let level = 1, k = 0; k < 9; k++, level *= 2) {
        const axes = [steep, gentle].map((curvature) => (level * 0.16) / Math.sqrt(curvature / gentle));
        panel.line(Array.from({ length: 73 }, (_, j) => {
          const angle = (j * Math.PI) / 36;
          return [bottom[0] + axes[0] * Math.cos(angle), bottom[1] + axes[1] * Math.sin(angle)];
        }), "muted contour");
      }
      const places = Array.from({ length: taken + 1 }, (_, k) => at(k));
      panel.line(places, "two thin");
      places.slice(1).forEach((place) => panel.dot(place, "two", 3));
      panel.dot(bottom, "ink", 3.5);
      panel.label(bottom, words.bottom, "ink", { dx: 7, dy: 17 });
      const last = at(taken);
      if (panel.shown(last).gone) {
        panel.leave(last, fill(words.away, { k: taken, w1: last[0], w2: last[1] }), "two", -16);
      } else {
        const gradient = objective().gradient(last);
        const next = last.map((w, i) => w - rate * gradient[i]);
        if (taken < steps) panel.arrow(last, next, "three");
      }
      // What a step does, in each direction.
      factors().forEach((factor, i) => {
        const text = fill(words.factor, { name: words[i ? "second" : "first"], factor });
        panel.label([panel.xRange[1], panel.yRange[1]], text, Math.abs(factor) > 1 + 1e-9 ? "two" : "one", {
          dy: -30 + 20 * i, anchor: "end",
        });
      });
    });

    // --- the line below ---
    const far = (k, i) => Math.abs(at(k)[i] - bottom[i]);
    const kindOf = (factor) =>
      Math.abs(factor) > 1 + 1e-9 ? "runs"
      : Math.abs(factor + 1) < 1e-9 ? "swings"
      : factor < 0 ? "zigzags" : factor > 0.9 ? "crawls" : "settles";
    const answerFactors = () => {
      const [one, two] = factors();
      const says = (factor, name) => fill(words[kindOf(factor)], { name, factor: Math.abs(factor) });
      frame.say(`${fill(words.rateAnd, { rate: number(rate) })} ${says(one, words.first)}; ${says(two, words.second)}.`);
    };
    const answerWalk = () => {
      const left = [0, 1].map((i) => far(taken, i) / Math.max(far(0, i), 1e-12));
      const worst = Math.max(...left);
      const kind = worst > 1 + 1e-9 ? "wentAway" : worst < 0.01 ? "arrived" : left[0] < left[1] ? "waitSecond" : "waitFirst";
      frame.say(fill(words[kind], {
        k: taken, one: percent(left[0]), two: percent(left[1]), times: worst,
      }));
    };
    const percent = (share) => (share < 0.001 ? words.none : fill(words.percent, { value: number(100 * share, 2) }));

    const restart = () => {
      running.stop();
      taken = 0;
      walk();
      frame.redraw();
    };
    const setStart = (x, y) => {
      start = [snap(clamp(x, ...panel.xRange)), snap(clamp(y, ...panel.yRange))];
      restart();
      const gradient = objective().gradient(start);
      const toBottom = [bottom[0] - start[0], bottom[1] - start[1]];
      const size = Math.hypot(...gradient) * Math.hypot(...toBottom);
      const cosine = size ? -(gradient[0] * toBottom[0] + gradient[1] * toBottom[1]) / size : 1;
      const angle = Math.round((Math.acos(clamp(cosine, -1, 1)) * 180) / Math.PI);
      frame.say(fill(size < 1e-12 ? words.onBottom : words.points, { w1: start[0], w2: start[1], angle }));
    };
    frame.shown.handle({
      name: words.start, look: "two", role: words.twoWays,
      where: () => {
        const { px, py } = panel.nearest(panel.x(start[0]), panel.y(start[1]));
        return [px, py];
      },
      move: (px, py) => setStart(...panel.at(px, py)),
      nudge: (dx, dy) => setStart(clamp(start[0] + dx * SNAP, ...panel.xRange), start[1] + dy * SNAP),
      text: () => fill(words.spoken, { w1: start[0], w2: start[1] }),
      value: () => [start[0], ...panel.xRange.map((w) => Number(w.toFixed(2)))],
    });
    frame.slider({
      label: words.rate, min: settings.rates[0], max: settings.rates[1], step: settings.rates[2], value: rate,
      change(value) { rate = value; restart(); answerFactors(); },
    });
    const { ratios } = settings;
    frame.slider({
      label: words.ratio, min: 0, max: ratios.length - 1, step: 1, value: ratios.indexOf(ratio),
      text: (k) => fill(words.times, { times: ratios[k] }),
      change(k) { ratio = ratios[k]; restart(); answerFactors(); },
    });
    const step = () => {
      if (taken < steps) taken++;
      frame.redraw();
    };
    const [, runButton] = frame.buttons([
      [words.oneStep, () => { running.stop(); step(); answerWalk(); }],
      [fill(words.run, { steps }), () => { if (taken === steps) taken = 0; running.toggle(); }],
      [words.again, () => { start = settings.start; restart(); frame.say(words.begin); }],
    ]);
    const running = frame.runner(runButton, words.stop, {
      pause: 90,
      step() { step(); return taken < steps; },
      done: answerWalk,
    });
    frame.redraw();
    frame.say(words.begin);
  };
})();
