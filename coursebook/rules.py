"""What every page must hold to; each rule is a function that yields its complaints."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from coursebook import anatomy, formatting
from coursebook.anatomy import PICTURES, PREDICT
from coursebook.numbers import ROLE
from coursebook.whole import SOLVED
from lecture_utils import answers
from lecture_utils.explorables import MIME_TYPE as EXPLORABLE
from lecture_utils.interactive import MIME_TYPE as CHART

#: Headings of the second level that must stand in this order, with others between them.
HEADINGS = {
    "chapter": ("Overview", "The data", "The experiment", "When it goes wrong", "In practice",
                "Summary", "Exercises", "Quiz", "Further reading"),
    "lesson": ("A tempting idea", "When it goes wrong", "Summary", "Exercises", "Quiz", "Next"),
    "lab": ("The claims", "Verdicts", "Check it yourself"),
    "opening": (),
}  # fmt: skip
#: What the text must contain. The minutes are computed, see `anatomy.minutes`.
PROMISES = {
    "chapter": ("**You will do**", "**You will learn**", "**You need**", PREDICT),
    "lesson": ("**After this lesson**", "**You need**", PREDICT,
               "{glue:text}`reading_minutes:.0f`", "{glue:text}`exercise_minutes:.0f`"),
    "lab": ("**You need**", PREDICT, "> **Design.**", "{glue:text}`reading_minutes:.0f`"),
    "opening": (),
}  # fmt: skip
#: Bounds of a chapter only: as caps they packed the code until it could not be read.
CODE_CELLS = range(15, 26)
LONGEST_CELL = 25
EXERCISES = 3
EXEMPT = "nbval-ignore-output"
WIDEST_RTOL = 0.2
FORBIDDEN_CODE = {
    r"^\s*from\s+\S+\s+import\s+\*": "imports everything from a module",
    r"^\s*(from|import)\s+coursebook": "imports what authors use",
    r"sys\.path": "changes sys.path; the package is installed",
    r"^\s*[!%]\s*(pip|conda)": "installs a package; the environment is requirements.txt",
    r"filterwarnings|simplefilter": "hides warnings; mend what warns",
    r"NBVAL_|PYTEST_VALIDATE": "steers nbval by a comment; use the tags and metadata",
}
FORBIDDEN_TAGS = {"nbval-skip", "skip-execution"}

#: 0.31, 3.5e-4, 87 %: what somebody measured or set, but not 2026, 5 or a list number
NUMBER = re.compile(r"(?<![\w.])\d+\.\d+|(?<![\w.])\d+\s?%")
ROLE_OR_DIRECTIVE = re.compile(r"^\s*(?:```|:::+)\{|(?<!`)\{[\w:.-]+\}`|^\([\w-]+\)=\s*$", re.M)
TWO_SENTENCES = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bcf)(?<!\b[A-Z])[.!?] +(?=[A-Z])")


def complaints(path: Path, page, notebook) -> Iterator[str]:
    """Yield what is wrong with a page, in words.

    Parameters
    ----------
    path : Path
        Its file, whose name says of what kind it is, see `anatomy.kind`.
    page : NotebookNode
        The page that people edit, read as a notebook: roles unresolved, no outputs.
    notebook : NotebookNode
        The whole notebook built from it, with outputs, see `coursebook.whole`.
    """
    kind = anatomy.kind(path.stem)
    yield from _header(page)
    yield from _parts(kind, path.stem, page)
    yield from _prose(kind, page)
    yield from _code(page)
    yield from _outputs(kind, notebook)
    if kind == "chapter":
        yield from _caps(page)
        yield from _solved_cells(notebook)
    else:
        yield from formatting.complaints(page)
        yield from _guards(page)
        yield from _exercises(kind, path.parent, page, notebook)
        yield from _folds(page)
        yield from _quiz(page)


def _header(page) -> Iterator[str]:
    if not isinstance(page.metadata.get("lecture", {}).get("requires"), list):
        yield (
            "the header does not say what data the page needs: 'lecture:', and below it "
            "'  requires: [...]', as in the committed notebook; [] for none"
        )


def _parts(kind: str, name: str, page) -> Iterator[str]:
    found = anatomy.headings(page)
    levels = [level for level, _ in found]
    if levels.count(1) != 1 or levels[:1] != [1]:
        yield "the page must begin with its only heading of the first level"
    for level, (previous, (_, title)) in zip(
        levels[1:], zip(levels, found[1:], strict=False), strict=False
    ):
        if level > previous + 1:
            yield f"the heading {title!r} skips a level"
    begins = {"opening": "", "lab": f"Lab {name[:2]}: "}.get(kind, f"{name[:2]} ")
    if found and not found[0][1].startswith(begins):
        yield f"the title must begin with {begins!r}, so that every list of pages shows it"
    titles = iter(title for level, title in found if level == 2)
    for wanted in HEADINGS[kind]:
        if wanted not in titles:  # `in` consumes the iterator: this checks the order as well
            yield f"the heading '## {wanted}' is missing or out of order"
            titles = iter(title for level, title in found if level == 2)
    text = anatomy.markdown(page)
    for promise in PROMISES[kind]:
        if promise not in text:
            yield f"{promise!r} is missing"
    if text.count("<details>") != text.count("</details>"):
        yield "every <details> needs its </details>"
    if kind == "chapter" and "<details>" not in text:
        yield "the quiz's answers must stand in <details> ... </details>"


def _prose(kind: str, page) -> Iterator[str]:
    for line in anatomy.prose(page):
        strict = kind == "chapter"
        for number in NUMBER.findall(line.text) if strict or not line.is_premise else ():
            yield (
                f"{number!r} is typed into the prose: glue a measured number, "
                f"write a setting or a published number as code or maths: {line.text.strip()!r}"
            )
        packed = "|" in line.text if strict else line.is_packed
        sentences = re.sub(r"^\*\*\d+\. ", "**", line.text)  # the name of an exercise
        if TWO_SENTENCES.search(sentences) and not packed:
            yield f"two sentences on one line: {line.text.strip()!r}"
    for cell in page.cells:
        if cell.cell_type == "markdown":
            for found in ROLE_OR_DIRECTIVE.findall(ROLE.sub("", cell.source)):
                yield f"{found.strip()!r} shows as raw text outside Sphinx: use plain Markdown"


def _code(page) -> Iterator[str]:
    exempt = 0
    for number, cell in enumerate(_code_cells(page), 1):
        tags = set(cell.metadata.get("tags", []))
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
        if cell.metadata.get("nbval", {}).get("rtol", 0) > WIDEST_RTOL:
            yield (
                f"code cell {number} tolerates more than {WIDEST_RTOL:.0%}, which checks nothing: "
                "show the result with its spread, or only what survives another processor"
            )
    if exempt > 1:
        yield f"{exempt} cells are exempt from comparison; at most one a page is allowed"


def _outputs(kind: str, notebook) -> Iterator[str]:
    for number, cell in enumerate(_code_cells(notebook), 1):
        kinds = {mime for output in cell.outputs for mime in output.get("data", {})}
        shown = cell.metadata.get("mystnb", {})
        if kinds.isdisjoint({*PICTURES, CHART}):
            if not shown.keys().isdisjoint({"figure", "image"}):
                yield f"code cell {number} has a caption or alternative text, and draws no figure"
        elif EXPLORABLE not in kinds:  # which says itself what it shows
            if kind == "chapter" and not shown.get("figure", {}).get("caption"):
                yield f"code cell {number} draws a figure without a caption in its metadata"
            if kinds.isdisjoint({CHART}) and not shown.get("image", {}).get("alt"):
                yield f"code cell {number} draws a figure without alternative text"
        if CHART in kinds:
            for output in cell.outputs:
                chart = output.get("data", {}).get(CHART)
                if chart and not chart.get("description"):
                    yield f"code cell {number} draws a chart without a description"
            if kind != "chapter" and kinds.isdisjoint(PICTURES):
                yield f"code cell {number} draws a chart and stores no still picture of it"
        if "image/svg+xml" in kinds:
            yield f"code cell {number} stores SVG, whose ids differ in every run"
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get(
                "tags", []
            ):
                yield f"code cell {number} raises {output.ename}: {output.evalue}"
            if output.get("name") == "stderr":
                yield f"code cell {number} writes to stderr: {output.text.strip()[:200]!r}"


def _caps(page) -> Iterator[str]:
    cells = _code_cells(page)
    if len(cells) not in CODE_CELLS:
        yield f"{len(cells)} code cells; from {CODE_CELLS[0]} to {CODE_CELLS[-1]} are wanted"
    for number, cell in enumerate(cells, 1):
        lines = len(cell.source.splitlines())
        if lines > LONGEST_CELL:
            yield f"code cell {number} has {lines} lines, more than {LONGEST_CELL}"


def _solved_cells(notebook) -> Iterator[str]:
    cells = _code_cells(notebook)
    numbers = [i for i, c in enumerate(cells) if "exercise" in c.metadata.get("tags", [])]
    if len(numbers) < EXERCISES:
        yield f"{len(numbers)} cells are tagged 'exercise'; {EXERCISES} are wanted"
    for i in numbers:
        solution = cells[i + 1] if i + 1 < len(cells) else None
        if solution is None or "hide-cell" not in solution.metadata.get("tags", []):
            yield f"code cell {i + 2} should be a solution, tagged 'hide-cell'"
        elif "Correct." not in _printed(solution):
            yield f"code cell {i + 2}: the solution does not pass the check"
        if "Correct." in _printed(cells[i]):
            yield f"code cell {i + 1}: the exercise is solved already"


def _guards(page) -> Iterator[str]:
    """Yield what depends on a cell that is not published, or belongs into one."""
    hidden: set[str] = set()
    for number, cell in enumerate(_code_cells(page), 1):
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:
            continue  # a magic command, or a fault that the run reports
        sets = assigned(tree)
        if anatomy.is_guard(cell):
            hidden |= sets
            continue
        if any(isinstance(n, ast.Call) and getattr(n.func, "id", "") == "record"
               for n in ast.walk(tree)):  # fmt: skip
            yield f"code cell {number} records a number, which shows: tag it {anatomy.GUARD}"
        used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - sets
        for name in sorted(used & hidden):
            yield f"code cell {number} uses {name!r}, which only a cell tagged {anatomy.GUARD} sets"
        hidden -= sets


def assigned(tree: ast.AST) -> set[str]:
    """Return the names that the code of a cell binds."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
    return names


