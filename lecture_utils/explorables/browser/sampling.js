// Draws from a binomial distribution and of several kinds, by uniform numbers that are given:
// nothing here is random.
(() => {
  "use strict";
  const { engine } = (globalThis.courseExplorables ??= { engine: {}, views: {} });

  // The smallest k whose chance of at most k heads in n throws is at least u. The chances are
  // computed relative to that of the most likely number, outwards until they no longer count.
  engine.binomial = (n, p, u) => {
    if (n === 0 || p <= 0) return 0;
    if (p >= 1) return n;
    const odds = p / (1 - p);
    const mode = Math.min(n, Math.floor((n + 1) * p));
    const below = [];
    for (let k = mode, chance = 1; k > 0 && chance > 1e-18; k--) {
      chance *= k / ((n - k + 1) * odds);
      below.push(chance); // of k - 1
    }
    const above = [1];
    for (let k = mode, chance = 1; k < n && chance > 1e-18; k++) {
      chance *= ((n - k) * odds) / (k + 1);
      above.push(chance); // of k + 1
    }
    const chances = [...below.reverse(), ...above];
    const wanted = u * chances.reduce((sum, chance) => sum + chance, 0);
    const first = mode - below.length;
    let sum = 0;
    for (let k = 0; k < chances.length; k++) {
      sum += chances[k];
      if (sum >= wanted) return first + k;
    }
    return first + chances.length - 1;
  };

  // How many of n are of each kind, the rest last: one binomial after the other.
  engine.kinds = (n, shares, uniforms) => {
    let [left, mass] = [n, 1];
    const counts = shares.map((share, k) => {
      const count = engine.binomial(left, mass > 1e-12 ? Math.min(share / mass, 1) : 0, uniforms[k]);
      left -= count;
      mass -= share;
      return count;
    });
    return [...counts, left];
  };

  // Of pictures of eight kinds: rare ones and others, for which both models, A alone, B alone or
  // neither raise an alarm. worth(isRare, isAlarm): what a model gets for such a picture.
  const KINDS = [[true, true], [true, false], [false, true], [false, false]];
  // Mean of the differences, A less B, and its standard error, with equal pictures for both.
  const pairedLead = (cells, worth) => {
    let [n, sum, squares] = [0, 0, 0];
    cells.forEach((counts, which) => counts.forEach((count, kind) => {
      const [a, b] = KINDS[kind].map((alarm) => worth(which === 0, alarm));
      if (Number.isNaN(a)) return; // a picture that does not count
      n += count;
      sum += count * (a - b);
      squares += count * (a - b) ** 2;
    }));
    const mean = sum / n;
    return { mean, error: Math.sqrt(Math.max(squares / n - mean * mean, 0) / n) };
  };
  // What one model gets: mean and standard error; model: 0 for A, 1 for B.
  const meanWorth = (cells, worth, model) => {
    let [n, sum, squares] = [0, 0, 0];
    cells.forEach((counts, which) => counts.forEach((count, kind) => {
      const value = worth(which === 0, KINDS[kind][model]);
      if (Number.isNaN(value)) return;
      n += count;
      sum += count * value;
      squares += count * value * value;
    }));
    const mean = sum / n;
    return { mean, error: Math.sqrt(Math.max(squares / n - mean * mean, 0) / n) };
  };
  Object.assign(engine, { pairedLead, meanWorth });
})();
