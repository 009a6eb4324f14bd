// A ball on the cost (xw - y)²: drag it, see the slope, take steps.
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { clamp, fill, number } = tools;
  const SNAP = 0.1; // a dragged ball stops at round numbers, so that a pencil can follow

  views.descent_1d = (frame, settings, words) => {
    const { input, target, start, rates, steps } = settings;
    const { cost: costAt, gradient } = engine.sumOfSquares([input], [target]);
    const cost = (w) => costAt([w]);
    const slope = (w) => gradient([w])[0];
    const bottom = target / input;
    const curvature = 2 * input * input;
    const reach = 1.6 * Math.abs(start - bottom);
    const range = [bottom - reach, bottom + reach];
    const highest = cost(range[1]);
    // The picture's state: where the ball has been, the last place being where it is.
    let rate = settings.rate;
    let been = [start];
    const here = () => been[been.length - 1];

    let panel;
    frame.picture((picture) => {
      const box = { left: 44, top: 32, width: picture.width - 60, height: picture.height - 76 };
      panel = picture.panel({ box, x: range, y: [-0.17 * highest, highest] });
      const ticks = [0, 1, 2, 3, 4].map((k) => Math.round((k * highest) / 45) * 10);
      panel.axis({ x: words.parameter, y: words.cost, yTicks: ticks.filter((tick) => tick < highest) });
      const w = here();
      const curve = [];
      for (let k = 0; k <= 120; k++) {
        const x = range[0] + ((range[1] - range[0]) * k) / 120;
        curve.push([x, cost(x)]);
      }
      panel.line(curve, "ink");
      const places = been.map((x) => [x, cost(x)]);
      panel.line(places, "two thin");
      for (const place of places.slice(0, -1)) panel.dot(place, "two open");

      const values = { w, cost: cost(w), slope: slope(w) };
      if (panel.shown([w, cost(w)]).gone) {
        panel.leave([w, cost(w)], fill(words.away, values), "two");
        return;
      }
      // The tangent, 90 pixels to each side.
      const perPixel = [(range[1] - range[0]) / box.width, (1.17 * highest) / box.height];
      const steepness = (slope(w) * perPixel[0]) / perPixel[1];
      const half = (90 * perPixel[0]) / Math.hypot(1, steepness);
      panel.line([-half, half].map((by) => [w + by, cost(w) + by * slope(w)]), "one");
      // The step, in a lane of its own below the curve.
      const lane = -0.1 * highest;
      const next = w - rate * slope(w);
      panel.line([[w, cost(w)], [w, lane]], "muted dashed");
      panel.arrow([w, lane], [next, lane], "three thick");
      const middle = (clamp(next, ...range) + w) / 2;
      panel.label([middle, lane], fill(words.step, { by: Math.abs(next - w) }), "three", {
        dy: -8, anchor: "middle",
      });
      const side = w <= bottom ? { dx: 20, anchor: "start" } : { dx: -20, anchor: "end" };
      const up = cost(w) < 0.25 * highest ? 20 : 0; // off the curve, near the bottom
      panel.label([w, cost(w)], fill(words.place, values), "two", { ...side, dy: -16 - up });
      panel.label([w, cost(w)], fill(words.slope, values), "one", { ...side, dy: 4 - up });
    });

    const answerPlace = () => {
      const values = { w: here(), slope: slope(here()), side: words[here() < bottom ? "right" : "left"] };
      frame.say(fill(Math.abs(here() - bottom) < 1e-9 ? words.onBottom : words.onSlope, values));
    };
    const place = (w) => {
      running.stop();
      been = [Number((Math.round(clamp(w, ...range) / SNAP) * SNAP).toFixed(6))];
      frame.redraw();
      answerPlace();
    };
    const answerStep = () => {
      const factor = 1 - rate * curvature;
      const values = { rate: number(rate), factor: Math.abs(factor), covered: Math.round(100 * (1 - factor)) };
      const kind =
        Math.abs(been[been.length - 2] - bottom) < 1e-9 ? "stays"
        : Math.abs(factor) < 1e-9 ? "hits"
        : factor > 0 ? "short"
        : Math.abs(factor + 1) < 1e-9 ? "border"
        : factor > -1 ? "over" : "past";
      frame.say(fill(words[kind], values));
    };
    const step = () => {
      been.push(here() - rate * slope(here()));
      frame.redraw();
    };

    frame.shown.handle({
      name: words.ball,
      look: "two",
      where: () => {
        const { px, py } = panel.shown([here(), cost(here())]);
        return [px, py];
      },
      move: (px) => place(panel.at(px, 0)[0]),
      nudge: (dx, dy) => place(clamp(here(), ...range) + (dx || dy) * SNAP),
      text: () => fill(words.spoken, { w: here(), cost: cost(here()), slope: slope(here()) }),
      value: () => [here(), ...range],
    });
    frame.slider({
      label: words.rate, min: rates[0], max: rates[1], step: rates[2], value: rate,
      change(value) {
        running.stop();
        rate = value;
        frame.redraw();
        const by = -rate * slope(here());
        frame.say(fill(words.rateSet, {
          rate: number(rate), slope: Math.abs(slope(here())), by: Math.abs(by),
        }));
      },
    });
    const [, runButton] = frame.buttons([
      [words.oneStep, () => { running.stop(); step(); answerStep(); }],
      [fill(words.run, { steps }), () => running.toggle()],
      [words.again, () => { place(start); frame.say(words.start); }],
    ]);
    let before;
    const running = frame.runner(runButton, words.stop, {
      pause: 350,
      step(k) {
        if (k === 0) before = cost(here());
        step();
        return k + 1 < steps;
      },
      done() {
        const after = cost(here());
        const kind =
          before < 1e-12 ? "stays"
          : Math.abs(after / before - 1) < 1e-9 ? "ranLevel" : after < before ? "ranDown" : "ranUp";
        frame.say(fill(words[kind], { steps, rate: number(rate), before, after, times: after / before }));
      },
    });
    frame.redraw();
    frame.say(words.start);
  };
})();
