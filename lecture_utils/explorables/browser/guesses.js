// Guesses of a classifier about labelled pictures: right, wrong within the superclass, wrong outside.
(() => {
  "use strict";
  const course = (globalThis.courseExplorables ??= { engine: {}, views: {} });
  const PLACES = 5; // best guesses that are kept

  // labels: one class a picture; superclassOf: one a class. classes and sure: for every picture its
  // best guesses, best first, and their probabilities in 255ths; epoch after epoch.
  course.engine.guesses = (labels, superclassOf, classes, sure) => {
    const n = labels.length;
    const from = (epoch, k) => ((epoch - 1) * n + k) * PLACES; // epochs are counted from 1
    const five = (epoch, k) => Array.from({ length: PLACES }, (_, place) => ({
      label: classes[from(epoch, k) + place],
      share: sure[from(epoch, k) + place] / 255,
    }));
    const kind = (epoch, k) => {
      const guess = classes[from(epoch, k)];
      if (guess === labels[k]) return "right";
      return superclassOf[guess] === superclassOf[labels[k]] ? "near" : "far";
    };
    // Which guess names the truth: 1 to 5, or 0 if none does.
    const rank = (epoch, k) => five(epoch, k).findIndex(({ label }) => label === labels[k]) + 1;
    const all = labels.map((_, k) => k);
    const count = (epoch, pictures = all) => {
      const found = { right: 0, near: 0, far: 0, top5: 0, n: pictures.length };
      for (const k of pictures) {
        found[kind(epoch, k)] += 1;
        if (rank(epoch, k) > 0) found.top5 += 1;
      }
      return found;
    };
    // The wrong pictures, the surest first; equals in the order of the pictures.
    const mistakes = (epoch) => all.filter((k) => kind(epoch, k) !== "right")
      .sort((a, b) => sure[from(epoch, b)] - sure[from(epoch, a)] || a - b);
    return { five, kind, rank, count, mistakes };
  };
})();
