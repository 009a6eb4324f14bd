"""How a page is written: its kind, sections, folds, exercises and quiz. Nothing else parses pages.

A page is a notebook, read from Markdown by jupytext or from the committed file by nbformat. It may
be a lesson, which teaches, or a lab, which puts claims to the test. A `chapter` is a page from
before that division; each is in `NOT_YET_SPLIT` until it is divided.
"""

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from coursebook.numbers import ROLE

ROOT = Path(__file__).resolve().parent.parent
#: Pages that do both jobs still, under the rules that they were written for.
NOT_YET_SPLIT = frozenset(
    {
        "16_efficient_models",
        "17_scaling_out",
    }
)

#: Not in the published notebook: a cell that records numbers or asserts what the text claims.
GUARD = "remove-cell"
PREDICT = "> **Predict.**"
NEED = "**You need**"
PICTURES = ("image/png", "image/jpeg")

FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.M | re.S)
CODE = re.compile(r"(`+).+?\1", re.S)
MATHS = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.S)
LINK = re.compile(r"\]\([^)]*\)|<https?://[^>]*>")
TAG = re.compile(r"</?[a-z][^>]*>")
FOLD = re.compile(r"<details>\s*<summary>(?P<summary>.*?)</summary>(?P<body>.*?)</details>", re.S)
SOLUTION = "Solution"
ANSWERS = "Answers"
PYTHON = re.compile(r"^```python\n(.*?)^```", re.M | re.S)
EXERCISE = re.compile(r'exercise="([^"]+)"')
QUESTION = re.compile(r"^\*\*(\d+)\.\*\*", re.M)
OPTION = re.compile(r"^- \(([a-z])\) +(.+(?:\n +\S.*)*)", re.M)
RIGHT = "**Right.**"

#: Whoever reads with attention: words a minute of prose, lines a minute of code, and minutes an
#: exercise takes beyond reading it.
WORDS_A_MINUTE, LINES_A_MINUTE, MINUTES_AN_EXERCISE = 130, 8, 3
UNREAD = re.compile(
    r"\$\$.+?\$\$|^\|[^\n]*|^#+ [^\n]*|<summary>.*?</summary>|</?\w[^>]*>|\]\([^)]*\)"
    r"|\{[\w:]+\}`[^`]*`|(`+).+?\1|\$[^$\n]+\$",
    re.M | re.S,
)
WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’-][A-Za-z]+)*")


def kind(name: str) -> str:
    """Return what a page is, by the name of its file: a lesson, a lab, a chapter or an opening.

    An opening is a page outside `chapters/`, whose name does not begin with a number.

    >>> kind("07_noise"), kind("08_lab"), kind("17_scaling_out"), kind("first_network")
    ('lesson', 'lab', 'chapter', 'opening')
    """
    if name in NOT_YET_SPLIT:
        return "chapter"
    if not re.match(r"\d\d_", name):
        return "opening"
    return "lab" if re.fullmatch(r"\d\d_lab", name) else "lesson"


def pages(root: Path = ROOT) -> list[Path]:
    """Return the pages that are notebooks, without suffix, in the order of `_toc.yml`.

    Those that the table of contents does not name yet follow in the order of their names.
    """
    contents = root / "_toc.yml"
    listed = _files(yaml.safe_load(contents.read_text("utf-8"))) if contents.exists() else ()
    found = {
        path.with_suffix("")
        for path in (root / "chapters").glob("[0-9]*")
        if path.suffixes in ([".md"], [".ipynb"])
    }
    known = [root / name for name in listed if root / name in found or _is_opening(root / name)]
    return known + sorted(found - set(known))


def _is_opening(page: Path) -> bool:
    source = page.with_suffix(".md")
    return (
        source.exists() and "\nkernelspec:\n" in source.read_text("utf-8").partition("\n---\n")[0]
    )


def _files(part) -> Iterator[str]:
    """Yield the documents of a table of contents, from top to bottom."""
    if isinstance(part, list):
        for item in part:
            yield from _files(item)
    elif isinstance(part, dict):
        if "file" in part:
            yield part["file"]
        for inner in ("parts", "subtrees", "chapters", "sections", "entries"):
            yield from _files(part.get(inner, []))


def is_guard(cell) -> bool:
    """Return whether a cell only guards or records, and stays out of the published notebook."""
    return cell.cell_type == "code" and GUARD in cell.metadata.get("tags", [])


def markdown(page) -> str:
    """Return all the text of a page, without code cells."""
    return "\n\n".join(cell.source for cell in page.cells if cell.cell_type == "markdown")


def solutions(page) -> list[str]:
    """Return the code of every solution: the Python blocks of its fold, joined."""
    found = []
    for fold in FOLD.finditer(markdown(page)):
        if fold["summary"] == SOLUTION:
            found.append("\n".join(PYTHON.findall(fold["body"])).rstrip())
    return found


