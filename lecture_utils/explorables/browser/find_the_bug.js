// A script whose loss falls and which is wrong: a reader points at the lines that he suspects.
// Each line answers; a bug that is found is mended, and the script runs again.
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { fill, make, number } = tools;
  const cones = (value) => (Math.abs(value) < 100 ? value.toFixed(1).replace("-", "−") : number(value));

  views.find_the_bug = (frame, settings, words) => {
    const { lines } = settings;
    const planted = lines.filter((line) => line.bug).map((line) => line.bug);
    let found, mended, result;
    const run = () => {
      const left = planted.filter((bug) => !mended.has(bug));
      result = engine.forecastScript(settings, new Set(left));
    };

    // --- the script: every line is a button ---
    const count = make("p", { class: "explorable-count" });
    const buttons = lines.map((line, k) => {
      const button = make("button", { type: "button" });
      button.addEventListener("click", () => suspect(k));
      return button;
    });
    const list = make("ol", { class: "explorable-script", "aria-label": words.script }, ...buttons.map((button) => make("li", {}, button)));
    frame.controls.append(list, count);
    const show = () => {
      lines.forEach((line, k) => {
        const button = buttons[k];
        const isFound = found.has(line.bug);
        const isMended = mended.has(line.bug);
        const parts = [make("span", { class: "number" }, String(k + 1)), " "];
        const code = [make(isMended ? "del" : "code", {}, line.code)];
        const comment = words[`comment${k + 1}`];
        if (comment) code.push("  ", make("span", { class: "comment" }, `# ${comment}`));
        if (isMended) code.push(" ", make("ins", {}, line.mended));
        button.replaceChildren(...parts, make("span", { class: "code" }, ...code));
        button.classList.toggle("found", isFound);
        if (isFound) button.setAttribute("aria-pressed", String(isMended));
        else button.removeAttribute("aria-pressed");
      });
      count.textContent = fill(words.count, { found: String(found.size), of: String(planted.length) });
      frame.redraw();
    };

    // --- what a line answers ---
    const effect = (before) => {
      const values = {
        report: cones(result.report), reportBefore: cones(before.report),
        use: cones(result.inUse), useBefore: cones(before.inUse),
      };
      const still = Math.abs(result.report / before.report - 1) < 0.005;
      const same = Math.abs(result.inUse / before.inUse - 1) < 0.005;
      const kind = still && same ? "noScore" : still ? "onlyUse" : same ? "onlyReport" : "both";
      const texts = [fill(words[kind], values)];
      if (result.report < 1 && before.report >= 1) texts.push(words.tooGood);
      if (mended.size === planted.length) {
        texts.push(fill(words.all, { ...values, same: cones(result.sameError) }));
      }
      return texts;
    };
    const suspect = (k) => {
      const line = lines[k];
      frame.controls.parentElement.classList.add("asked");
      buttons.forEach((button, other) => button.classList.toggle("asked", other === k));
      if (!line.bug) {
        buttons[k].classList.add("innocent");
        frame.say(fill(words.innocent, { line: String(k + 1), text: words[`line${k + 1}`] }));
        return;
      }
      const before = result;
      const isNew = !found.has(line.bug);
      const isBack = mended.has(line.bug);
      found.add(line.bug);
      if (isBack) mended.delete(line.bug); else mended.add(line.bug);
      run();
      show();
      const first = isNew
        ? [fill(words.found, { line: String(k + 1), text: words[`line${k + 1}`] })]
        : [fill(isBack ? words.back : words.again, { line: String(k + 1) })];
      frame.say([...first, ...effect(before)].join(" "));
    };

    // --- the picture ---
    frame.picture((picture) => {
      const { width, height } = picture;
      const half = (picture.height < 560 ? 0.4 : 0.5) * height;
      const wide = { left: 54, width: width - 68 };
      const loss = picture.panel({
        box: { ...wide, top: 28, height: half - 28 - 46 },
        x: [0, settings.steps], y: settings.losses, log: { y: true },
      });
      loss.axis({ x: words.step, y: words.loss, xTicks: [0, settings.steps / 2, settings.steps] });
      loss.line([[0, result.meanLoss], [settings.steps, result.meanLoss]], "muted dashed");
      loss.line(result.losses.map((value, step) => [step, value]), "one");
      loss.label([settings.steps, result.meanLoss], words.always, "muted", { dy: -8, anchor: "end" });
      const gone = result.losses.findIndex((value) => value < settings.losses[0]);
      if (gone >= 0) {
        const last = result.losses[settings.steps - 1];
        loss.leave([gone, last], fill(words.endsAt, { value: last }), "one", -30);
      }
      const top = half + 78;
      const use = picture.panel({
        box: { ...wide, top, height: height - top - 44 },
        x: [0, result.sold.length + 1], y: settings.sales,
      });
      use.axis({ x: words.evening, xTicks: [1, 20, 40, 60] });
      use.line(result.sold.map((value, i) => [i + 1, value]), "ink thin");
      use.line(result.forecasts.map((value, i) => [i + 1, value]), "two");
      const far = result.forecasts.reduce((worst, value, i) =>
        (Math.abs(value) > Math.abs(worst[1]) ? [i + 1, value] : worst), [1, 0]);
      use.leave(far, cones(far[1]), "two", far[1] > 0 ? 30 : -30);
      const texts = [
        [fill(words.reported, { value: cones(result.report) }), "one"],
        [fill(words.inUse, { value: cones(result.inUse) }), "two"],
        [fill(words.same, { value: cones(result.sameError) }), "muted"],
      ];
      texts.forEach(([text, look], k) => {
        use.label([0, settings.sales[1]], text, look, { dx: -48, dy: -56 + 20 * k });
      });
      use.label([0, settings.sales[0]], words.sold, "ink", { dx: 6, dy: -8 });
    });

    // --- help ---
    const restart = () => {
      found = new Set(settings.mended);
      mended = new Set(settings.mended);
      buttons.forEach((button) => button.classList.remove("asked", "innocent"));
      run();
    };
    frame.buttons([
      [words.hint, () => {
        const next = lines.findIndex((line) => line.bug && !found.has(line.bug));
        frame.say(next < 0 ? words.noHint : words[`hint${next + 1}`]);
      }],
      [words.restart, () => { restart(); show(); frame.say(words.start); }],
    ]);
    restart();
    show();
    frame.say(words.start);
  };
})();
