// A formula wider than its line scrolls; let the keyboard reach it, as the theme does for code.
// The observer tells when the page is laid out, and when that changes, without asking for it.
const watch = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const formula of document.querySelectorAll("article .math")) watch.observe(formula);
