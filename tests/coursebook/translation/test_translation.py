"""Catalogues of translations: what they hold, how they age, what is refused."""

import re

import polib
import pytest

from coursebook import anatomy
from coursebook.translation import blocks, catalogues, checks, comments, languages, messages
from coursebook.translation.blocks import Message
from coursebook.translation.command import main
from coursebook.translation.languages import particles
from coursebook.translation.state import Translation
from lecture_utils import language
from lecture_utils.exercises import reply

ROOT = anatomy.ROOT
PAGES = messages.pages()
SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_put_together_again_is_the_page(name):
    text = PAGES[name].read_text(encoding="utf-8")
    assert blocks.translated(text, lambda message, kind: message) == text


@pytest.mark.parametrize("name", PAGES)
def test_every_sentence_of_a_page_is_in_a_message_that_can_be_replaced(name):
    text = PAGES[name].read_text(encoding="utf-8")
    replaced = blocks.translated(text, lambda message, kind: "§")
    assert replaced.count("§") == len(blocks.messages(text))
    left = re.sub(
        r"^(```+|~~~+).*?^\1[^\n]*$|^\$\$.*?\$\$$|`[^`]+`", "", replaced, flags=re.M | re.S
    )
    assert not [line for line in left.split("\n") if SENTENCE.search(line)]


def test_a_message_is_a_block_and_has_its_kind_and_section():
    page = """\
# Steps

Go down.
Not *up*.

1. first
   and more

| step | cost |
| ---- | ---- |
| one way | `0.1` |

<details><summary>Solution</summary>

```python
w = 1  # the start
```

</details>

```{code-cell} ipython3
---
mystnb:
  image: {alt: "A \\"falling\\" line."}
  figure: {caption: "The cost."}
---
plot(w)  # not a solution
```

```{glossary}
step
걸음
  A move.
```
"""
    assert [(found.kind, found.text) for found in blocks.messages(page)] == [
        ("heading", "Steps"),
        ("text", "Go down.\nNot *up*."),
        ("text", "first\nand more"),
        ("cell", "step"),
        ("cell", "cost"),
        ("cell", "one way"),
        ("summary", "Solution"),
        ("comment", "the start"),
        ("alt", 'A "falling" line.'),
        ("caption", "The cost."),
        ("term", "step\n걸음"),
        ("text", "A move."),
    ]
    assert {found.section for found in blocks.messages(page)} == {"Steps"}
    made = blocks.translated(page, lambda text, kind: text.upper())
    assert "1. FIRST\n   AND MORE" in made
    assert 'alt: "A \\"FALLING\\" LINE."' in made and "w = 1  # THE START" in made
    assert "plot(w)  # not a solution" in made and "  A MOVE." in made


def test_a_translated_comment_never_changes_the_code():
    code = 'text = "# no comment"  # a comment\n# noqa: E501\n'
    assert comments.translated(code, lambda text: "주석") == (
        'text = "# no comment"  # 주석\n# noqa: E501\n'
    )
    with pytest.raises(ValueError, match="changes the code"):
        comments.translated("w = 1  # one", lambda text: "\nw = 2")


def merged(old, *texts, memory=None):
    return catalogues.merged(old, map(Message, texts), language="ko", memory=memory or {})


def translated(*pairs):
    catalogue = merged(polib.POFile(), *(text for text, _ in pairs))
    for entry, (_, text) in zip(catalogue, pairs, strict=True):
        entry.msgstr = text
    return catalogue


def test_a_changed_text_keeps_its_translation_as_fuzzy_and_says_what_it_was():
    old = translated(("Go down the hill.", "언덕을 내려가세요."), ("Stop.", "멈추세요."))
    new = merged(old, "Go down the steep hill.", "Stop.")
    changed, same = new
    assert (changed.msgstr, changed.fuzzy) == ("언덕을 내려가세요.", True)
    assert changed.previous_msgid == "Go down the hill."
    assert catalogues.sure(new) == {("", "Stop."): "멈추세요."} and not same.fuzzy
    again = merged(new, "Go down the steep hill.", "Stop.")
    assert str(again) == str(new)


def test_a_text_that_is_gone_is_kept_and_found_when_it_comes_back(tmp_path):
    gone = merged(translated(("Go down.", "내려가세요.")), "Stop.")
    catalogues.write(tmp_path / "page.po", gone)
    back = merged(catalogues.read(tmp_path / "page.po"), "Stop.", "Go down.")
    assert [(entry.msgid, entry.msgstr, entry.obsolete) for entry in back] == [
        ("Stop.", "", False),
        ("Go down.", "내려가세요.", False),
    ]


def test_a_text_that_moved_takes_its_translation_along():
    memory = {("", "Go down."): "내려가세요."}
    (entry,) = merged(polib.POFile(), "Go down.", memory=memory)
    assert entry.translated()


