// A tap on a term shows its meaning where it stands; the card leads on to the glossary.
(() => {
  const TEXT = { more: window.courseWords?.["In the glossary"] ?? "In the glossary" };
  if (!HTMLElement.prototype.showPopover) return; // an older browser follows the link
  const GAP = 6;
  const card = Object.assign(document.createElement("div"), { className: "term-card" });
  card.popover = "auto"; // a tap elsewhere closes it
  card.setAttribute("role", "dialog");
  const meaning = document.createElement("p");
  const more = Object.assign(document.createElement("a"), { textContent: TEXT.more, autofocus: true });
  card.append(meaning, more);
  document.body.append(card);

  const place = (link) => {
    const at = link.getClientRects()[0];
    const { width, height } = card.getBoundingClientRect();
    const below = at.bottom + GAP;
    const top = below + height < innerHeight ? below : Math.max(GAP, at.top - GAP - height);
    card.style.top = `${top}px`;
    card.style.left = `${Math.max(GAP, Math.min(at.left, innerWidth - width - GAP))}px`;
  };
  let shown = null;
  document.querySelector("article")?.addEventListener("click", (event) => {
    const link = event.target.closest("a.glossary-link");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    meaning.textContent = link.title;
    card.setAttribute("aria-label", link.textContent);
    more.href = link.href;
    card.showPopover();
    shown = link;
    place(link);
  });
  // The theme takes the Escape key for its own dialogs.
  card.addEventListener("keydown", (event) => event.key === "Escape" && card.hidePopover());
  // It stays with its term.
  const follow = () => card.matches(":popover-open") && place(shown);
  addEventListener("scroll", follow, { passive: true });
  addEventListener("resize", follow);
})();
