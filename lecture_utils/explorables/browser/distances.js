// How far a point of the plane is from others, three ways; thresholds by rank; what alarms cost.
(() => {
  "use strict";
  const { engine } = (globalThis.courseExplorables ??= { engine: {}, views: {} });

  const centre = (points) =>
    [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  // The covariance matrix, as [of x, of both, of y]; it divides by the number of points.
  const covariance = (points) => {
    const [mx, my] = centre(points);
    const sums = [0, 0, 0];
    for (const [x, y] of points) {
      sums[0] += (x - mx) ** 2;
      sums[1] += (x - mx) * (y - my);
      sums[2] += (y - my) ** 2;
    }
    return sums.map((sum) => sum / points.length);
  };

  // Each takes the points that are normal and returns a function of a point.
  const distances = {
    euclidean(points) {
      const [mx, my] = centre(points);
      return ([x, y]) => Math.hypot(x - mx, y - my);
    },
    mahalanobis(points) {
      const [mx, my] = centre(points);
      const [a, b, d] = covariance(points);
      const determinant = a * d - b * b;
      return ([x, y]) => {
        const [u, v] = [x - mx, y - my];
        return Math.sqrt((d * u * u - 2 * b * u * v + a * v * v) / determinant);
      };
    },
    // The mean distance to the k nearest.
    neighbours(points, k) {
      return ([x, y]) => {
        const nearest = new Float64Array(k).fill(Infinity); // squares, rising
        for (const [px, py] of points) {
          let square = (x - px) ** 2 + (y - py) ** 2;
          for (let place = 0; place < k && square < Infinity; place++) {
            if (square >= nearest[place]) continue;
            [nearest[place], square] = [square, nearest[place]];
          }
        }
        return nearest.reduce((sum, square) => sum + Math.sqrt(square), 0) / k;
      };
    },
  };

  // The r-th largest: r of n + 1 new scores lie above it, on average.
  const rankLimit = (scores, rank) => Float64Array.from(scores).sort()[scores.length - rank];
  const shareAbove = (scores, limit) => scores.filter((score) => score > limit).length / scores.length;
  // Of so many readings; a false alarm costs 1.
  const alarmCost = ({ readings, prevalence, alarmRate, missRate, costOfMiss }) => {
    const falseAlarms = readings * (1 - prevalence) * alarmRate;
    const misses = readings * prevalence * missRate;
    return { falseAlarms, misses, cost: falseAlarms + costOfMiss * misses };
  };

  // Where values on a grid cross a level, as paths of points; values[row * xs.length + column].
  // Marching squares, linear along each edge of the grid.
  const levelSet = (values, xs, ys, level) => {
    const columns = xs.length;
    const at = (column, row) => values[row * columns + column];
    const places = new Map(); // edge: the point on it
    const links = new Map(); // edge: edges that a path goes on to
    const crossing = (key, [c1, r1], [c2, r2]) => {
      if (!places.has(key)) {
        const share = (level - at(c1, r1)) / (at(c2, r2) - at(c1, r1));
        places.set(key, [xs[c1] + share * (xs[c2] - xs[c1]), ys[r1] + share * (ys[r2] - ys[r1])]);
        links.set(key, []);
      }
      return key;
    };
    for (let row = 0; row + 1 < ys.length; row++) {
      for (let column = 0; column + 1 < columns; column++) {
        const corners = [[column, row], [column + 1, row], [column + 1, row + 1], [column, row + 1]];
        const above = corners.map(([c, r]) => at(c, r) > level);
        const keys = [`h${column},${row}`, `v${column + 1},${row}`, `h${column},${row + 1}`, `v${column},${row}`];
        const crossed = [];
        for (let side = 0; side < 4; side++) {
          if (above[side] !== above[(side + 1) % 4]) {
            crossed.push(crossing(keys[side], corners[side], corners[(side + 1) % 4]));
          }
        }
        for (let pair = 0; pair + 1 < crossed.length; pair += 2) {
          links.get(crossed[pair]).push(crossed[pair + 1]);
          links.get(crossed[pair + 1]).push(crossed[pair]);
        }
      }
    }
    const paths = [];
    const seen = new Set();
    // From the ends of open paths first, then round closed ones.
    const starts = [...links.keys()].sort((one, other) => links.get(one).length - links.get(other).length);
    for (const start of starts) {
      if (seen.has(start)) continue;
      const path = [];
      let [key, next] = [start, start];
      while (next) {
        key = next;
        seen.add(key);
        path.push(places.get(key));
        next = links.get(key).find((other) => !seen.has(other));
      }
      if (links.get(start).length > 1 && links.get(key).includes(start)) path.push(places.get(start));
      paths.push(path);
    }
    return paths;
  };

  Object.assign(engine, { covariance, distances, rankLimit, shareAbove, alarmCost, levelSet });
})();
