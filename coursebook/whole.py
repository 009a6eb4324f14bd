"""A page with all its cells, and the part of it that is published.

What guards or records (`remove-cell`), and the solutions, run in the page's kernel when it is built
and when it is checked. They would stand in a reader's way: VS Code, Colab and GitHub show every
cell and every recorded number. So the notebook of a lesson or a lab is published without these
cells, and what they gave is kept in its metadata, from where the site and the checks take it.
"""

import copy

import jupytext
import nbformat

from coursebook import anatomy
from coursebook.numbers import KEPT, kept_outputs

SOLVED = "Correct.\n"


def with_solutions(page):
    """Return a copy of a page with a cell for every solution at its end, as a reader meets them."""
    added = [
        nbformat.v4.new_code_cell(code + _rehearsal(code), metadata={"tags": ["solution"]})
        for code in anatomy.solutions(page)
    ]
    return _with_cells(page, [*page.cells, *added])


def published(notebook, kind: str):
    """Return an executed notebook as people open it.

    Parameters
    ----------
    notebook : NotebookNode
        All cells of a page, see `with_solutions`.
    kind : str
        What `anatomy.kind` says; a chapter keeps all its cells.
    """
    if kind == "chapter":
        return notebook
    guards = [cell.get("outputs", []) for cell in notebook.cells if anatomy.is_guard(cell)]
    shown = _with_cells(notebook, [cell for cell in notebook.cells if not _is_backstage(cell)])
    if guards:
        shown.metadata["lecture"] = {**shown.metadata.get("lecture", {}), KEPT: guards}
    return shown


def whole(page, notebook, kind: str):
    """Return a published notebook with the cells of its page that are not in it.

    Parameters
    ----------
    page, notebook : NotebookNode
        A page and the notebook built from it.
    kind : str
        What `anatomy.kind` says; the notebook of a chapter is whole.

    Raises
    ------
    ValueError
        If they do not belong together.
    """
    if kind == "chapter":
        return notebook
    parts = with_solutions(page).cells
    stored = kept_outputs(notebook)
    shown = [part for part in parts if not _is_backstage(part)]
    if (len(shown), sum(map(anatomy.is_guard, parts))) != (len(notebook.cells), len(stored)):
        raise ValueError("page and notebook have different cells: build it again")
    visible, outputs = iter(notebook.cells), iter(nbformat.from_dict(stored))
    cells = []
    for part in parts:
        if anatomy.is_guard(part):
            part.outputs = next(outputs)
        elif _is_backstage(part):
            part.outputs = [nbformat.v4.new_output("stream", name="stdout", text=SOLVED)]
        cells.append(part if _is_backstage(part) else next(visible))
    complete = _with_cells(notebook, cells)
    complete.metadata.get("lecture", {}).pop(KEPT, None)
    code = (cell for cell in complete.cells if cell.cell_type == "code")
    for number, cell in enumerate(code, 1):
        cell.execution_count = number
    return complete


def read(notebook_path):
    """Return the notebook of a file, whole if it is a lesson or a lab beside its page."""
    notebook = nbformat.read(notebook_path, as_version=4)
    page = notebook_path.with_suffix(".md")
    if not page.is_file():
        return notebook
    return whole(jupytext.read(page), notebook, anatomy.kind(page.stem))


def _rehearsal(code: str) -> str:
    """Return the code that gives the usual wrong answers to the exercise that `code` solves."""
    exercise = anatomy.EXERCISE.search(code)
    if not exercise:
        return ""
    return f"\nfrom lecture_utils.exercises import rehearse\n\nrehearse({exercise[1]!r}, globals())"


def _is_backstage(cell) -> bool:
    return anatomy.is_guard(cell) or "solution" in cell.metadata.get("tags", [])


def _with_cells(notebook, cells):
    changed = copy.deepcopy(notebook)
    changed.cells = copy.deepcopy(cells)
    return changed
