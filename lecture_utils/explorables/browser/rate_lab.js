// The lecture's eight points: each learning rate that is tried trains the softmax regression anew,
// moves the borders of the three classes, and leaves a dot, until the dots form the valley.
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { fill, number } = tools;
  const LOOKS = ["one", "two", "three"]; // of the classes
  const nice = (value) => Number(value.toPrecision(2));

  // The part of a polygon where a + bx + cy is not negative.
  const cut = (polygon, [a, b, c]) => {
    const kept = [];
    polygon.forEach((point, k) => {
      const next = polygon[(k + 1) % polygon.length];
      const [here, there] = [point, next].map(([x, y]) => a + b * x + c * y);
      if (here >= 0) kept.push(point);
      if (here * there < 0) {
        const share = here / (here - there);
        kept.push([point[0] + share * (next[0] - point[0]), point[1] + share * (next[1] - point[1])]);
      }
    });
    return kept;
  };
  const middle = (polygon) => [0, 1].map((i) => polygon.reduce((sum, p) => sum + p[i], 0) / polygon.length);
  const area = (polygon) => Math.abs(polygon.reduce((sum, [x, y], k) => {
    const [nextX, nextY] = polygon[(k + 1) % polygon.length];
    return sum + x * nextY - nextX * y;
  }, 0)) / 2;

  views.rate_lab = (frame, settings, words) => {
    const { labels, start, steps, rates } = settings;
    const x = Float64Array.from(settings.x.flat());
    const allRates = Array.from({ length: rates[2] }, (_, k) =>
      nice(rates[0] * (rates[1] / rates[0]) ** (k / (rates[2] - 1))));
    let optimizer = "sgd";
    let position = allRates.reduce((best, rate, k) =>
      (Math.abs(Math.log(rate / settings.rate)) < Math.abs(Math.log(allRates[best] / settings.rate)) ? k : best), 0);
    const rate = () => allRates[position];
    const dots = { sgd: new Map(), momentum: new Map(), adam: new Map() }; // rate: last loss

    let network, take, losses;
    const restart = () => {
      network = engine.network([3, 3], start);
      take = engine.optimizers[optimizer](start.length);
      losses = [network.lossAndGradient(x, labels)];
    };
    const step = () => {
      engine.train(network, x, labels, { rate: rate(), steps: 1, optimizer: take });
      losses.push(network.lossAndGradient(x, labels));
    };
    const last = () => losses[losses.length - 1];
    const trainAll = () => {
      restart();
      while (losses.length <= steps) step();
      dots[optimizer].set(rate(), last());
    };

    const right = () => {
      const outputs = network.forward(x);
      return labels.map((label, row) => {
        const scores = outputs.subarray(row * 3, row * 3 + 3);
        return scores.every((score) => score <= scores[label]);
      });
    };
    const [low, high] = settings.losses;
    frame.picture((picture) => {
      const { narrow, width, height } = picture;
      const box = narrow
        ? [{ left: 34, top: 26, width: width - 44, height: 0.52 * height - 62 },
          { left: 44, top: 0.52 * height + 34, width: width - 54, height: 0.48 * height - 76 }]
        : [{ left: 30, top: 30, width: 0.46 * width - 40, height: height - 74 },
          { left: 0.46 * width + 52, top: 30, width: 0.54 * width - 62, height: height - 74 }];
      // --- the points and the borders ---
      const map = picture.panel({ box: box[0], x: [0, 8], y: [0, 8] });
      map.axis({ x: words.second, y: words.third });
      const [kernel, bias] = [network.parameters.subarray(0, 9), network.parameters.subarray(9)];
      // The first feature is 1 in all rows: it belongs to the bias.
      const plane = (k) => [kernel[k] + bias[k], kernel[3 + k], kernel[6 + k]];
      [0, 1, 2].forEach((k) => {
        let region = [[0, 0], [8, 0], [8, 8], [0, 8]];
        [0, 1, 2].filter((other) => other !== k).forEach((other) => {
          region = cut(region, plane(k).map((value, i) => value - plane(other)[i]));
        });
        if (region.length < 3 || !Number.isFinite(last())) return;
        map.region(region, LOOKS[k]);
        if (area(region) > 5) {
          // Above or below the middle, where it is farthest from all points.
          const [mx, my] = middle(region);
          const room = (dy) => Math.min(...settings.x.map(([, a, b]) =>
            Math.abs(map.y(b) - map.y(my) - dy) + 0.5 * Math.abs(map.x(a) - map.x(mx))));
          const dy = [5, -24, 34].reduce((best, each) => (room(each - 5) > room(best - 5) + 8 ? each : best));
          map.label([mx, my], fill(words.class, { k }), LOOKS[k], { anchor: "middle", dy });
        }
      });
      const hits = right();
      settings.x.forEach(([, second, third], row) => {
        map.dot([second, third], LOOKS[labels[row]], 6.5);
        if (!hits[row]) map.dot([second, third], "ink hollow", 11);
      });
      // --- the valley ---
      const valley = picture.panel({ box: box[1], x: [rates[0] / 1.3, rates[1] * 1.3], y: [low, high], log: { x: true, y: true } });
      const decades = [];
      for (let power = 1e-5; power <= rates[1] * 1.01; power *= 10) {
        if (power >= rates[0] * 0.99) decades.push(Number(power.toPrecision(1)));
      }
      valley.axis({ x: words.rate, y: fill(words.lossAxis, { steps }), xTicks: decades });
      valley.line([[rates[0] / 1.3, losses[0]], [rates[1] * 1.3, losses[0]]], "muted dashed");
      valley.label([rates[0], losses[0]], words.lossAtStart, "muted", { dy: -7 });
      const tried = [...dots[optimizer]];
      allRates.slice(1).forEach((at, k) => { // between neighbours only
        const pair = [allRates[k], at].map((each) => [each, dots[optimizer].get(each)]);
        if (pair.every(([, loss]) => loss < Infinity)) valley.line(pair, "four thin faint");
      });
      tried.forEach(([at, loss]) => {
        if (loss <= high && at !== rate()) valley.dot([at, loss], "four", 4);
        else if (at !== rate()) valley.up(at, "four");
      });
      const text = `${number(rate())}: ${number(last())}`;
      if (last() <= high) {
        valley.dot([rate(), last()], "four", 7);
        const onRight = rate() > Math.sqrt(rates[0] * rates[1]);
        valley.label([rate(), last()], text, "four", { dx: onRight ? -12 : 12, dy: 18, anchor: onRight ? "end" : "start" });
      } else {
        valley.up(rate(), "four thick");
        valley.label([rate(), high], text, "four", { dx: -12, dy: 20, anchor: "end" });
      }
    });

    const answer = () => {
      const ups = losses.slice(1).filter((loss, k) => !(loss <= losses[k])).length;
      const best = [...dots[optimizer]].reduce((a, b) => (b[1] < a[1] ? b : a));
      const count = right().filter(Boolean).length;
      const kind =
        Number.isNaN(last()) ? "broken"
        : last() > losses[0] ? "tooLong"
        : last() > 0.9 * losses[0] ? "tooShort"
        : ups > steps / 20 ? "jumps"
        : best[0] === rate() ? "best" : "other";
      frame.say(fill(words[kind], {
        rate: number(rate()), loss: last(), first: losses[0], steps, ups, count, of: labels.length,
        best: number(best[0]), bestLoss: best[1],
      }));
    };
    const tryRate = () => {
      trainAll();
      frame.redraw();
      answer();
    };
    const slider = frame.slider({
      label: words.rate, min: 0, max: allRates.length - 1, step: 1, value: position,
      text: (k) => number(allRates[k]),
      change(k) { running.stop(); position = k; tryRate(); },
    });
    const [watchButton, allButton] = frame.buttons([
      [words.watch, () => running.toggle()],
      [words.all, () => everything.toggle()],
      [words.again, () => {
        running.stop();
        everything.stop();
        for (const tried of Object.values(dots)) tried.clear();
        tryRate();
        frame.say(words.start);
      }],
    ]);
    const running = frame.runner(watchButton, words.stop, {
      pause: 40,
      step(k) {
        if (k === 0) restart();
        step();
        frame.redraw();
        return losses.length <= steps;
      },
      done: answer,
    });
    const everything = frame.runner(allButton, words.stop, {
      pause: 40,
      step(k) {
        position = k;
        slider.set(k);
        trainAll();
        frame.redraw();
        return k + 1 < allRates.length;
      },
      done() {
        const best = [...dots[optimizer]].reduce((a, b) => (b[1] < a[1] ? b : a));
        position = allRates.indexOf(best[0]);
        slider.set(position);
        trainAll();
        frame.redraw();
        frame.say(fill(words.valley, { best: number(best[0]), bestLoss: best[1] }));
      },
    });
    const inside = frame.more(words.more);
    const rules = ["sgd", "momentum", "adam"];
    const choices = frame.buttons(rules.map((rule) => [words[rule], () => {
      running.stop();
      optimizer = rule;
      press();
      tryRate();
    }]), inside);
    const press = () => choices.forEach((button, k) => button.setAttribute("aria-pressed", rules[k] === optimizer));
    press();
    trainAll();
    frame.redraw();
    frame.say(words.start);
  };
})();
