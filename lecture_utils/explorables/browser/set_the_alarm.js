// Readings of a machine that never failed. One drags a reading and sees three distances of it, each
// with its limit; sets how many false alarms are promised; and, once something has failed, sees
// what false alarms and misses cost.
(() => {
  "use strict";
  const { engine, views, tools } = globalThis.courseExplorables;
  const { clamp, fill, number } = tools;
  const NAMES = ["euclidean", "mahalanobis", "neighbours"];
  const LOOKS = { euclidean: "one", mahalanobis: "two", neighbours: "three" };
  const KINDS = ["off_the_line", "too_far", "in_the_bend"];
  const CELLS = 72; // of the grid on which limits are found
  const ROWS = 7; // readings of a strip lie in so many rows

  views.set_the_alarm = (frame, settings, words) => {
    const { normal, held, failures, prevalences, costs, reach, readings, most_rank: mostRank } = settings;
    let { rank } = settings;
    let [prevalence, costOfMiss] = [prevalences[settings.prevalence], costs[settings.cost_of_miss]];
    let here = [...settings.at];
    let kind = null; // nothing has failed yet

    // --- what is computed ---
    const distance = {
      euclidean: engine.distances.euclidean(normal),
      mahalanobis: engine.distances.mahalanobis(normal),
      neighbours: engine.distances.neighbours(normal, settings.neighbours),
    };
    const of = (points) => Object.fromEntries(NAMES.map((name) => [name, points.map(distance[name])]));
    const ofHeld = of(held);
    const ofFailures = Object.fromEntries(KINDS.map((each) => [each, of(failures[each])]));
    const line = Array.from({ length: CELLS + 1 }, (_, k) => reach * (2 * k / CELLS - 1));
    const overGrid = of(line.flatMap((y) => line.map((x) => [x, y])));
    const stated = (r = rank) => r / (held.length + 1);
    const limit = (name, r = rank) => engine.rankLimit(ofHeld[name], r);
    const cost = (name, r = rank, which = kind) => engine.alarmCost({
      readings, prevalence, costOfMiss, alarmRate: stated(r),
      missRate: 1 - engine.shareAbove(ofFailures[which][name], limit(name, r)),
    });
    const ranks = Array.from({ length: mostRank }, (_, k) => k + 1);
    const cheapest = (name) => ranks.reduce((best, r) => (cost(name, r).cost < cost(name, best).cost ? r : best), 1);
    const rings = (name) => distance[name](here) > limit(name);
    const falseAlarms = () => readings * (1 - prevalence) * stated();

    // --- the picture ---
    let plane;
    frame.picture((picture) => {
      const { narrow, width, height } = picture;
      const left = 36;
      const planeWidth = narrow ? width - left - 10 : 0.47 * width - left;
      const planeHeight = narrow ? 262 : height - 72;
      // One scale for both axes: a circle is a circle.
      const side = Math.min(planeWidth, planeHeight) / (2 * reach);
      const [across, down] = [planeWidth / side / 2, planeHeight / side / 2];
      plane = picture.panel({
        box: { left, top: 26, width: planeWidth, height: planeHeight }, x: [-across, across], y: [-down, down],
      });
      plane.axis({ x: words.speed, y: words.current });
      normal.forEach((point) => plane.dot(point, "muted faint", 2.6));
      if (kind) failures[kind].forEach((point) => plane.dot(point, "four hollow", 4));
      for (const name of NAMES) {
        const paths = engine.levelSet(overGrid[name], line, line, limit(name));
        const look = name === "mahalanobis" ? "dashed thick" : "";
        paths.forEach((path) => plane.line(path, `${LOOKS[name]} ${look}`));
        // Its name where this limit alone goes farthest to one side.
        const aside = { euclidean: ([, y]) => y, mahalanobis: ([x, y]) => -x - y, neighbours: ([x, y]) => x - 0.2 * y }[name];
        const all = paths.flat();
        if (!all.length) continue;
        const place = all.reduce((best, point) => (aside(point) > aside(best) ? point : best));
        const [dx, dy, anchor] = { euclidean: [0, -8, "middle"], mahalanobis: [6, 14, "start"], neighbours: [9, 6, "start"] }[name];
        plane.label(place, words[`${name}Short`], LOOKS[name], { dx, dy, anchor });
      }

      // --- the three distances ---
      const edge = narrow ? 10 : 0.47 * width + 22;
      const room = width - edge - 8;
      const top = narrow ? 26 + planeHeight + 66 : 24;
      const each = narrow ? 44 : 54;
      NAMES.forEach((name, k) => {
        const value = distance[name](here);
        const scores = ofHeld[name];
        const most = 1.1 * Math.max(...scores, ...(kind ? ofFailures[kind][name] : []));
        const stripTop = top + k * (each + 26);
        const strip = picture.panel({
          box: { left: edge, top: stripTop, width: room, height: each }, x: [0, most], y: [0, 1],
        });
        strip.line([[0, 0], [most, 0]], "muted thin");
        const dotted = (all, look, r) => all.forEach((score, place) =>
          strip.dot([score, 0.1 + (0.8 * (place % ROWS)) / (ROWS - 1)], look, r));
        dotted(scores, "muted faint", 2.2);
        if (kind) dotted(ofFailures[kind][name], "four hollow", 3);
        strip.line([[limit(name), 0], [limit(name), 1]], `${LOOKS[name]} thick`);
        strip.dot([value, 0.5], "ink", 7);
        strip.leave([value, 0.5], "", "ink");
        strip.label([0, 1], fill(words.reading, {
          name: words[name], value, rings: words[rings(name) ? "alarm" : "quiet"],
        }), LOOKS[name], { dy: -6 });
        if (kind) {
          const found = cost(name);
          const text = fill(words.counts, { misses: found.misses, cost: Math.round(found.cost) });
          strip.label([most, 1], text, "ink light small", { dy: -6, anchor: "end" });
        }
      });

      // --- the cost against what is promised ---
      const costTop = top + 3 * (each + 26) + 12;
      const ends = [0, 100 * stated(mostRank)];
      const alone = ranks.map((r) => readings * (1 - prevalence) * stated(r));
      const curves = kind ? NAMES.map((name) => ranks.map((r) => cost(name, r).cost)) : [alone];
      const highest = 1.12 * Math.max(...curves.flat());
      const panel = picture.panel({
        box: { left: edge + (narrow ? 34 : 36), top: costTop, width: room - (narrow ? 34 : 36), height: height - costTop - 42 },
        x: ends, y: [0, highest],
      });
      panel.axis({ x: words.statedAxis, y: words.costAxis });
      panel.line([[100 * stated(), 0], [100 * stated(), highest]], "ink dashed");
      curves.forEach((curve, k) => {
        const look = kind ? LOOKS[NAMES[k]] : "ink";
        const dashes = kind && NAMES[k] === "mahalanobis" ? "dashed thick" : "";
        panel.line(curve.map((value, place) => [100 * stated(ranks[place]), value]), `${look} ${dashes}`);
        if (!kind) return;
        const best = cheapest(NAMES[k]);
        panel.dot([100 * stated(best), curve[best - 1]], look, 5);
      });
      if (!kind) panel.label([ends[1], 0], words.unknown, "ink light small", { dx: -4, dy: -8, anchor: "end" });
    });

    // --- what is said ---
    const sayPlace = () => {
      // The first letters of those that ring: "mn" for Mahalanobis and the neighbours.
      const loud = NAMES.filter(rings).map((name) => name[0]).join("");
      const values = {
        speed: here[0], current: here[1],
        euclidean: distance.euclidean(here), mahalanobis: distance.mahalanobis(here), neighbours: distance.neighbours(here),
      };
      frame.say(fill(words[`rings${loud}`], values));
    };
    const percent = (share) => number(100 * share, 2);
    const sayCost = () => {
      const values = { stated: percent(stated()), falseAlarms: Math.round(falseAlarms()), rank, held: held.length };
      if (!kind) { frame.say(fill(words.promised, values)); return; }
      const now = NAMES.map((name) => cost(name));
      const order = NAMES.map((_, k) => k).sort((one, other) => now[one].cost - now[other].cost);
      const [first] = order;
      const name = NAMES[first];
      const level = order.filter((k) => now[k].cost < now[first].cost + 1e-9).length > 1;
      frame.say([
        fill(words[kind], { failures: readings * prevalence }),
        fill(words[level ? "level" : "cheapestNow"], {
          ...values, name: words[`${name}Said`], cost: Math.round(now[first].cost), misses: now[first].misses,
        }),
        fill(words[cheapest(name) === rank ? "bestHere" : "bestElsewhere"], {
          best: percent(stated(cheapest(name))), least: Math.round(cost(name, cheapest(name)).cost),
        }),
      ].join(" "));
    };
    const changed = (say) => { frame.redraw(); say(); };

    // --- what can be changed ---
    const place = (x, y) => {
      here = [x, y].map((value) => Number((Math.round(clamp(value, -reach, reach) * 20) / 20).toFixed(2)));
      changed(sayPlace);
    };
    frame.shown.handle({
      name: words.point, look: "ink", role: words.twoWays,
      where: () => {
        const { px, py } = plane.shown(here);
        return [px, py];
      },
      move: (px, py) => place(...plane.at(px, py)),
      nudge: (dx, dy) => place(
        clamp(here[0] + 0.1 * dx, -reach, reach), clamp(here[1] + 0.1 * dy, -reach, reach),
      ),
      text: () => fill(words.spoken, { speed: here[0], current: here[1] }),
      value: () => [here[1], -reach, reach],
    });
    frame.slider({
      label: words.stated, min: 1, max: mostRank, step: 1, value: rank, text: (r) => `${percent(stated(r))} %`,
      change(value) { rank = value; changed(sayCost); },
    });
    frame.slider({
      label: words.costOfMiss, min: 0, max: costs.length - 1, step: 1, value: settings.cost_of_miss,
      text: (k) => fill(words.alarms, { value: costs[k] }),
      change(value) { costOfMiss = costs[value]; changed(kind ? sayCost : sayUnknown); },
    });
    const sayUnknown = () => frame.say(fill(words.noMisses, { costOfMiss, prevalence: percent(prevalence) }));
    const choices = [null, ...KINDS];
    const buttons = frame.buttons(choices.map((choice) => [words[`${choice ?? "nothing"}Button`], () => {
      kind = choice;
      press();
      changed(sayCost);
    }]));
    const press = () => buttons.forEach((button, k) => button.setAttribute("aria-pressed", kind === choices[k]));
    const inside = frame.more(words.more);
    frame.slider({
      label: words.prevalence, min: 0, max: prevalences.length - 1, step: 1, value: settings.prevalence, into: inside,
      text: (k) => `${percent(prevalences[k])} %`,
      change(value) { prevalence = prevalences[value]; changed(kind ? sayCost : sayUnknown); },
    });
    press();
    frame.redraw();
    frame.say(words.start);
  };
})();
