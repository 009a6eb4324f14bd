"""What every chapter must hold to; each rule is a function that yields its complaints."""

import re
from collections.abc import Iterator

from coursebook.numbers import ROLE
from lecture_utils.explorables import MIME_TYPE as EXPLORABLE

HEADINGS = (
    "Overview",
    "The data",
    "The experiment",
    "When it goes wrong",
    "In practice",
    "Summary",
    "Exercises",
    "Quiz",
    "Further reading",
)
PROMISES = ("**You will do**", "**You will learn**", "**You need**", "> **Predict.**")
CODE_CELLS = range(15, 26)
LONGEST_CELL = 25
EXERCISES = 3
EXEMPT = "nbval-ignore-output"
FORBIDDEN_CODE = {
    r"^\s*from\s+\S+\s+import\s+\*": "imports everything from a module",
    r"sys\.path": "changes sys.path; the package is installed",
    r"^\s*[!%]\s*(pip|conda)": "installs a package; the environment is requirements.txt",
    r"filterwarnings|simplefilter": "hides warnings; mend what warns",
    r"NBVAL_|PYTEST_VALIDATE": "steers nbval by a comment; use the tags and metadata",
}
FORBIDDEN_TAGS = {"nbval-skip", "skip-execution"}
PICTURES = ("image/png", "image/jpeg")
CHART = "application/vnd.vegalite.v5+json"

FENCE = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)
CODE = re.compile(r"(`+).+?\1", re.S)
MATHS = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.S)
LINK = re.compile(r"\]\([^)]*\)|<https?://[^>]*>")
TAG = re.compile(r"</?[a-z][^>]*>")
#: 0.31, 3.5e-4, 87 %: what somebody measured or set, but not 2026, 5 or a list number
NUMBER = re.compile(r"(?<![\w.])\d+\.\d+|(?<![\w.])\d+\s?%")
ROLE_OR_DIRECTIVE = re.compile(r"^\s*(?:```|:::+)\{|(?<!`)\{[\w:.-]+\}`|^\([\w-]+\)=\s*$", re.M)
TWO_SENTENCES = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bcf)(?<!\b[A-Z])[.!?] +(?=[A-Z])")


def complaints(page, notebook) -> Iterator[str]:
    """Yield what is wrong with a chapter, in words.

    Parameters
    ----------
    page : NotebookNode
        The page that people edit, read as a notebook: roles unresolved, no outputs.
    notebook : NotebookNode
        The notebook built from it, with outputs.
    """
    yield from _headings(page)
    yield from _prose(page)
    yield from _code(page)
    yield from _exercises(notebook)
    yield from _outputs(notebook)


def _headings(page) -> Iterator[str]:
    text = "\n".join(c.source for c in page.cells if c.cell_type == "markdown")
    found = re.findall(r"^(#+) +(.+?)\s*$", FENCE.sub("", text), re.M)
    levels = [len(marks) for marks, _ in found]
    if levels.count(1) != 1 or levels[:1] != [1]:
        yield "the page must begin with its only heading of the first level"
    for level, (previous, (_, title)) in zip(
        levels[1:], zip(levels, found[1:], strict=False), strict=False
    ):
        if level > previous + 1:
            yield f"the heading {title!r} skips a level"
    titles = iter(title for marks, title in found if len(marks) == 2)
    for wanted in HEADINGS:
        if wanted not in titles:  # `in` consumes the iterator: this checks the order as well
            yield f"the heading '## {wanted}' is missing or out of order"
            titles = iter(title for marks, title in found if len(marks) == 2)
    for promise in PROMISES:
        if promise not in text:
            yield f"{promise!r} is missing"
    if text.count("<details>") != text.count("</details>") or "<details>" not in text:
        yield "the quiz's answers must stand in <details> ... </details>"


def _prose(page) -> Iterator[str]:
    for cell in page.cells:
        if cell.cell_type != "markdown":
            continue
        text = ROLE.sub("", FENCE.sub("", cell.source))
        for pattern in (MATHS, CODE, LINK, TAG):
            text = pattern.sub("", text)
        for line in text.splitlines():
            for number in NUMBER.findall(line):
                yield (
                    f"{number!r} is typed into the prose: glue a measured number, "
                    f"write a setting or a published number as code or maths: {line.strip()!r}"
                )
            if TWO_SENTENCES.search(line) and "|" not in line:
                yield f"two sentences on one line: {line.strip()!r}"
        for found in ROLE_OR_DIRECTIVE.findall(ROLE.sub("", cell.source)):
            yield f"{found.strip()!r} shows as raw text outside Sphinx: use plain Markdown"


