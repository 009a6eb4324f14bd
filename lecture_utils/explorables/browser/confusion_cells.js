// A confusion matrix: choose a cell, and see some of its pictures and what the network says to each.
(() => {
  "use strict";
  const { engine, views, tools, data } = globalThis.courseExplorables;
  const { address, clamp, fill, shape } = tools;
  const SIDE = 28;

  const percent = (share) => (share >= 0.995 ? "> 99 %" : `${Math.round(100 * share)} %`);

  views.confusion_cells = (frame, settings, words) => {
    const { classes, codes, confusion, labels, scales, sizes } = data.draw_a_shirt;
    const grey = Float64Array.from(engine.bytes(data.draw_a_shirt.pictures), (byte) => byte / 255);
    const weights = codes.flatMap((text, k) => [...engine.scaled(text, scales[k])]);
    const network = engine.network(sizes, weights);
    // What the network says to each stored picture decides in which cell it stands.
    const stored = labels.map((label, k) => {
      const picture = grey.subarray(k * SIDE * SIDE, (k + 1) * SIDE * SIDE);
      const shares = Array.from(engine.softmax(network.forward(picture)));
      const answer = shares.indexOf(Math.max(...shares));
      return { picture, label, answer, share: shares[answer] };
    });
    const n = classes.length;
    const mistakes = confusion
      .flatMap((row, label) => row.map((count, answer) => ({ count, label, answer })))
      .filter(({ count, label, answer }) => count && label !== answer)
      .sort((a, b) => b.count - a.count);
    let { true: truth, predicted } = settings;
    let place = 0; // among the mistakes

    let matrix; // its panel
    frame.picture((picture) => {
      const { narrow, width, height, layer } = picture;
      const left = narrow ? 88 : 92;
      const top = narrow ? 102 : 100;
      const size = narrow ? width - left - 2 : Math.min(height - top - 4, 0.66 * width - left + 60);
      matrix = picture.panel({
        box: { left, top, width: size, height: size }, x: [-0.5, n - 0.5], y: [n - 0.5, -0.5],
      });
      const cell = size / n;
      const page = picture.panel({
        box: { left: 0, top: 0, width, height }, x: [0, width], y: [height, 0],
      });
      page.label([2, 16], `${words.predicted} →`, "muted");
      page.label([2, top - 10], `${words.true} ↓`, "muted");
      classes.forEach((name, k) => {
        const chosen = (which) => (which === k ? "ink" : "muted light");
        page.label([left - 8, matrix.y(k)], name, `${chosen(truth)} small`, { dy: 4, anchor: "end" });
        const x = matrix.x(k) + 4;
        const text = shape(layer, "text", {
          class: `label small ${chosen(predicted)}`, x, y: top - 8,
          transform: `rotate(-90 ${x} ${top - 8})`,
        }, name);
        text.setAttribute("text-anchor", "start");
      });
      confusion.forEach((row, label) => row.forEach((count, answer) => {
        const [x, y] = [matrix.x(answer) - cell / 2, matrix.y(label) - cell / 2];
        shape(layer, "rect", {
          class: `cell ${label === answer ? "one" : "two"}`, x, y, width: cell, height: cell,
          style: `fill-opacity: ${(0.55 * Math.sqrt(count / 100)).toFixed(3)}`,
        });
        if (count) {
          matrix.label([answer, label], String(count), "ink light small", { dy: 4, anchor: "middle" });
        }
      }));
      shape(layer, "rect", {
        class: "line ink thick", x: matrix.x(predicted) - cell / 2, y: matrix.y(truth) - cell / 2,
        width: cell, height: cell,
      });
      for (const [name, value] of Object.entries({ x: left, y: top, width: size, height: size })) {
        paper.setAttribute(name, value);
      }

      // --- the pictures of the cell ---
      const shown = stored.filter(({ label, answer }) => label === truth && answer === predicted);
      const count = confusion[truth][predicted];
      const room = narrow
        ? { x: 2, y: top + size + 30, step: [(width - 4) / 3, 0] }
        : { x: left + size + 26, y: 44, step: [0, (height - 52) / 3] };
      const side = narrow ? Math.min(room.step[0] - 12, 100) : Math.min(room.step[1] - 26, width - room.x - 4);
      const title = count === 0 ? words.none
        : fill(count > shown.length ? words.some : words.all, { shown: shown.length, count });
      page.label([room.x, room.y - 10], title, "muted");
      shown.forEach(({ picture: values, answer, share }, k) => {
        const [x, y] = [room.x + k * room.step[0], room.y + k * room.step[1]];
        shape(layer, "image", {
          href: address(values), x, y, width: side, height: side, style: "image-rendering: pixelated",
        });
        shape(layer, "rect", { class: "line muted thin", x, y, width: side, height: side });
        page.label([x, y + side + 16], narrow ? percent(share) : fill(words.says, {
          answer: classes[answer], share: percent(share),
        }), truth === answer ? "one small" : "two small");
      });
    });
    const paper = shape(frame.shown.svg, "rect", { class: "surface" });
    frame.shown.top.before(paper);

    const spoken = () => fill(words.spoken, {
      truth: classes[truth], answer: classes[predicted], count: confusion[truth][predicted],
    });
    const choose = (row, column) => {
      [truth, predicted] = [row, column].map((number) => clamp(number, 0, n - 1));
      frame.redraw();
      const count = confusion[truth][predicted];
      const column_ = confusion.reduce((sum, row_) => sum + row_[predicted], 0);
      const kind = truth === predicted ? "right" : count ? "wrong" : "nothing";
      frame.say(fill(words[kind], {
        truth: classes[truth], answer: classes[predicted], count, column: column_,
        precision: Math.round((100 * count) / column_), back: confusion[predicted][truth],
      }));
    };
    paper.style.touchAction = "manipulation"; // a finger only taps here, and may scroll
    paper.addEventListener("click", (event) => {
      const { left, top } = frame.shown.svg.getBoundingClientRect();
      const [column, row] = matrix.at(event.clientX - left, event.clientY - top).map(Math.round);
      choose(row, column);
    });
    const { group } = frame.shown.handle({
      name: words.cell,
      look: "ink",
      size: 0.4,
      where: () => [matrix.x(predicted), matrix.y(truth)],
      move() {},
      // A single step over an edge comes in on the other side.
      nudge: (dx, dy) => choose(...[truth - dy, predicted + dx].map((place) =>
        (Math.abs(dx + dy) === 1 ? (place + n) % n : place))),
      text: spoken,
      value: () => [truth * n + predicted, 0, n * n - 1],
      role: words.cellRole,
    });
    group.style.pointerEvents = "none";
    group.classList.add("unseen"); // the frame of the cell shows where it is

    const goTo = (number) => {
      place = number % mistakes.length;
      choose(mistakes[place].label, mistakes[place].answer);
    };
    frame.buttons([
      [words.worst, () => goTo(0)],
      [words.another, () => goTo(place + 1)],
    ]);
    frame.redraw();
    frame.say(fill(words.start, {
      truth: classes[truth], answer: classes[predicted], count: confusion[truth][predicted],
    }));
  };
})();