def _exercises(kind: str, folder: Path, page, notebook) -> Iterator[str]:
    cells = [c for c in _code_cells(notebook) if "exercise" in c.metadata.get("tags", [])]
    if not cells and kind != "opening":
        yield "no cell is tagged 'exercise'"
    asked = []
    for cell in cells:
        found = anatomy.EXERCISE.search(cell.source)
        if not found:
            yield f"an exercise must end in check(answer, exercise=...): {cell.source!r}"
            continue
        asked.append(found[1])
        if SOLVED in _printed(cell):
            yield f"exercise {found[1]} is solved already"
        try:
            answers.entry(found[1], folders=[folder])
        except (LookupError, ValueError) as error:
            yield str(error.args[0])
    solved = [anatomy.EXERCISE.search(code) for code in anatomy.solutions(page)]
    if [found and found[1] for found in solved] != asked:
        yield f"the exercises {asked} need one folded solution each, in their order"
    for cell in _code_cells(notebook):
        if "solution" in cell.metadata.get("tags", []) and _printed(cell) != SOLVED:
            yield f"a solution prints 'Correct.' alone, not {_printed(cell)!r}: {cell.source!r}"
    hints = sum(fold["summary"].startswith("Hint") for fold in _found_folds(page))
    if kind == "lesson" and hints < len(asked):
        yield f"{hints} folded hints for {len(asked)} exercises"


def _folds(page) -> Iterator[str]:
    for fold in _found_folds(page):
        if not re.fullmatch(r"\n\n.*\n\n", fold["body"], re.S):
            yield (
                f"the fold {fold['summary']!r} needs an empty line after its summary and before "
                "its end: without, GitHub and JupyterLab show its Markdown raw"
            )


def _found_folds(page) -> list[re.Match]:
    return list(anatomy.FOLD.finditer(anatomy.markdown(page)))


def _quiz(page) -> Iterator[str]:
    for question in anatomy.quiz(page):
        name = f"question {question.number} of the quiz"
        if len(question.options) < 2:
            yield f"{name} needs options, as in '- (a) text'"
        if list(question.feedback) != list(question.options):
            yield (
                f"{name} has the options {', '.join(question.options)} and, folded under "
                f"{anatomy.ANSWERS!r}, feedback for {', '.join(question.feedback) or 'none'}"
            )
        right = [text for text in question.feedback.values() if text.startswith(anatomy.RIGHT)]
        if len(right) != 1:
            yield f"{name} needs one feedback that begins with {anatomy.RIGHT}, not {len(right)}"


def _code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _printed(cell) -> str:
    return "".join(output.get("text", "") for output in cell.get("outputs", []))
