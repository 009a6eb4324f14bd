// Draw on a grey picture and compare it with others. A picture is a Float64Array from 0 to 1, row
// by row, as many rows as columns; a point is [column, row], 0 in the centre of the first pixel.
(() => {
  "use strict";
  const course = (globalThis.courseExplorables ??= { engine: {}, views: {} });
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

  // How far a point is from the stretch between two others.
  const away = ([x, y], [x1, y1], [x2, y2]) => {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const length = dx * dx + dy * dy;
    const share = length === 0 ? 0 : clamp(((x - x1) * dx + (y - y1) * dy) / length, 0, 1);
    return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
  };
  // A pen that goes from one point to another. Its edge is one pixel soft, and going over the same
  // place again changes nothing. ink 0 rubs out.
  const stroke = (picture, from, to, { radius, ink }) => {
    const side = Math.sqrt(picture.length);
    return picture.map((value, k) => {
      const distance = away([k % side, Math.floor(k / side)], from, to);
      const covered = clamp(radius + 0.5 - distance, 0, 1);
      return ink === 0 ? Math.min(value, 1 - covered) : Math.max(value, ink * covered);
    });
  };
  // The root mean square distance of a picture to each of several.
  const distances = (picture, others) => others.map((other) => {
    let sum = 0;
    for (let k = 0; k < picture.length; k++) sum += (picture[k] - other[k]) ** 2;
    return Math.sqrt(sum / picture.length);
  });
  course.engine.drawing = { stroke, distances };
})();
