"""The lists of claims and faults: nothing is missing, every link leads to what it promises."""

import functools
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
APPENDICES = ROOT / "appendices"
CLAIMS = [f"C{number:02}" for number in range(1, 47)]
FAULTS = range(1, 16)
VERDICTS = (
    "**holds**",
    "**holds if**",
    "**does not hold**",
    "**holds, by definition**",
    "**supported**",
)
PENDING = "chapter in preparation"
LINK = re.compile(r"\[[^\]]*\]\((?P<file>\.\./chapters/(?P<name>\w+)\.ipynb)#(?P<anchor>[^)\s]+)\)")


def anchor(title):
    """Return the anchor of a heading, by the rule of GitHub and MyST."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower().replace(" ", "-"))


@functools.cache
def sections(notebook):
    """Return what each section of a notebook holds, text, code and output, by its anchor."""
    found = {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        lines = cell.source.splitlines()
        if cell.cell_type == "markdown":
            for line in lines:
                heading = re.match(r"#+ (.*)", line)
                if heading:
                    title = anchor(heading[1])
                    found[title] = []
                found[title].append(line)
        else:
            outputs = "".join(output.get("text", "") for output in cell.outputs)
            found[title] += [*lines, *outputs.splitlines()]
    return {title: "\n".join(lines) for title, lines in found.items()}


def linked(text):
    """Yield the name of a chapter and the text of its section, None if that is missing, by link."""
    for link in LINK.finditer(text):
        notebook = APPENDICES / link["file"]
        found = sections(notebook) if notebook.exists() else {}
        yield link["name"], found.get(link["anchor"])


# --- the claims -------------------------------------------------------------------------------


def claim_rows(page):
    """Return (heading, claim, first cell, verdict) for every row of the tables of a page."""
    rows, heading = [], ""
    for line in page.splitlines():
        if line.startswith("## "):
            heading = line
        row = re.match(r"\| (?P<first>\[?(?P<claim>C\d\d)\b.*?) \|.*\| (?P<verdict>.*) \|$", line)
        if row:
            rows.append((heading, row["claim"], row["first"], row["verdict"]))
    return rows


def claim_complaints(heading, claim, first, verdict):
    """Yield what is wrong with a row."""
    if verdict == PENDING:
        number = re.search(r"chapter (\d\d)", heading)[1]
        if list((ROOT / "chapters").glob(f"{number}_*.ipynb")):
            yield f"chapter {number} is there, but {claim} has no verdict"
        return
    if not any(word in verdict for word in VERDICTS):
        yield f"{claim} has none of the verdicts"
    if "{glue:text}" not in verdict and "by definition" not in verdict:
        yield f"{claim} has neither a number from a chapter nor a definition"
    targets = list(linked(first))
    if not targets:
        yield f"{claim} has no link to a section"
    for chapter, section in [*targets, *linked(verdict)]:
        if section is None:
            yield f"{claim} leads to a section that {chapter} does not have"
        elif claim not in section:
            yield f"{claim} leads to a section of {chapter} that does not name it"


ROWS = claim_rows((APPENDICES / "claims.md").read_text(encoding="utf-8"))


def test_every_claim_has_one_row():
    assert sorted(claim for _, claim, *_ in ROWS) == CLAIMS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_claim(row):
    assert not list(claim_complaints(*row))


GOOD = "[C05](../chapters/02_lab.ipynb#verdicts)"
DEFINED = "**holds, by definition**"


@pytest.mark.parametrize(
    ("first", "verdict", "complaint"),
    [
        (GOOD, PENDING, "is there"),
        (GOOD, "probably, {glue:text}`x`", "none of the verdicts"),
        (GOOD, "**holds**", "neither a number"),
        ("C05", DEFINED, "no link"),
        (GOOD.replace("verdicts", "verdict"), DEFINED, "does not have"),
        (GOOD.replace("02_lab", "99_none"), DEFINED, "does not have"),
        (GOOD.replace("verdicts", "the-log-and-the-code-beside-it"), DEFINED, "name it"),
    ],
)
def test_a_faulty_row_is_found(first, verdict, complaint):
    heading = "## Learning rate ([chapter 02](../chapters/02_learning_rate.ipynb))"
    assert not list(claim_complaints(heading, "C05", GOOD, DEFINED))
    (found,) = claim_complaints(heading, "C05", first, verdict)
    assert complaint in found


# --- the faults of the lecture's code ---------------------------------------------------------


def fault_entries(page):
    """Return the text of every numbered entry of the page, by its number."""
    parts = re.split(r"(?m)^## (\d+)\. ", page)[1:]
    return {int(number): text for number, text in zip(parts[::2], parts[1::2], strict=True)}


def fault_complaints(text):
    """Yield what is wrong with an entry."""
    parts = dict(re.findall(r"(?ms)^\*\*([\w ]+)[.:]\*\*\s+(.+?)\s*(?=^\*\*|\Z)", text))
    if list(parts) != ["What happens", "Why", "Instead", "Shown in", "Guarded by"]:
        yield f"its parts are {', '.join(parts)}"
        return
    targets = list(linked(parts["Shown in"]))
    if not targets:
        yield "it is shown in no section"
    for chapter, section in targets:
        if section is None:
            yield f"it leads to a section that {chapter} does not have"
    shown = "\n".join(
        "\n".join(sections(ROOT / "chapters" / f"{chapter}.ipynb").values())
        # what only guards is in the page, but not in the notebook that readers get
        + (ROOT / "chapters" / f"{chapter}.md").read_text(encoding="utf-8")
        for chapter, section in targets
        if section is not None
    )
    guards = [code for _, code in re.findall(r"(`+)(.+?)\1(?!`)", parts["Guarded by"])]
    if not guards:
        yield "nothing guards it"
    for guard in guards:
        test = re.fullmatch(r"(tests/[\w/]+\.py)::(\w+)", guard)
        if test:
            file = ROOT / test[1]
            if not file.exists() or f"def {test[2]}(" not in file.read_text(encoding="utf-8"):
                yield f"there is no test {guard}"
        elif guard not in shown:
            yield f"none of its chapters has {guard}"


ENTRIES = fault_entries((APPENDICES / "lecture_bugs.md").read_text(encoding="utf-8"))


def test_every_fault_has_an_entry_in_order():
    assert list(ENTRIES) == list(FAULTS)


@pytest.mark.parametrize("number", FAULTS)
def test_fault(number):
    assert not list(fault_complaints(ENTRIES[number]))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("**Why.**", "Why.", "its parts are"),
        ("#four-ways-to-lose-a-gradient", "", "shown in no section"),
        ("#four-ways-to-lose-a-gradient", "#four-ways-to-win", "does not have"),
        ("`", "", "nothing guards it"),
        ("gradient: [None, None]", "gradient: [1, 2]", "none of its chapters has"),
        ("gradient: [None, None]", "tests/test_runtime.py::test_of_nothing", "there is no test"),
    ],
)
def test_a_faulty_entry_is_found(old, new, complaint):
    assert old in ENTRIES[1]
    assert any(complaint in found for found in fault_complaints(ENTRIES[1].replace(old, new)))