def _code(page) -> Iterator[str]:
    cells = [c for c in page.cells if c.cell_type == "code"]
    if len(cells) not in CODE_CELLS:
        yield f"{len(cells)} code cells; from {CODE_CELLS[0]} to {CODE_CELLS[-1]} are wanted"
    exempt = 0
    for number, cell in enumerate(cells, 1):
        tags = set(cell.metadata.get("tags", []))
        lines = len(cell.source.splitlines())
        if lines > LONGEST_CELL:
            yield f"code cell {number} has {lines} lines, more than {LONGEST_CELL}"
        for pattern, reason in FORBIDDEN_CODE.items():
            if re.search(pattern, cell.source, re.M):
                yield f"code cell {number} {reason}"
        for tag in tags & FORBIDDEN_TAGS:
            yield f"code cell {number} is tagged {tag}: nothing would check it"
        exempt += EXEMPT in tags
        loosened = EXEMPT in tags or "nbval" in cell.metadata
        if loosened and not cell.metadata.get("nbval", {}).get("reason"):
            yield f"code cell {number} loosens the comparison without a reason"
        for kind in ("figure", "image"):
            for key, value in cell.metadata.get("mystnb", {}).get(kind, {}).items():
                if value is None:
                    yield (
                        f"code cell {number}: a comma ends the caption or text "
                        f"before {key!r}: quote it"
                    )
        unknown = set(cell.metadata.get("nbval", {})) - {"rtol", "atol", "reason"}
        if unknown:
            yield f"code cell {number}: nbval knows no {', '.join(sorted(unknown))}"
    if exempt > 1:
        yield f"{exempt} cells are exempt from comparison; at most one a chapter is allowed"


def _exercises(notebook) -> Iterator[str]:
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    numbers = [i for i, c in enumerate(cells) if "exercise" in c.metadata.get("tags", [])]
    if len(numbers) < EXERCISES:
        yield f"{len(numbers)} cells are tagged 'exercise'; {EXERCISES} are wanted"
    for i in numbers:
        solution = cells[i + 1] if i + 1 < len(cells) else None
        if solution is None or "hide-cell" not in solution.metadata.get("tags", []):
            yield f"code cell {i + 2} should be a solution, tagged 'hide-cell'"
        elif "Correct." not in "".join(o.get("text", "") for o in solution.outputs):
            yield f"code cell {i + 2}: the solution does not pass the check"
        if "Correct." in "".join(o.get("text", "") for o in cells[i].outputs):
            yield f"code cell {i + 1}: the exercise is solved already"


def _outputs(notebook) -> Iterator[str]:
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    for number, cell in enumerate(cells, 1):
        if cell.execution_count != number:
            yield f"code cell {number} has the execution count {cell.execution_count}"
        kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
        shown = cell.metadata.get("mystnb", {})
        if kinds.isdisjoint({*PICTURES, CHART}):
            if not shown.keys().isdisjoint({"figure", "image"}):
                yield f"code cell {number} has a caption or alternative text, and draws no figure"
        elif EXPLORABLE not in kinds:  # which says itself what it shows
            if not shown.get("figure", {}).get("caption"):
                yield f"code cell {number} draws a figure without a caption in its metadata"
            if kinds.isdisjoint({CHART}) and not shown.get("image", {}).get("alt"):
                yield f"code cell {number} draws a figure without alternative text"
        if CHART in kinds:
            for output in cell.outputs:
                chart = output.get("data", {}).get(CHART)
                if chart and not chart.get("description"):
                    yield f"code cell {number} draws a chart without a description"
        if "image/svg+xml" in kinds:
            yield f"code cell {number} stores SVG, whose ids differ in every run"
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get(
                "tags", []
            ):
                yield f"code cell {number} raises {output.ename}: {output.evalue}"
            if output.get("name") == "stderr":
                yield f"code cell {number} writes to stderr: {output.text.strip()[:200]!r}"
