"""The code of lessons and labs has the form that the formatter gives it, like all other code."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator

from coursebook import anatomy

#: What fits the page, and a tablet.
WIDTH = 72
CELL = re.compile(
    r"(?P<head>^```\{code-cell\}[^\n]*\n(?:---\n.*?^---\n|(?::[\w-]+:[^\n]*\n)+\n?)?)"
    r"(?P<code>.*?)(?P<end>^```$)",
    re.M | re.S,
)


def complaints(page) -> Iterator[str]:
    """Yield the cells of a page that the formatter would change or that are too wide."""
    sources = [cell.source for cell in page.cells if cell.cell_type == "code"]
    for number, (source, wanted) in enumerate(zip(sources, formatted(sources), strict=True), 1):
        if source != wanted:
            yield f"code cell {number} is not formatted; make chapter does it"
        wide = [line for line in wanted.splitlines() if len(line) > WIDTH]
        if wide:
            yield f"code cell {number} has a line of more than {WIDTH} characters: {wide[0]!r}"


def formatted(sources: list[str]) -> list[str]:
    """Return the sources of the cells of one notebook as Ruff formats them."""
    cells = [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": [],
         "execution_count": None}
        for source in sources
    ]  # fmt: skip
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    command = [sys.executable, "-m", "ruff", "format", f"--line-length={WIDTH}"]
    run = subprocess.run(
        [*command, "--stdin-filename=page.ipynb", "-"],
        cwd=anatomy.ROOT,
        input=json.dumps(notebook),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if run.returncode:  # a syntax error: the run of the page says more
        return sources
    return ["".join(cell["source"]) for cell in json.loads(run.stdout)["cells"]]


def with_formatted_cells(text: str) -> str:
    """Return the Markdown of a page with its code cells formatted."""
    cells = list(CELL.finditer(text))
    wanted = iter(formatted([cell["code"].rstrip("\n") for cell in cells]))
    return CELL.sub(lambda cell: f"{cell['head']}{next(wanted)}\n{cell['end']}", text)
