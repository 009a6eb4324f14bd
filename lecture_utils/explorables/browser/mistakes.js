// Five networks and 400 small pictures of 100 classes: which mistakes does each rung of the ladder
// make, after each epoch? Pictures are browsed by superclass and class.
(() => {
  "use strict";
  const { engine, views, tools, data } = globalThis.courseExplorables;
  const { fill, make, shape } = tools;
  const LOOKS = { right: "one", near: "three", far: "two" };
  const percent = (share) => `${Math.round(100 * share)} %`;
  const whole = (value) => String(value); // without the three digits of other numbers

  views.mistakes = (frame, settings, words) => {
    const { classes, superclasses, superclass_of: superclassOf, labels, sheet } = data.mistakes;
    const { rungs, epochs, columns } = settings;
    const guessed = Object.fromEntries(rungs.map((name) => [name, engine.guesses(
      labels, superclassOf, engine.bytes(data.mistakes.guesses[name]), engine.bytes(data.mistakes.sure[name]),
    )]));
    const address = `data:image/webp;base64,${sheet}`;
    const perClass = columns / 5;
    const rungName = (name) => words[`rung_${name}`];
    let { rung, epoch, superclass } = settings;
    let chosen = superclass * columns; // the picture that is looked at
    let surest = 0; // mistakes that "the surest mistake" has shown
    const ofSuperclass = () => Array.from({ length: columns }, (_, k) => superclass * columns + k);

    // --- controls: which network, after how many epochs, which superclass ---
    const rungButtons = frame.buttons(rungs.map((name) => [rungName(name), () => {
      run.stop();
      climb(name, epoch);
    }]));
    const slider = frame.slider({
      label: words.epoch, min: 1, max: epochs, step: 1, value: epoch, text: whole,
      change(value) { run.stop(); climb(rung, value); },
    });
    const select = make("select", {}, ...superclasses.map((name, k) => make("option", { value: k }, name)));
    select.addEventListener("change", () => look(Number(select.value) * columns, "superclass"));
    frame.controls.append(make("label", { class: "explorable-slider explorable-choice" }, make("span", {}, words.superclass), select));
    const tiles = [];
    const names = [];
    const grid = make("div", { class: "explorable-tiles" });
    grid.style.setProperty("--sheet", `url(${address})`);
    for (let k = 0; k < columns; k++) {
      if (k % perClass === 0) names.push(grid.appendChild(make("span", { class: "name" })));
      const tile = make("button", { type: "button" });
      tile.addEventListener("click", () => look(superclass * columns + k, "picture"));
      tiles.push(tile);
      grid.append(tile);
    }
    const key = make("p", { class: "explorable-count" });
    frame.controls.append(grid, key);
    const [runButton] = frame.buttons([
      [words.run, () => run.toggle()],
      [words.surest, () => {
        const wrong = guessed[rung].mistakes(epoch);
        look(wrong[surest++ % wrong.length], "picture");
      }],
    ]);
    const run = frame.runner(runButton, words.stop, {
      pause: 600,
      step(k) { climb(rung, k + 1); slider.set(k + 1); return k + 1 < epochs; },
    });

    const show = () => {
      const now = guessed[rung];
      rungs.forEach((name, k) => rungButtons[k].setAttribute("aria-pressed", String(name === rung)));
      select.value = superclass;
      ofSuperclass().forEach((picture, k) => {
        const [kind, [best]] = [now.kind(epoch, picture), now.five(epoch, picture)];
        const guess = kind === "right" ? words.mark_right : `${words[`mark_${kind}`]} ${classes[best.label]}`;
        const photo = make("span", { class: "photo" });
        photo.style.setProperty("--column", k);
        photo.style.setProperty("--row", superclass);
        tiles[k].replaceChildren(photo, make("span", { class: "guess" }, guess));
        tiles[k].className = kind;
        tiles[k].setAttribute("aria-pressed", String(picture === chosen));
        tiles[k].setAttribute("aria-label", fill(words[`tile_${kind}`], {
          truth: classes[labels[picture]], number: whole((k % perClass) + 1), guess: classes[best.label],
        }));
        if (k % perClass === 0) names[k / perClass].textContent = classes[labels[picture]];
      });
      const here = now.count(epoch, ofSuperclass());
      key.textContent = fill(words.key, {
        right: whole(here.right), near: whole(here.near), far: whole(here.far),
      });
      frame.redraw();
    };

    // --- what is answered ---
    const asked = () => frame.controls.parentElement.classList.add("asked");
    const climb = (nextRung, nextEpoch) => {
      const before = guessed[rung].count(epoch);
      [rung, epoch] = [nextRung, nextEpoch];
      surest = 0;
      asked();
      const now = guessed[rung].count(epoch);
      const change = now.right - before.right;
      show();
      frame.say([
        fill(words.climbed, {
          rung: rungName(rung), epoch: whole(epoch), right: whole(now.right), n: whole(now.n),
          top5: whole(now.top5),
        }),
        change > 0 ? fill(words.more, { by: whole(change) }) : "",
        change < 0 ? fill(words.fewer, { by: whole(-change) }) : "",
        fill(words.mistakes, { near: whole(now.near), far: whole(now.far) }),
      ].filter(Boolean).join(" "));
    };
    const look = (picture, what) => {
      chosen = picture;
      superclass = Math.floor(picture / columns);
      asked();
      show();
      const now = guessed[rung];
      if (what === "superclass") {
        const found = now.count(epoch, ofSuperclass());
        frame.say(fill(words.ofSuperclass, {
          superclass: superclasses[superclass], right: whole(found.right), near: whole(found.near),
          far: whole(found.far), n: whole(found.n),
        }));
        return;
      }
      const [best] = now.five(epoch, picture);
      const kind = now.kind(epoch, picture);
      const texts = [fill(words[`says_${kind}`], {
        truth: classes[labels[picture]], guess: classes[best.label], share: percent(best.share),
        superclass: superclasses[superclass], other: superclasses[superclassOf[best.label]],
      })];
      if (kind !== "right") texts.push(words[`rank_${now.rank(epoch, picture)}`]);
      frame.say(texts.join(" "));
    };

    // --- the picture: the curves, all guesses, and the picture that is looked at ---
    frame.picture((picture) => {
      const { width, height } = picture;
      const now = guessed[rung];
      const page = picture.panel({
        box: { left: 0, top: 0, width, height }, x: [0, width], y: [height, 0],
      });
      const chartTop = 34;
      const chartHeight = Math.min(0.4 * height, 230) - chartTop - 40;
      const chart = picture.panel({
        box: { left: 34, top: chartTop, width: width - 44, height: chartHeight },
        x: [1, epochs], y: [0, 80],
      });
      const ticks = Array.from({ length: epochs }, (_, k) => k + 1);
      chart.axis({ x: words.epochAxis, xTicks: ticks, yTicks: [0, 20, 40, 60, 80] });
      page.label([2, 20], words.rightAxis, "muted light");
      const share = (count, n) => (100 * count) / n;
      const curve = (name, of) => ticks.map((at) => {
        const found = guessed[name].count(at);
        return [at, share(found[of], found.n)];
      });
      for (const name of rungs) if (name !== rung) chart.line(curve(name, "right"), "muted thin faint");
      const [first, five] = [curve(rung, "right"), curve(rung, "top5")];
      chart.line(five, "ink dashed thick");
      chart.line(first, "one thick");
      chart.dot(five[epoch - 1], "ink", 4);
      chart.dot(first[epoch - 1], "one", 5);
      const over = (points, text, look, dy) =>
        chart.label([epochs, Math.max(...points.slice(-3).map(([, y]) => y))], text, look, { dy, anchor: "end" });
      over(five, fill(words.withinFive, { share: percent(five[epoch - 1][1] / 100) }), "ink", -9);
      over(first, fill(words.firstGuess, { rung: rungName(rung), share: percent(first[epoch - 1][1] / 100) }), "one", -9);

      // all guesses, as parts of one beam
      const all = now.count(epoch);
      const beamTop = chartTop + chartHeight + 68;
      page.label([2, beamTop - 12], fill(words.allGuesses, { n: whole(all.n) }), "muted light");
      const beam = picture.panel({
        box: { left: 2, top: beamTop, width: width - 4, height: 14 }, x: [0, all.n], y: [0, 1],
      });
      let start = 0;
      for (const kind of ["right", "near", "far"]) {
        const end = start + all[kind];
        beam.region([[start, 0], [end, 0], [end, 1], [start, 1]], `${LOOKS[kind]} solid`);
        start = end;
      }
      const line = Math.min(20, height / 30);
      ["right", "near", "far"].forEach((kind, k) => {
        const text = `${words[`mark_${kind}`]} ${words[kind]}: ${all[kind]}`;
        page.label([2, beamTop + 32 + line * k], text, LOOKS[kind]);
      });

      // the picture that is looked at, with its five guesses
      const top = beamTop + 32 + 3 * line + 18;
      const size = Math.min(92, height - top - 30);
      const [column, row] = [chosen % columns, Math.floor(chosen / columns)];
      const clip = shape(picture.layer, "clipPath", { id: `${picture.id}-photo` });
      shape(clip, "rect", { x: 2, y: top, width: size, height: size });
      shape(picture.layer, "image", {
        href: address, x: 2 - column * size, y: top - row * size,
        width: columns * size, height: superclasses.length * size,
        "clip-path": `url(#${picture.id}-photo)`, style: "image-rendering: pixelated",
      });
      page.label([2, top + size + 18], classes[labels[chosen]], "ink");
      const left = size + 14;
      const pitch = Math.min(36, (height - top - 6) / 5);
      now.five(epoch, chosen).forEach((guess, place) => {
        const y = top + 12 + pitch * place;
        const truth = guess.label === labels[chosen];
        const kind = truth ? "right" : superclassOf[guess.label] === superclassOf[labels[chosen]] ? "near" : "far";
        const text = `${classes[guess.label]} ${percent(guess.share)}${truth ? ` ${words.mark_right}` : ""}`;
        page.label([left, y], text, `${LOOKS[kind]}${place ? " light" : ""}`);
        page.line([[left, y + 8], [left + (width - left - 4) * guess.share, y + 8]], `${LOOKS[kind]} bar`);
      });
    });
    show();
    frame.say(words.start);
  };
})();
