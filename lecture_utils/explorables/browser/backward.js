// A small network on one day: values flow down, slopes are fetched back up, and every parameter can
// be turned to see whether its slope told the truth.
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { clamp, fill, number, shape } = tools;
  //: On the way back: what has its slope after each step.
  const STEPS = [
    ["prediction"],
    ["c", "v1", "v2", "h1", "h2"],
    ["z1", "z2"],
    ["w1", "b1", "w2", "b2"],
  ];
  const BY = 0.1;

  views.backward = (frame, settings, words) => {
    const { input, target, names, rate, reach, places, ways, added } = settings;
    let parameters = [...settings.parameters];
    let chosen = 0;
    let back = 0; // how many steps of the way back are shown
    const now = () => engine.backwardPass(input, target, parameters);
    const signed = (value) => (value > 0 ? `+${number(value)}` : number(value));
    const shownSlopes = () => new Set(STEPS.slice(0, back).flat());

    // --- the picture ---
    frame.picture((picture) => {
      const { width, height, narrow } = picture;
      const { values, slopes, gradient } = now();
      const known = shownSlopes();
      const panel = picture.panel({
        box: { left: 4, top: 26, width: width - 8, height: height - 52 }, x: [0, 1], y: [0, 1],
      });
      const box = { width: narrow ? 88 : 104, height: 28 };
      const text = (px, py, content, look, anchor) => {
        shape(panel.labels, "text", { class: `label ${look}`, x: px, y: py, "text-anchor": anchor }, content);
      };
      const off = (name) => name && values[`z${name.slice(-1)}`] <= 0;
      // A number that works on a value, its slope below it.
      const parameter = (name, px, py, anchor) => {
        const k = names.indexOf(name);
        text(px, py, `${words[name]} = ${number(parameters[k])}`, k === chosen ? "one" : "ink light", anchor);
        if (known.has(name)) text(px, py + 18, fill(words.slope, { slope: signed(gradient[k]) }), "two", anchor);
      };
      const pixel = (place) => {
        const [x, y] = places[place];
        return [panel.x(narrow && x !== 0.5 ? (x < 0.5 ? 0.16 : 0.84) : x), panel.y(y)];
      };
      for (const [from, to, name] of ways) {
        const [[x1, y1], [x2, y2]] = [pixel(from), pixel(to)];
        const dead = /^[zh]/.test(from) && off(from);
        shape(panel.axes, "line", { class: `line ${dead ? "muted dashed" : "ink thin"}`, x1, y1: y1 + box.height / 2, x2, y2: y2 - box.height / 2 });
        const left = x1 + x2 < width;
        const [px, py] = [(x1 + x2) / 2, (y1 + y2) / 2];
        if (name) parameter(name, px + (left ? -14 : 14), name[0] === "w" ? py - 20 : py + (narrow ? 4 : 16), left ? "end" : "start");
        else if (from[0] === "z") {
          const outside = left !== narrow; // on a phone there is no room there
          text(px + (outside ? -10 : 10), py + 8, off(from) ? words.off : words.on, "muted", outside ? "end" : "start");
        }
      }
      for (const place of Object.keys(places)) {
        const [px, py] = pixel(place);
        shape(panel.axes, "rect", { class: "node", x: px - box.width / 2, y: py - box.height / 2, width: box.width, height: box.height, rx: 6 });
        text(px, py + 5, `${words[place]} = ${number(values[place])}`, "ink", "middle");
        if (known.has(place)) text(px, py + box.height / 2 + 16, fill(words.slope, { slope: signed(slopes[place]) }), "two", "middle");
      }
      for (const [name, place] of Object.entries(added)) {
        const [px, py] = pixel(place);
        const outside = px < width / 2 - 1 && !narrow || px > width / 2 + 1 && narrow;
        parameter(name, px + (outside ? -1 : 1) * (box.width / 2 + 8), py, outside ? "end" : "start");
      }
      text(panel.x(places.cost[0]) + box.width / 2 + 8, panel.y(places.cost[1]) + 5, fill(words.target, { target }), "muted", "start");
    });

    // --- turning one number ---
    const choices = frame.buttons(names.map((name, k) => [words[name], () => {
      chosen = k;
      show();
      frame.say(back === STEPS.length ? promise() : fill(words.chosen, { name: words[name] }));
    }]));
    const slider = frame.slider({
      label: words.value, min: -reach, max: reach, step: BY, value: parameters[0],
      change(value) {
        const before = now();
        const by = value - parameters[chosen];
        parameters[chosen] = value;
        show();
        const changed = now().values.cost - before.values.cost;
        const expected = before.gradient[chosen] * by;
        const kind =
          before.gradient[chosen] === 0 && Math.abs(changed) < 1e-12 ? "nothing"
          : before.gradient[chosen] === 0 ? "switched"
          : "moved";
        frame.say(fill(words[kind], {
          name: words[names[chosen]], by: signed(by), expected: signed(expected), changed: signed(changed),
          unit: names[chosen].slice(-1),
        }));
      },
    });
    const promise = () => {
      const slope = now().gradient[chosen];
      return fill(slope === 0 ? words.zero : words.promise, {
        name: words[names[chosen]], slope: signed(slope), change: signed(slope * BY), by: BY,
      });
    };

    // --- the way back, and a step ---
    frame.buttons([
      [words.back, () => {
        back = back === STEPS.length ? 1 : back + 1;
        show();
        const { values, slopes } = now();
        frame.say(fill(words[`back${back}`], {
          miss: values.prediction - target, prediction: slopes.prediction,
          v1: parameters[4], h1: slopes.h1, value1: values.h1, slopeV1: slopes.prediction * values.h1,
          z1: slopes.z1, input, slopeW1: slopes.z1 * input,
          unit1: values.z1 > 0 ? words.passes : words.blocks, unit2: values.z2 > 0 ? words.passes : words.blocks,
        }));
      }],
      [words.step, () => {
        const before = now();
        parameters = parameters.map((value, k) => clamp(value - rate * before.gradient[k], -reach, reach));
        back = STEPS.length;
        show();
        const still = names.filter((_, k) => before.gradient[k] === 0).map((name) => words[name]);
        const values = { before: before.values.cost, cost: now().values.cost, names: still.join(", ") };
        frame.say(fill(still.length === names.length ? words.arrived : still.length ? words.steppedSome : words.stepped, values));
      }],
      [words.again, () => {
        parameters = [...settings.parameters];
        back = 0;
        show();
        frame.say(words.start);
      }],
    ]);
    const show = () => {
      choices.forEach((button, k) => button.setAttribute("aria-pressed", k === chosen));
      slider.set(parameters[chosen]);
      frame.redraw();
    };
    show();
    frame.say(words.start);
  };
})();
