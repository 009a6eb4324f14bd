// Bring the explorables of a page to life: when the page is idle, at the latest at the first touch.
(() => {
  "use strict";
  const here = new URL(".", document.currentScript.src);
  const loads = {};
  const load = (file) => (loads[file] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(file, here).href;
    script.async = false; // fetched together, run in order
    script.onload = resolve;
    script.onerror = () => {
      delete loads[file]; // the next touch tries again
      script.remove();
      reject(new Error(`${file} cannot be loaded`));
    };
    document.head.append(script);
  }));

  for (const root of document.querySelectorAll(".explorable[data-spec]")) {
    const spec = JSON.parse(root.dataset.spec);
    const answer = root.querySelector(".explorable-answer");
    let state = "still";
    const start = async () => {
      if (state !== "still") return;
      state = "loading";
      root.setAttribute("aria-busy", "true");
      answer.textContent = root.dataset.loading;
      try {
        await Promise.all(spec.scripts.map(load));
        answer.textContent = "";
        courseExplorables.mount(root, spec);
        state = "live";
      } catch (error) {
        answer.textContent = root.dataset.failed;
        state = "still";
        console.warn(error.message);
      }
      root.removeAttribute("aria-busy");
    };
    for (const intent of ["pointerenter", "pointerdown", "focusin", "touchstart"]) {
      root.addEventListener(intent, start, { passive: true });
    }
    const whenIdle = () => (window.requestIdleCallback
      ? requestIdleCallback(start, { timeout: 3000 })
      : setTimeout(start, 1000));
    if (document.readyState === "complete") whenIdle();
    else addEventListener("load", whenIdle, { once: true });
  }
})();
