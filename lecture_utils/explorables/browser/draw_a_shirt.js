// A sheet of 28 by 28 pixels, and what a network that knows clothes says to it, stroke by stroke.
(() => {
  "use strict";
  const { engine, views, tools, data } = globalThis.courseExplorables;
  const { address, clamp, fill, number, shape } = tools;
  const SIDE = 28;

  const percent = (share) => (share >= 0.995 ? "> 99 %" : `${Math.round(100 * share)} %`);

  views.draw_a_shirt = (frame, settings, words) => {
    const { classes, codes, labels, scales, sizes } = data.draw_a_shirt;
    const usual = data.draw_a_shirt.distances; // of test pictures to their nearest mean, rising
    const unpacked = (text) => Float64Array.from(engine.bytes(text), (byte) => byte / 255);
    const cut = (text) => {
      const all = unpacked(text);
      return Array.from({ length: all.length / (SIDE * SIDE) }, (_, k) =>
        all.subarray(k * SIDE * SIDE, (k + 1) * SIDE * SIDE));
    };
    const [pictures, means] = [cut(data.draw_a_shirt.pictures), cut(data.draw_a_shirt.means)];
    const weights = codes.flatMap((text, k) => [...engine.scaled(text, scales[k])]);
    const network = engine.network(sizes, weights);

    let { ink, radius } = settings;
    let now = unpacked(settings.picture);
    let label = null; // of a test picture that nobody has changed
    let before = []; // what can be undone
    let pen = [13, 13];
    let down = false; // the pen of the keyboard
    let next = 0; // test picture

    let shares, best, nearest, nearer;
    const look = () => {
      shares = Array.from(engine.softmax(network.forward(now)));
      best = shares.indexOf(Math.max(...shares));
      const far = engine.drawing.distances(now, means);
      const least = Math.min(...far);
      nearest = far.indexOf(least);
      nearer = usual.filter((distance) => distance < least).length;
    };

    // --- the picture ---
    let sheet; // its panel
    frame.picture((picture) => {
      const { narrow, width, height, layer } = picture;
      const top = 26;
      const size = narrow ? Math.min(252, width - 104) : Math.min(height - top - 4, 0.5 * width);
      const image = (values, x, y, side) => {
        shape(layer, "image", {
          href: address(values), x, y, width: side, height: side,
          style: "image-rendering: pixelated",
        });
        shape(layer, "rect", { class: "line muted thin", x, y, width: side, height: side });
      };
      image(now, 2, top, size);
      sheet = picture.panel({
        box: { left: 2, top, width: size, height: size }, x: [-0.5, SIDE - 0.5], y: [SIDE - 0.5, -0.5],
      });
      for (const [name, value] of Object.entries({ x: 2, y: top, width: size, height: size })) {
        paper.setAttribute(name, value);
      }
      // A panel over everything, in pixels: for words.
      const page = picture.panel({
        box: { left: 0, top: 0, width, height }, x: [0, width], y: [height, 0],
      });
      page.label([2, 18], words.sheet, "muted");

      // --- the shares ---
      const left = narrow ? 92 : size + 112;
      const barsTop = narrow ? top + size + 34 : top;
      const barsHeight = narrow ? height - barsTop - 6 : height - barsTop - 110;
      const panel = picture.panel({
        box: { left, top: barsTop, width: width - left - 54, height: barsHeight }, x: [0, 1], y: [10, 0],
      });
      page.label([narrow ? 2 : left - 88, barsTop - 8], words.shares, "muted");
      panel.line([[0, 0.1], [0, 9.9]], "muted thin");
      classes.forEach((name, row) => {
        const look = row === best ? "two" : "one";
        panel.label([0, row + 0.5], name, row === best ? "ink" : "muted light", { dx: -8, dy: 5, anchor: "end" });
        panel.line([[0, row + 0.5], [shares[row], row + 0.5]], `${look} beam`);
        if (shares[row] >= 0.005) {
          panel.label([shares[row], row + 0.5], percent(shares[row]), `${look} small`, { dx: 5, dy: 4.5 });
        }
        if (row !== label) return;
        panel.line([[0, row + 0.04], [1, row + 0.04]], "muted dashed");
        panel.line([[0, row + 0.96], [1, row + 0.96]], "muted dashed");
      });

      // --- what lies nearest ---
      const small = narrow ? 80 : 78;
      const [x, y] = narrow ? [width - small - 2, top + 18] : [left - 88, height - small - 4];
      image(means[nearest], x, y, small);
      const values = { count: nearer === usual.length ? words.all : nearer };
      const lines = [
        [words.nearest, "muted"], [classes[nearest], "ink"],
        [fill(words.rank, values), "muted light small"],
        [words.rankEnd, "muted light small"],
      ];
      if (narrow) {
        page.label([x, y - 8], words.nearestShort, "muted small");
        page.label([x, y + small + 18], classes[nearest], "ink");
        page.label([x, y + small + 40], fill(words.rankShort, values), "muted light small");
        page.label([x, y + small + 56], words.rankShortEnd, "muted light small");
      } else {
        lines.forEach(([text, look], k) => page.label([x + small + 12, y + 14 + 20 * k], text, look));
      }
    });
    const paper = shape(frame.shown.svg, "rect", { class: "surface" });
    frame.shown.top.before(paper); // below the pen

    // --- drawing ---
    const keep = () => {
      before.push([now, label]);
      if (before.length > 200) before.shift();
      label = null;
    };
    const drawTo = (to, lifted) => {
      now = engine.drawing.stroke(now, lifted ? to : pen, to, { ink, radius });
      pen = to;
      look();
    };
    const inPicture = (event) => {
      const { left, top } = frame.shown.svg.getBoundingClientRect();
      return sheet.at(event.clientX - left, event.clientY - top)
        .map((place) => clamp(place, -0.5, SIDE - 0.5));
    };
    let drawing = false;
    let waiting = false; // for the next frame
    const redrawSoon = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; frame.redraw(); });
    };
    paper.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      paper.setPointerCapture(event.pointerId);
      drawing = true;
      down = false;
      keep();
      drawTo(inPicture(event), true);
      redrawSoon();
      event.preventDefault();
    });
    // A finger that draws does not scroll the page; touch-action alone does not hold in SVG.
    paper.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    paper.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      drawTo(inPicture(event), false);
      redrawSoon();
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      paper.addEventListener(end, () => {
        if (!drawing) return;
        drawing = false;
        frame.redraw();
        answer();
      });
    }
    const spoken = () => fill(down ? words.penDown : words.penUp, {
      column: Math.round(pen[0]) + 1, row: Math.round(pen[1]) + 1,
    });
    const { group } = frame.shown.handle({
      name: words.pen,
      look: "two",
      size: 0.4,
      where: () => [sheet.x(pen[0]), sheet.y(pen[1])],
      move() {}, // the mouse and the finger draw on the sheet, not by the pen
      nudge(dx, dy) {
        const to = [pen[0] + dx, pen[1] - dy].map((place) => clamp(Math.round(place), 0, SIDE - 1));
        if (down) drawTo(to, false);
        pen = to;
        frame.redraw();
        if (down) answer();
        else frame.say(fill(words.penMoved, { place: spoken() }));
      },
      text: spoken,
      value: () => [Math.round(pen[1]) * SIDE + Math.round(pen[0]), 0, SIDE * SIDE - 1],
      role: words.penRole,
    });
    group.style.pointerEvents = "none";
    group.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      down = !down;
      if (down) {
        pen = pen.map(Math.round);
        keep();
        drawTo(pen, true);
      }
      frame.redraw();
      if (down) answer();
      else frame.say(fill(words.penMoved, { place: spoken() }));
    });

    // --- what is said ---
    const answer = () => {
      const values = {
        best: classes[best], share: percent(shares[best]), nearest: classes[nearest],
        count: nearer === usual.length ? words.all : nearer,
        truth: label === null ? "" : classes[label],
      };
      const second = shares.indexOf(Math.max(...shares.filter((_, k) => k !== best)));
      Object.assign(values, { second: classes[second], secondShare: percent(shares[second]) });
      const kind =
        now.every((value) => value === 0) ? "empty"
        : label !== null ? (label === best ? "right" : "wrong")
        : nearer >= usual.length * 0.99 ? (shares[best] >= 0.6 ? "farSure" : "farUnsure")
        : shares[best] >= 0.6 ? "nearSure" : "nearUnsure";
      frame.say(fill(words[kind], values));
    };
    const change = (picture, itsLabel = null) => {
      keep();
      [now, label, down] = [picture, itsLabel, false];
      look();
      frame.redraw();
      answer();
    };

    // --- controls ---
    frame.buttons([
      [words.erase, () => change(new Float64Array(SIDE * SIDE))],
      [words.undo, () => {
        if (!before.length) return frame.say(words.nothing);
        [now, label] = before.pop();
        down = false;
        look();
        frame.redraw();
        answer();
      }],
      [words.test, () => {
        next = (next + 37) % pictures.length; // from class to class
        change(pictures[next], labels[next]);
      }],
      [words.letter, () => change(unpacked(settings.picture))],
      [words.noise, () => change(unpacked(settings.noise))],
    ]);
    frame.slider({
      label: words.ink, min: 0, max: 1, step: 0.1, value: ink,
      text: (value) => (value === 0 ? words.rubber : number(value)),
      change(value) {
        ink = value;
        frame.say(fill(value === 0 ? words.rubs : words.inks, { ink }));
      },
    });
    frame.slider({
      label: words.width, min: 1, max: 8, step: 1, value: 2 * radius,
      text: (value) => fill(words.pixels, { width: value }),
      change(value) {
        radius = value / 2;
        frame.say(fill(words.widths, { width: value }));
      },
    });
    look();
    frame.redraw();
    frame.say(words.start);
  };
})();
