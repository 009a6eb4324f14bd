// A review that the reader writes: every word with its weight, and the sum, which knows no order.
(() => {
  "use strict";
  const { engine, views, tools, data } = globalThis.courseExplorables;
  const { fill, make, shape } = tools;
  const LINE = 56; // from one line of words to the next, in pixels
  const INDENT = 38; // of a line that begins within a pair: room for the pair's weight
  const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);
  const percent = (share) => `${Math.round(100 * share)} %`;

  views.weigh_words = (frame, settings, words) => {
    const { sentences, longest, draws } = settings;
    const read = engine.reviewReader(data.weigh_words);
    let text = sentences[0];
    let sentence = 0;
    let shuffles = 0;
    let withPairs = false;
    let tokens, found;
    const weigh = () => {
      tokens = engine.splitWords(text);
      found = read(tokens, withPairs);
    };
    const lookOf = (weight) => (weight === null ? "muted" : weight < 0 ? "two" : "one");

    // --- the picture ---
    const drawWords = (picture, page, bottom) => {
      const { layer, width } = picture;
      const gap = picture.narrow ? 9 : 14;
      let x = 4;
      let line = 0;
      let ends = null; // of the word before: its right end and its line
      const lines = Math.max(1, Math.floor((bottom - 18) / LINE));
      const shown = { last: -1 };
      tokens.some((token, k) => {
        const weight = found.words[k];
        const word = shape(layer, "text", { x: 0, y: 0 }, token);
        const under = weight === null ? words.unknown : signed(weight);
        const size = Math.max(word.getComputedTextLength(), 7.2 * under.length) + 8;
        word.remove();
        const pair = k ? found.pairs[k - 1] ?? null : null;
        if (x > 4 && x + size > width - 4) {
          x = pair === null ? 4 : 4 + INDENT;
          line += 1;
        }
        if (line >= lines) return true;
        const top = 22 + line * LINE;
        const box = shape(layer, "rect", {
          class: `word ${lookOf(weight)}${weight === null ? " unknown" : ""}`, x, y: top,
          width: Math.min(size, width - 8), height: 36, rx: 4,
        });
        if (weight !== null) box.style.fillOpacity = Math.min(0.55, 0.06 + 0.5 * Math.abs(weight));
        const centre = x + Math.min(size, width - 8) / 2;
        shape(layer, "text", { x: centre, y: top + 15, "text-anchor": "middle" }, token);
        page.label([centre, top + 31], under, `${lookOf(weight)} small`, { anchor: "middle" });
        if (pair !== null) { // with a word of the line above: from the edge of the picture
          const from = ends.line === line ? ends.centre : 4;
          shape(layer, "path", {
            class: `line thin ${lookOf(pair)}`, d: `M${from},${top - 2}v-4H${centre}v4`,
          });
          page.label([(from + centre) / 2, top - 8], signed(pair), `${lookOf(pair)} small`, { anchor: "middle" });
        }
        ends = { line, centre };
        x += size + gap;
        shown.last = k;
        return false;
      });
      const below = 22 + (Math.min(line, lines - 1) + 1) * LINE;
      if (shown.last < tokens.length - 1) {
        page.label([width - 4, bottom], fill(words.more, { n: tokens.length - 1 - shown.last }), "muted small", { anchor: "end" });
        return bottom + 8;
      }
      return below;
    };
    const sums = () => {
      const all = [...found.words, ...found.pairs].filter((weight) => weight !== null);
      const side = (sign) => all.reduce((sum, w) => sum + (Math.sign(w) === sign ? w : 0), 0);
      return { against: side(-1), inFavour: side(1) };
    };
    frame.picture((picture) => {
      const { width, height } = picture;
      const page = picture.panel({
        box: { left: 0, top: 0, width, height }, x: [0, width], y: [height, 0],
      });
      const top = drawWords(picture, page, height - 154); // the sum follows the last line
      const { against, inFavour } = sums();
      const reach = [1, 2, 5, 10, 20, 50, 1e9].find((end) => end >= Math.max(-against, inFavour, Math.abs(found.score)));
      const scale = picture.panel({
        box: { left: 14, top: top + 22, width: width - 28, height: 78 }, x: [-reach, reach], y: [3, 0],
      });
      scale.axis({ xTicks: [-reach, -reach / 2, 0, reach / 2, reach], yTicks: [] });
      scale.line([[0, 0], [0, 3]], "muted thin");
      scale.line([[0, 0.6], [against, 0.6]], "two beam");
      scale.line([[0, 0.6], [inFavour, 0.6]], "one beam");
      page.label([14, top + 14], fill(words.against, { sum: signed(against) }), "two");
      page.label([width - 14, top + 14], fill(words.inFavour, { sum: signed(inFavour) }), "one", { anchor: "end" });
      scale.dot([found.score, 1.7], "ink", 7);
      const total = fill(words.total, { score: signed(found.score), share: percent(engine.sigmoid(found.score)) });
      scale.label([found.score, 1.7], total, "ink", { dy: 27, anchor: "middle" });
    });

    // --- what a reader did ---
    const heaviest = () => {
      let best = null;
      const consider = (weight, name) => {
        if (weight !== null && (!best || Math.abs(weight) > Math.abs(best.weight))) best = { weight, name };
      };
      tokens.forEach((token, k) => consider(found.words[k], token));
      found.pairs.forEach((weight, k) => consider(weight, `${tokens[k]} ${tokens[k + 1]}`));
      return best;
    };
    const answerText = () => {
      const best = heaviest();
      if (!best) {
        frame.say(tokens.length ? words.noneKnown : words.empty);
        return;
      }
      const side = found.score < 0 ? words.sideAgainst : words.sideFor;
      const parts = [fill(words.heaviest, { name: best.name, weight: signed(best.weight), score: signed(found.score), side })];
      const missing = tokens.filter((_, k) => found.words[k] === null);
      if (missing.length) parts.push(fill(words.missing, { name: missing[0] }));
      const at = tokens.indexOf("not");
      if (at >= 0 && !withPairs && found.words[at] !== null) {
        parts.push(fill(words.not, { weight: signed(found.words[at]) }));
      }
      frame.say(parts.join(" "));
    };
    const show = () => { weigh(); frame.redraw(); };

    const field = make("textarea", { rows: 3, maxlength: longest, spellcheck: "false" });
    field.value = text;
    field.addEventListener("input", () => { text = field.value; show(); answerText(); });
    frame.controls.append(make("label", { class: "explorable-field" }, make("span", {}, words.field), field));
    const write = (wanted) => { text = wanted; field.value = wanted; show(); };
    const [, , pairsButton] = frame.buttons([
      [words.shuffle, () => {
        if (tokens.length < 2) { frame.say(words.tooFew); return; }
        const before = found.score;
        const keys = draws[shuffles++ % draws.length];
        const key = (k) => keys[k % keys.length];
        const order = tokens.map((_, k) => k).sort((a, b) => key(a) - key(b) || a - b);
        write(order.map((k) => tokens[k]).join(" "));
        const same = Math.abs(found.score - before) < 0.0005;
        const kind = same ? (withPairs ? "shuffledSame" : "shuffled") : "shuffledOther";
        frame.say(fill(words[kind], { before: signed(before), score: signed(found.score) }));
      }],
      [words.another, () => {
        sentence = (sentence + 1) % sentences.length;
        write(sentences[sentence]);
        answerText();
      }],
      [words.pairs, () => {
        const before = found.score;
        withPairs = !withPairs;
        pairsButton.setAttribute("aria-pressed", withPairs);
        show();
        const values = { before: signed(before), score: signed(found.score) };
        const known = found.pairs.flatMap((weight, k) => (weight === null ? [] : [k]));
        if (!withPairs) frame.say(fill(words.pairsOff, values));
        else if (!known.length) frame.say(fill(words.pairsNone, values));
        else {
          const k = known.reduce((a, b) => (Math.abs(found.pairs[b]) > Math.abs(found.pairs[a]) ? b : a));
          const pair = `${tokens[k]} ${tokens[k + 1]}`;
          frame.say(fill(words.pairsOn, { ...values, n: String(known.length), pair, weight: signed(found.pairs[k]) }));
        }
      }],
    ]);
    pairsButton.setAttribute("aria-pressed", false);
    show();
    answerText();
  };
})();
