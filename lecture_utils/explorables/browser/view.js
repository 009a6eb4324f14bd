// What all explorables are made of: a picture with panels and points to drag, sliders, buttons,
// and a line that answers.
(() => {
  "use strict";
  const course = (globalThis.courseExplorables ??= { engine: {}, views: {} });
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  // --- elements, numbers, words -----------------------------------------------------------------

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const shape = (parent, name, attributes = {}, text = "") => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) element.textContent = text;
    parent.append(element);
    return element;
  };
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

  const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  // Three digits that count: 0.0123, 1.23, 12,300, 1.23 × 10⁷.
  const number = (value, digits = 3) => {
    if (Number.isNaN(value)) return "NaN";
    const sign = value < 0 ? "−" : "";
    const size = Math.abs(value);
    if (size === Infinity) return `${sign}∞`;
    if (size === 0) return "0";
    if (size >= 1e6 || size < 1e-4) {
      const [mantissa, exponent] = size.toExponential(digits - 1).split("e");
      const power = [...String(Number(exponent))].map((digit) => SUPERSCRIPTS[digit]).join("");
      return `${sign}${Number(mantissa)} × 10${power}`;
    }
    const rounded = size >= 10 ** digits ? Math.round(size) : Number(size.toPrecision(digits));
    const [whole, fraction] = String(rounded).split(".");
    const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
    return sign + grouped + (fraction ? `.${fraction}` : "");
  };
  const fill = (template, values = {}) =>
    template.replace(/\{(\w+)\}/g, (_, key) => {
      const value = values[key];
      return typeof value === "number" ? number(value) : value;
    });

  // A grey picture, from 0 to 1 and as high as wide, as the address of a PNG: 0 is white.
  const address = (picture) => {
    const side = Math.sqrt(picture.length);
    const canvas = make("canvas", { width: side, height: side });
    const image = new ImageData(side, side);
    picture.forEach((value, k) => {
      const grey = Math.round(255 * (1 - value));
      image.data.set([grey, grey, grey, 255], 4 * k);
    });
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas.toDataURL();
  };

  // --- one panel: a rectangle with two axes -----------------------------------------------------

  const ticksBetween = (low, high, about) => {
    const raw = (high - low) / about;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999);
    const ticks = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
      ticks.push(k * step);
    }
    return ticks;
  };
  const decadesBetween = (low, high, about) => {
    const first = Math.ceil(Math.log10(low) - 1e-9);
    const last = Math.floor(Math.log10(high) + 1e-9);
    const stride = Math.max(1, Math.ceil((last - first) / about));
    const ticks = [];
    for (let power = first; power <= last; power += stride) ticks.push(10 ** power);
    return ticks;
  };

  class Panel {
    // box: left, top, width, height in pixels. x, y: lowest and highest value. log: {x, y}.
    constructor(layer, handles, { box, x, y, log = {}, id }) {
      Object.assign(this, { layer, handles, box, log, xRange: x, yRange: y });
      const clip = shape(layer, "clipPath", { id });
      shape(clip, "rect", { x: box.left, y: box.top, width: box.width, height: box.height });
      this.axes = shape(layer, "g");
      this.marks = shape(layer, "g", { "clip-path": `url(#${id})` });
      this.labels = shape(layer, "g");
    }
    static share(value, [low, high], log) {
      return log
        ? Math.log(value / low) / Math.log(high / low)
        : (value - low) / (high - low);
    }
    x(value) { return this.box.left + this.box.width * Panel.share(value, this.xRange, this.log.x); }
    y(value) {
      return this.box.top + this.box.height * (1 - Panel.share(value, this.yRange, this.log.y));
    }
    // From pixels back to values.
    at(px, py) {
      const back = (share, [low, high], log) =>
        log ? low * (high / low) ** share : low + share * (high - low);
      return [
        back((px - this.box.left) / this.box.width, this.xRange, this.log.x),
        back(1 - (py - this.box.top) / this.box.height, this.yRange, this.log.y),
      ];
    }

    // Lines of a grid with their numbers, and what the axes mean.
    axis({ x = "", y = "", xTicks, yTicks, xText = number, yText = number } = {}) {
      const { left, top, width, height } = this.box;
      const find = (range, log, about) =>
        log ? decadesBetween(...range, about) : ticksBetween(...range, about);
      for (const tick of xTicks ?? find(this.xRange, this.log.x, width / 58)) {
        const px = this.x(tick);
        shape(this.axes, "line", { class: "grid", x1: px, x2: px, y1: top, y2: top + height });
        shape(this.axes, "text", { class: "tick", x: px, y: top + height + 17, "text-anchor": "middle" }, xText(tick));
      }
      for (const tick of yTicks ?? find(this.yRange, this.log.y, height / 55)) {
        const py = this.y(tick);
        shape(this.axes, "line", { class: "grid", x1: left, x2: left + width, y1: py, y2: py });
        shape(this.axes, "text", { class: "tick", x: left - 7, y: py + 4.5, "text-anchor": "end" }, yText(tick));
      }
      if (x) shape(this.axes, "text", { class: "title", x: left + width, y: top + height + 36, "text-anchor": "end" }, x);
      if (y) shape(this.axes, "text", { class: "title", x: Math.max(2, left - 42), y: top - 10 }, y);
    }

    // A line through points [x, y]; with dots it would be `dot` for each.
    line(points, look) {
      let path = "";
      let pen = "M";
      for (const [x, y] of points) {
        const [px, py] = [this.x(x), this.y(y)];
        if (!Number.isFinite(px) || !Number.isFinite(py)) { pen = "M"; continue; }
        // A browser draws nothing sensible 100,000 pixels away.
        path += `${pen}${clamp(px, -1e4, 1e4).toFixed(2)},${clamp(py, -1e4, 1e4).toFixed(2)}`;
        pen = "L";
      }
      return shape(this.marks, "path", { class: `line ${look}`, d: path });
    }
    dot([x, y], look, r = 4) {
      return shape(this.marks, "circle", { class: `dot ${look}`, cx: this.x(x), cy: this.y(y), r });
    }
    region(corners, look) {
      const path = corners.map(([x, y]) => `${this.x(x).toFixed(1)},${this.y(y).toFixed(1)}`);
      return shape(this.marks, "path", { class: `region ${look}`, d: `M${path.join("L")}Z` });
    }
    // What lies above the panel: an arrow at its upper edge.
    up(x, look) {
      const px = this.x(x);
      this.arrowBetween(px, this.box.top + 22, px, this.box.top + 1, look);
    }
    // Text beside a point; dx, dy in pixels. It stays inside the picture.
    label([x, y], text, look, { dx = 0, dy = 0, anchor = "start" } = {}) {
      if (!text) return;
      const element = shape(this.labels, "text", {
        class: `label ${look}`, x: this.x(x) + dx, y: this.y(y) + dy, "text-anchor": anchor,
      }, text);
      const { width } = this.layer.ownerSVGElement.viewBox.baseVal;
      const drawn = element.getBBox();
      const shift = Math.max(2 - drawn.x, Math.min(0, width - 2 - drawn.x - drawn.width));
      if (shift) element.setAttribute("x", this.x(x) + dx + shift);
    }
    // An arrow between two points, cut at the edge of the panel.
    arrow(from, to, look) {
      const [x1, y1] = [this.x(from[0]), this.y(from[1])];
      const edge = this.nearest(this.x(to[0]), this.y(to[1]), 0);
      this.arrowBetween(x1, y1, edge.px, edge.py, look);
    }
    arrowBetween(x1, y1, x2, y2, look) {
      const length = Math.hypot(x2 - x1, y2 - y1);
      if (length < 1) return;
      const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
      const head = Math.min(10, length);
      const [bx, by] = [x2 - ux * head, y2 - uy * head];
      shape(this.labels, "line", { class: `line ${look}`, x1, y1, x2: bx, y2: by });
      const side = head * 0.5;
      shape(this.labels, "path", {
        class: `head ${look}`,
        d: `M${x2},${y2}L${bx - uy * side},${by + ux * side}L${bx + uy * side},${by - ux * side}Z`,
      });
    }
    // A bar with a stroke at each end.
    bar(from, to, look) {
      this.line([from, to], look);
      for (const [x, y] of [from, to]) {
        shape(this.marks, "line", {
          class: `line ${look}`, x1: this.x(x) - 5, x2: this.x(x) + 5, y1: this.y(y), y2: this.y(y),
        });
      }
    }
    // The pixel, so far inside the panel, that is nearest to a pixel, and whether that one is outside.
    nearest(px, py, margin = 12) {
      const { left, top, width, height } = this.box;
      const inside = {
        px: clamp(px, left + margin, left + width - margin),
        py: clamp(py, top + margin, top + height - margin),
      };
      const outside = px < left - 1 || px > left + width + 1 || py < top - 1 || py > top + height + 1;
      return { ...inside, outside };
    }
    // Where a point shows: itself, or, if it has left the picture, the foot of an arrow to the edge.
    shown([x, y]) {
      const [px, py] = [clamp(this.x(x), -1e5, 1e5), clamp(this.y(y), -1e5, 1e5)];
      const edge = this.nearest(px, py);
      if (!edge.outside) return { px, py };
      const away = Math.hypot(px - edge.px, py - edge.py);
      const [ux, uy] = [(px - edge.px) / away, (py - edge.py) / away];
      const foot = this.nearest(edge.px - ux * 34, edge.py - uy * 34);
      return { px: foot.px, py: foot.py, ux, uy, gone: true };
    }
    // What has left the picture: an arrow to the edge, pointing to it, and a text dy pixels lower.
    leave(point, text, look, dy = 24) {
      const { px, py, ux, uy, gone } = this.shown(point);
      if (!gone) return;
      this.arrowBetween(px, py, px + ux * 40, py + uy * 40, look);
      const { left, width } = this.box;
      const onRight = px > left + width / 2;
      this.label(this.at(px, py), text, look, {
        dx: onRight ? -20 : 20, dy, anchor: onRight ? "end" : "start",
      });
    }
  }

  // --- the picture ------------------------------------------------------------------------------

  let pictures = 0;

  class Picture {
    // draw(picture) is called whenever something may have changed; it makes everything anew but
    // the handles, which keep the focus.
    constructor(stage, description, draw) {
      this.id = `explorable-${++pictures}`;
      this.draw = draw;
      this.svg = shape(stage, "svg", { role: "group", "aria-label": description });
      this.layer = shape(this.svg, "g", { "aria-hidden": "true" });
      this.top = shape(this.svg, "g");
      this.handles = [];
      new ResizeObserver(() => this.redraw()).observe(stage);
    }
    redraw() {
      const { clientWidth: width, clientHeight: height } = this.svg.parentElement;
      if (!width || !height) return;
      Object.assign(this, { width, height, narrow: width < 416 });
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.layer.replaceChildren();
      this.panels = 0;
      this.draw(this);
      for (const handle of this.handles) handle.update();
    }
    panel(settings) {
      return new Panel(this.layer, this.top, { ...settings, id: `${this.id}-${++this.panels}` });
    }

    // A point that a reader moves. where(): its pixel. move(px, py): a reader wants it there.
    // nudge(dx, dy): by so many key presses. text(): what a screen reader says; value(): [now, low, high].
    // size: smaller where many stand close together.
    handle({ name, look, where, move, nudge, text, value, role, size = 1 }) {
      const group = shape(this.top, "g", {
        class: `handle ${look}`, tabindex: 0, role: "slider", "aria-label": name,
        ...(role ? { "aria-roledescription": role } : {}),
      });
      shape(group, "circle", { class: "target", r: 24 * size });
      shape(group, "circle", { class: "ring", r: 15 * size });
      shape(group, "circle", { class: "knob", r: 9 * size });
      const inPicture = (event) => {
        const frame = this.svg.getBoundingClientRect();
        const scale = this.width / frame.width;
        return [(event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale];
      };
      let offset = null;
      group.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        group.setPointerCapture(event.pointerId);
        const [px, py] = inPicture(event);
        const [hx, hy] = where();
        offset = [hx - px, hy - py];
        group.classList.add("held");
        group.focus({ preventScroll: true });
        event.preventDefault();
      });
      // A finger that drags a point does not scroll the page; touch-action alone does not hold in SVG.
      group.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
      group.addEventListener("pointermove", (event) => {
        if (!offset) return;
        const [px, py] = inPicture(event);
        move(px + offset[0], py + offset[1]);
      });
      for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
        group.addEventListener(end, () => { offset = null; group.classList.remove("held"); });
      }
      group.addEventListener("keydown", (event) => {
        const by = {
          ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1],
          PageDown: [-10, -10], PageUp: [10, 10], Home: [-Infinity, 0], End: [Infinity, 0],
        }[event.key];
        if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        nudge(...by.map((presses) => presses * (event.shiftKey ? 10 : 1) || 0));
      });
      const handle = {
        group,
        update() {
          const [px, py] = where();
          group.setAttribute("transform", `translate(${px.toFixed(2)},${py.toFixed(2)})`);
          const [now, low, high] = value();
          group.setAttribute("aria-valuenow", Number(now.toPrecision(6)));
          group.setAttribute("aria-valuemin", low);
          group.setAttribute("aria-valuemax", high);
          group.setAttribute("aria-valuetext", text());
        },
      };
      this.handles.push(handle);
      return handle;
    }
  }

  // --- the frame --------------------------------------------------------------------------------

  class Frame {
    constructor(root) {
      this.stage = root.querySelector(".explorable-stage");
      this.controls = root.querySelector(".explorable-controls");
      this.answer = root.querySelector(".explorable-answer");
      this.description = this.stage.querySelector("img").alt;
    }
    picture(draw) { return (this.shown = new Picture(this.stage, this.description, draw)); }
    redraw() { this.shown.redraw(); }
    say(text) { if (this.answer.textContent !== text) this.answer.textContent = text; }

    // A native slider with its name before it and its value behind. change(value) on every move.
    slider({ label, min, max, step, value, text = number, change, into = this.controls }) {
      const slider = make("input", { type: "range", min, max, step: "any" });
      slider.step = step;
      slider.value = value;
      const shown = make("output", { "aria-hidden": "true" });
      const show = () => {
        shown.textContent = text(Number(slider.value));
        slider.setAttribute("aria-valuetext", shown.textContent);
      };
      slider.addEventListener("input", () => { show(); change(Number(slider.value)); });
      show();
      into.append(make("label", { class: "explorable-slider" }, make("span", {}, label), slider, shown));
      return { set(wanted) { slider.value = wanted; show(); } };
    }
    // A row of buttons: [label, action] each.
    buttons(list, into = this.controls) {
      const row = make("div", { class: "explorable-buttons" });
      const made = list.map(([label, action]) => {
        const button = make("button", { type: "button" }, label);
        button.addEventListener("click", action);
        row.append(button);
        return button;
      });
      into.append(row);
      return made;
    }
    // What may wait: folded controls.
    more(label) {
      const inside = make("div");
      const fold = make("details", { class: "explorable-more" }, make("summary", {}, label), inside);
      this.controls.append(fold);
      return inside;
    }
    // Something that runs: step(k) every `pause` milliseconds until it returns false; at once for
    // those who asked for less motion. The button says how to stop it.
    runner(button, stopLabel, { pause, step, done = () => {} }) {
      const label = button.textContent;
      let timer = null;
      const stop = () => {
        clearTimeout(timer);
        timer = null;
        button.textContent = label;
      };
      const next = (k) => {
        if (step(k)) timer = setTimeout(next, pause, k + 1);
        else { stop(); done(); }
      };
      const start = () => {
        if (calm.matches) {
          let k = 0;
          while (step(k)) k++;
          done();
          return;
        }
        button.textContent = stopLabel;
        next(0);
      };
      return { stop, toggle: () => (timer === null ? start() : stop()) };
    }
  }

  Object.assign(course, {
    tools: { make, shape, address, clamp, number, fill },
    // Make one explorable live, in the place of its still picture.
    mount(root, { name, settings }) {
      const still = root.querySelector(".explorable-stage img");
      course.views[name](new Frame(root), settings, course.strings[name], course.strings.common);
      still.hidden = true;
      root.classList.add("live");
    },
  });
})();