def test_words_of_an_explorable_are_told_apart_by_their_place():
    new = catalogues.merged(
        polib.POFile(),
        [Message("right", "string", "a", "a.side"), Message("right", "string", "b", "b.verdict")],
        language="ko",
        memory={},
    )
    assert [entry.msgctxt for entry in new] == ["a.side", "b.verdict"]


@pytest.mark.parametrize(
    ("source", "translation", "kind", "complaint"),
    [
        ("At {glue:text}`x:.2f` it stops.", "멈춥니다.", "text", "number from a run"),
        ("Call `fit`.", "`predict`를 부르세요.", "text", "code"),
        ("Of $w$ and $b$.", "$w$입니다.", "text", "formula"),
        ("See [02](02_a.ipynb).", "[2장](03_a.ipynb)을 보세요.", "text", "link"),
        ("Take 12 steps.", "13걸음 가세요.", "text", "number"),
        ("The **learning rate**.", "**학습률(learning rate)**은", "text", "emphasis"),
        ("A cell", "칸 | 하나", "cell", "ends the cell"),
        ("w is {w}", "w는 {v}", "string", "name"),
        ("Go.", "가세요.\n어서.", "heading", "one line"),
        ("a <sub>b</sub>", "a b", "text", "tag"),
        ("(b) **Right.** It falls.", "(b) 맞습니다. 줄어듭니다.", "text", "must begin with (b) **"),
        ("**2.** Which one?", "2. 어느 것일까요?", "text", "must begin with **2."),
    ],
)
def test_what_no_translation_may_do(source, translation, kind, complaint):
    assert any(complaint in line for line in checks.complaints(Message(source, kind), translation))


def test_a_faithful_translation_is_not_complained_of():
    message = Message("Take **two** steps of `0.1`, see [02](02.ipynb): {glue:text}`x:.2f`.")
    text = "`0.1`씩 **2**걸음 가면 {glue:text}`x:.2f`이(가) 됩니다([02](02.ipynb))."
    assert not [*checks.complaints(message, text), *languages.rules("ko").complaints(message, text)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("3를 더합니다.", "does not agree"),
        ("0.5을 곱합니다.", "does not agree"),
        ("{glue:text}`x:.1f`를 넘습니다.", "both forms"),
        ("$w$을(를) 봅니다.", "write one particle"),
        ("1~2이고 3~4입니다.", "strike out"),
        ("Go down the hill until you stop.", "English sentence"),
    ],
)
def test_what_no_korean_text_may_have(text, complaint):
    found = languages.rules("ko").complaints(Message("x"), text)
    assert any(complaint in line for line in found)


def test_a_particle_of_korean_follows_the_number_as_it_is_read():
    numbers = ["0.52", "0.21", "30", "1,000", "12%", "10", "100", "3", "6", "0", "1e-5", "2 ± 1"]
    made = [particles.decided(f"{number}을(를)") for number in numbers]
    assert [text[-1] for text in made] == list("를을을을를을을을을을를을")
    assert particles.decided("7으로(로) 2으로(로) 6으로(로)") == "7로 2로 6으로"


def test_a_language_without_rules_of_its_own_needs_none():
    rules = languages.rules("xx")
    assert rules.finished("1을(를)") == "1을(를)"
    assert not list(rules.complaints(Message("a"), "b"))


def test_the_language_is_that_of_the_folder_or_the_variable(tmp_path, monkeypatch):
    monkeypatch.delenv(language.VARIABLE, raising=False)
    (tmp_path / "chapters").mkdir()
    monkeypatch.chdir(tmp_path / "chapters")
    assert language.current() == "en"
    (tmp_path / language.MARK).write_text("language: ko\n", encoding="utf-8")
    assert language.current() == "ko"
    monkeypatch.setenv(language.VARIABLE, "xx")
    assert language.current() == "xx"


def test_check_answers_in_the_language_of_the_edition(monkeypatch):
    said = {
        "the sign is missing": "부호가 빠졌습니다",
        "Not yet: {problem}.": "아직입니다: {problem}.",
    }
    monkeypatch.setenv(language.VARIABLE, "ko")
    monkeypatch.setattr(language, "words", lambda code: said)
    entry = {"expected": 3, "wrong": [{"answer": -1, "feedback": "the sign is missing"}]}
    assert reply(-1, entry, {}) == "아직입니다: 부호가 빠졌습니다."
    assert reply(2, entry, {}) == "아직입니다: 2 is too small."


def test_the_translations_of_the_book_are_without_fault():
    """What is published is complete, and what the package reads is what the catalogues say."""
    assert not list(Translation("ko").complaints())


def test_a_language_that_is_not_there_is_named(capsys):
    with pytest.raises(SystemExit):
        main(["--language", "xx", "check"])
    assert "no translation into 'xx'" in capsys.readouterr().err
