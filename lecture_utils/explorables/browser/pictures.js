// Changes of a grey picture, as in lecture_utils.augmentation. A picture is a Float64Array from 0 to
// 1, row by row, as many rows as columns.
(() => {
  "use strict";
  const course = (globalThis.courseExplorables ??= { engine: {}, views: {} });
  const sideOf = (picture) => Math.sqrt(picture.length);

  // source(row, column): where the new pixel comes from, [row, column]; between pixels linear,
  // outside 0.
  const sampled = (picture, source) => {
    const side = sideOf(picture);
    const at = (row, column) =>
      (row >= 0 && row < side && column >= 0 && column < side ? picture[row * side + column] : 0);
    return picture.map((_, k) => {
      const [row, column] = source(Math.floor(k / side), k % side);
      const [above, left] = [Math.floor(row), Math.floor(column)];
      const [down, right] = [row - above, column - left];
      return (1 - down) * ((1 - right) * at(above, left) + right * at(above, left + 1))
        + down * ((1 - right) * at(above + 1, left) + right * at(above + 1, left + 1));
    });
  };

  const mirror = (picture) => {
    const side = sideOf(picture);
    return picture.map((_, k) => picture[k - (k % side) + side - 1 - (k % side)]);
  };
  // By whole pixels.
  const move = (picture, down, right) =>
    sampled(picture, (row, column) => [row - down, column - right]);
  // About the centre; degrees against the clock.
  const turn = (picture, degrees) => {
    const centre = (sideOf(picture) - 1) / 2;
    const [cos, sin] = [Math.cos, Math.sin].map((f) => f((degrees * Math.PI) / 180));
    return sampled(picture, (row, column) => {
      const [y, x] = [row - centre, column - centre];
      return [centre + cos * y + sin * x, centre + cos * x - sin * y];
    });
  };
  const resize = (picture, factor) => {
    const centre = (sideOf(picture) - 1) / 2;
    return sampled(picture, (row, column) =>
      [row, column].map((place) => centre + (place - centre) / factor));
  };
  const lighten = (picture, factor) => picture.map((value) => Math.min(1, factor * value));
  const erase = (picture, top, left, size) => {
    const side = sideOf(picture);
    return picture.map((value, k) => {
      const [row, column] = [Math.floor(k / side), k % side];
      return row >= top && row < top + size && column >= left && column < left + size ? 0 : value;
    });
  };
  // All of them, in the order in which the networks of the lesson saw them.
  const changed = (picture, { mirrored, degrees, factor, down, right, brightness, hole }) => {
    let now = mirrored ? mirror(picture) : picture;
    if (degrees) now = turn(now, degrees);
    if (factor !== 1) now = resize(now, factor);
    if (down || right) now = move(now, down, right);
    if (brightness !== 1) now = lighten(now, brightness);
    return hole.size ? erase(now, hole.top, hole.left, hole.size) : now;
  };
  // Half the size: the mean of every two by two pixels.
  const half = (picture) => {
    const side = sideOf(picture);
    return Float64Array.from({ length: picture.length / 4 }, (_, k) => {
      const from = 2 * side * Math.floor((2 * k) / side) + ((2 * k) % side);
      return (picture[from] + picture[from + 1] + picture[from + side] + picture[from + side + 1]) / 4;
    });
  };
  // Scores to probabilities.
  const softmax = (scores) => {
    const largest = Math.max(...scores); // subtracted, so that no exponential overflows
    const powers = scores.map((score) => Math.exp(score - largest));
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  };

  course.engine.pictures = { mirror, move, turn, resize, lighten, erase, changed, half };
  course.engine.softmax = softmax;
  // Numbers that travel as text: base64 of bytes, or of signed bytes with a scale.
  course.engine.bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  course.engine.scaled = (text, scale) =>
    Float64Array.from(new Int8Array(course.engine.bytes(text).buffer), (code) => code * scale);
})();
