// Sliders for the charts of a page. The libraries (0.9 MB) are fetched at a reader's first touch.
(() => {
  const libraries = new URL("vega-bundle.js", document.currentScript.src).href;
  let loaded;
  const load = () => (loaded ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = libraries;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  }));

  // One row of the form: the name of the parameter, its value, the slider.
  const makeSlider = ({ name, bind, value }, labels, change) => {
    const row = document.createElement("label");
    const slider = document.createElement("input");
    const output = document.createElement("output");
    Object.assign(slider, { type: "range", min: bind.min, max: bind.max, step: bind.step, value });
    const show = () => {
      output.value = labels ? labels[slider.value] : slider.value;
      slider.setAttribute("aria-valuetext", output.value);
    };
    slider.addEventListener("input", () => { show(); change(name, Number(slider.value)); });
    show();
    row.append(bind.name ?? name, output, slider);
    return row;
  };

  for (const chart of document.querySelectorAll(".vega-chart")) {
    const spec = JSON.parse(chart.dataset.spec);
    const still = chart.parentElement.querySelector("img");
    const values = {};
    let started, view;

    const start = () => (started ??= (async () => {
      await load();
      const live = document.createElement("div");
      ({ view } = await vegaEmbed(live, spec, { actions: false, renderer: "svg" }));
      for (const [name, value] of Object.entries(values)) view.signal(name, value);
      await view.runAsync();
      const picture = live.querySelector("svg");
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", still.alt);
      still.replaceWith(live);
    })());
    const change = (name, value) => {
      values[name] = value;
      view?.signal(name, value).runAsync();
    };

    // Ranges become sliders of the page; the other kinds of input are left to Vega.
    for (const param of spec.params ?? []) {
      if (param.bind?.input !== "range") continue;
      chart.append(makeSlider(param, spec.usermeta?.sliderLabels?.[param.name], change));
      delete param.bind;
    }
    for (const target of [still, chart]) {
      for (const intent of ["pointerenter", "focusin", "touchstart"]) {
        target.addEventListener(intent, start, { once: true, passive: true });
      }
    }
  }
})();
