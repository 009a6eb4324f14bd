"""The glossary: sorted out for links, and complete for the terms that chapters introduce."""

import re
from pathlib import Path

import pytest

from coursebook.site.glossary_links import Terms, spellings

ROOT = Path(__file__).resolve().parents[3]
GLOSSARY = (ROOT / "appendices" / "glossary.md").read_text(encoding="utf-8")
#: `term (용어)`, as a chapter introduces it: up to four words before the Korean.
INTRODUCED = re.compile(r"((?:[\w'’-]+\s+){0,3}[\w'’-]+)\s+\(([가-힣][가-힣 ]*)[,)]")
#: Korean for a word of the subject of one chapter, not a term of the field.
LOCAL = {"종가": "closing price, of stocks", "거래량": "volume, of stocks"}


def entries():
    """Return the names of every entry: English, then Korean if there is one."""
    body = GLOSSARY.partition("```{glossary}\n")[2].partition("```")[0]
    blocks = re.split(r"\n\n+", body.strip("\n"))
    return [[line for line in block.splitlines() if line[0] != " "] for block in blocks]


def everyday():
    found = re.search(r"^everyday: (.+)$", GLOSSARY, re.M)
    return {word.strip() for word in found[1].split(",")}


def missing(text, known, korean):
    """Return the terms that a text introduces and that the glossary lacks."""
    prose = re.sub(r"```.*?```", "", text, flags=re.S)
    lost = []
    for words, translation in INTRODUCED.findall(prose):
        parts = words.split()
        endings = {" ".join(parts[k:]) for k in range(len(parts))}
        if not endings & known and translation not in korean | LOCAL.keys():
            lost.append(f"{words} ({translation})")
    return lost


def test_entries_are_in_the_order_of_the_alphabet():
    names = [name for name, *_ in entries()]
    assert names == sorted(names, key=str.casefold)


def test_every_term_that_a_chapter_introduces_is_in_the_glossary():
    known = {form for names in entries() for name in names for form in spellings(name)}
    korean = {name for names in entries() for name in names[1:]}
    lost = {}
    for page in sorted(ROOT.glob("chapters/*.md")):
        found = missing(page.read_text(encoding="utf-8"), known, korean)
        if found:
            lost[page.name] = found
    assert not lost


def test_a_term_that_the_glossary_lacks_is_found():
    text = "A frobnicator (프로브) and a learning rate (학습률)."
    assert missing(text, {"learning rate"}, set()) == ["A frobnicator (프로브)"]


def test_everyday_words_are_entries():
    assert everyday() <= {names[0] for names in entries()}


def test_no_entry_is_there_twice():
    names = [name for entry in entries() for name in entry[:1]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The learning rate decay of learning rates", ["learning rate decay", "learning rates"]),
        ("Learning\nrate", ["Learning\nrate"]),
        ("a mini-batch is no batch", ["batch"]),
        ("an auc, an AUC", ["AUC"]),
        ("McNemar’s test", ["McNemar’s test"]),
        ("a batch, then a batch", ["batch"]),
        ("one step, two steps", []),
        ("the rates, the batchers", []),
    ],
)
def test_first_uses(text, found):
    names = ["learning rate", "learning rate decay", "batch", "AUC", "McNemar's test", "step"]
    terms = Terms([([name], name, "") for name in names], {"step"})
    assert [text[start:end] for start, end, _ in terms.first_uses(text, set())] == found
