// A question of a quiz becomes a form: choose, check, read what is said to the choice.
// Nothing is stored and nothing is sent.
(() => {
  const say = (text) => window.courseWords?.[text] ?? text;
  const TEXT = { check: say("Check the answer"), none: say("Choose an answer first.") };
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // "(a) **Right.** Because …": after the letter of the option, bold text.
  const isRight = (item) => (item.querySelector("p") ?? item).childNodes[1]?.nodeName === "STRONG";

  document.querySelectorAll(".quiz-question").forEach((question, number) => {
    const options = question.querySelector(".quiz-options");
    const fold = question.querySelector("details");
    const feedback = [...question.querySelectorAll(".quiz-feedback > li")];
    const asked = [...question.children].slice(0, [...question.children].indexOf(options));
    const said = make("div", { className: "quiz-said", role: "status" });
    const choices = [...options.children].map((option, k) => {
      const choice = make("input", { type: "radio", name: `quiz-${number}`, value: k });
      const text = make("span", {}, ...(option.querySelector(":scope > p") ?? option).childNodes);
      return make("label", {}, choice, text);
    });
    // A legend holds no paragraphs or code; what is asked names the group all the same.
    const text = make("div", { id: `quiz-question-${number}` }, ...asked);
    const group = make("div", { role: "radiogroup" }, ...choices);
    group.setAttribute("aria-labelledby", text.id);
    const button = make("button", { type: "submit", textContent: TEXT.check });
    const form = make("form", { autocomplete: "off" }, text, group, button, said);
    form.addEventListener("change", () => {
      said.replaceChildren();
      delete said.dataset.right;
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = group.querySelector("input:checked");
      const answer = chosen && feedback[chosen.value];
      said.replaceChildren(...(answer ? answer.cloneNode(true).childNodes : [TEXT.none]));
      if (answer) said.dataset.right = isRight(answer);
    });
    fold.classList.add("quiz-answers"); // for paper alone
    options.replaceWith(form);
  });
})();