@dataclass
class Question:
    """A question of a quiz: its options and what is said to each, by letter."""

    number: str
    options: dict[str, str]
    feedback: dict[str, str]


def quiz(page) -> list[Question]:
    """Return the questions of the page's quiz."""
    text = section(page, "Quiz")
    starts = [*(found.start() for found in QUESTION.finditer(text)), len(text)]
    questions = []
    for start, end in itertools.pairwise(starts):
        part = text[start:end]
        fold = FOLD.search(part)
        asked = part[: fold.start()] if fold else part
        questions.append(
            Question(
                QUESTION.match(part)[1],
                dict(OPTION.findall(asked)),
                dict(OPTION.findall(fold["body"])) if fold and fold["summary"] == ANSWERS else {},
            )
        )
    return questions


@dataclass
class Line:
    """A line of prose: its text, and whether it may hold typed numbers or several sentences."""

    text: str
    is_premise: bool
    is_packed: bool


def prose(page) -> Iterator[Line]:
    """Yield the lines of a page's text, without code, maths and links.

    A premise is what the page makes up: the scene before the first heading of the second level,
    the quiz, and whatever is folded. Packed are lines that a format forces together: the quiz, what
    is folded, quotations, list items and rows of tables.
    """
    title, folded = "", False
    for cell in page.cells:
        if cell.cell_type != "markdown":
            continue
        for line in _without_code(cell.source).splitlines():
            heading = re.match(r"^## +(.+?)\s*$", line)
            title = heading[1] if heading else title
            folded = folded or "<details>" in line
            premise = folded or title in ("", "Quiz")
            packed = folded or title == "Quiz" or bool(re.match(r"\s*([>|-]|\d+\.) ?|.*\|", line))
            yield Line(TAG.sub("", line), premise, packed)
            folded = folded and "</details>" not in line


def _without_code(text: str) -> str:
    for pattern in (ROLE, FENCE, MATHS, CODE, LINK):
        text = pattern.sub("", text)
    return text


def headings(page) -> list[tuple[int, str]]:
    """Return level and text of every heading."""
    found = re.findall(r"^(#+) +(.+?)\s*$", FENCE.sub("", markdown(page)), re.M)
    return [(len(marks), title) for marks, title in found]


def section(page, title: str) -> str:
    """Return the text under a heading of the second level, "" if there is none."""
    pattern = rf"^## {re.escape(title)}\s*$(.*?)(?=^## |\Z)"
    found = re.search(pattern, markdown(page), re.M | re.S)
    return found[1] if found else ""


def title_and_question(page) -> tuple[str, str]:
    """Return the title of a page and the question below it, "" for what is missing."""
    found = re.search(r"^# (.+?)\s*$(?:\s*^(?![#>`|])(.+)$)?", markdown(page), re.M)
    return (found[1], found[2] or "") if found else ("", "")


def needed(page) -> list[str]:
    """Return the names of the pages of `chapters/` that the page builds on."""
    line = re.search(rf"^{re.escape(NEED)}.*$", markdown(page), re.M)
    return re.findall(r"\]\((\w+)\.ipynb", line[0]) if line else []


def count_words(text: str) -> int:
    """Return how many words of prose a text has; code, formulas, tables and headings are none."""
    return len(WORD.findall(UNREAD.sub(" ", FENCE.sub("", text))))


def visible_code(page) -> list[str]:
    """Return the sources of the code cells that a reader sees unfolded."""
    hidden = {GUARD, "hide-input", "hide-cell", "remove-input"}
    return [
        cell.source
        for cell in page.cells
        if cell.cell_type == "code" and not hidden & set(cell.metadata.get("tags", []))
    ]


def minutes(page) -> tuple[int, int]:
    """Return how long a page takes to read, and its exercises and quiz, in steps of five minutes.

    Reading takes a minute for 130 words and one for 8 lines of visible code. An exercise takes
    three minutes beyond the reading of it.
    """
    text = markdown(page)
    practice = section(page, "Exercises") + section(page, "Quiz")
    n_exercises = sum("exercise" in cell.metadata.get("tags", []) for cell in page.cells)
    exercise_code = [
        cell.source for cell in page.cells if "exercise" in cell.metadata.get("tags", [])
    ]
    n_lines = sum(_lines(source) for source in visible_code(page)) - sum(
        _lines(source) for source in exercise_code
    )
    words = count_words(practice)
    reading = (count_words(text) - words) / WORDS_A_MINUTE + n_lines / LINES_A_MINUTE
    return _fives(reading), _fives(words / WORDS_A_MINUTE + MINUTES_AN_EXERCISE * n_exercises)


def _lines(source: str) -> int:
    return sum(bool(line.strip()) for line in source.splitlines())


def _fives(number: float) -> int:
    return 5 * math.ceil(number / 5)
