// On paper, hints and solutions stand at the end of the page, not under their question.
(() => {
  const TEXT = { title: window.courseWords?.["Hints and solutions"] ?? "Hints and solutions" };
  let putBack = [];

  // The question that a fold answers: the last paragraph before it that begins with a bold number.
  const question = (fold) => {
    const quiz = fold.closest(".quiz-question")?.querySelector("strong");
    if (quiz) return quiz.textContent;
    for (let node = fold.previousElementSibling; node; node = node.previousElementSibling) {
      const bold = node.matches("p") ? node.querySelector(":scope > strong:first-child") : null;
      if (bold && /^\d/.test(bold.textContent)) return bold.textContent;
    }
    return "";
  };
  const hidesAnswer = (fold) => {
    const section = fold.closest("section");
    return fold.closest(".quiz-question") || section?.querySelector(":scope > .tag_exercise");
  };

  const gather = () => {
    if (putBack.length) return;
    const article = document.querySelector("article.bd-article");
    const folds = [...(article?.querySelectorAll("details") ?? [])].filter(hidesAnswer);
    if (!folds.length) return;
    const end = document.createElement("section");
    end.className = "printed-answers";
    end.append(Object.assign(document.createElement("h2"), { textContent: TEXT.title }));
    for (const fold of folds) {
      const place = document.createComment("");
      const summary = fold.querySelector("summary");
      const name = summary.textContent;
      summary.textContent = `${question(fold)} ${name}`.trim();
      fold.replaceWith(place);
      end.append(fold);
      putBack.push(() => {
        summary.textContent = name;
        place.replaceWith(fold);
      });
    }
    article.append(end);
    putBack.push(() => end.remove());
  };
  const restore = () => {
    putBack.forEach((back) => back());
    putBack = [];
  };
  addEventListener("beforeprint", gather);
  addEventListener("afterprint", restore);
})();
