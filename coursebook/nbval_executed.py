"""A pytest plugin for nbval: keep what the cells gave, and compare what was kept once more.

    pytest --nbval --nbval-keep FOLDER chapters       run, and write executed copies to FOLDER
    pytest --nbval --nbval-kept FOLDER chapters       run nothing, compare those copies

A bound can then be changed and judged in seconds, without an hour of training.
"""

from pathlib import Path

import nbformat
import pytest
from nbval.plugin import IPyNbCell


def pytest_addoption(parser):
    """Add the two options."""
    group = parser.getgroup("nbval")
    group.addoption("--nbval-keep", type=Path, metavar="FOLDER", help="write executed copies here")
    group.addoption("--nbval-kept", type=Path, metavar="FOLDER", help="compare these, run nothing")


def pytest_itemcollected(item):
    """Have the notebook write its copy when it ends, or the cell read its outputs from one."""
    if not isinstance(item, IPyNbCell):
        return
    notebook, options = item.parent, item.config.option
    if options.nbval_kept:
        notebook.setup = lambda: None
        item.runtest = lambda: _compare_kept(item, options.nbval_kept.resolve())
    elif options.nbval_keep:
        if not hasattr(notebook, "lecture_items"):
            notebook.lecture_items = []
            teardown = notebook.teardown

            def keeping_teardown():
                _keep(notebook, options.nbval_keep)
                teardown()

            notebook.teardown = keeping_teardown
        notebook.lecture_items.append(item)


def _keep(notebook, folder: Path) -> None:
    items = [item for item in notebook.lecture_items if item.test_outputs is not None]
    for item in items:  # the cells of the notebook itself: nothing reads them any more
        item.cell.outputs = item.test_outputs
    if items:
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook.nb, folder / notebook.path.name)


def _compare_kept(item, folder: Path) -> None:
    copy = folder / item.path.name
    if not copy.exists():
        pytest.skip(f"no executed copy of {item.path.name} in {folder.name}")
    cell = [c for c in nbformat.read(copy, as_version=4).cells if c.cell_type == "code"][
        item.cell_num
    ]
    if cell.source != item.cell.source:
        pytest.skip("the cell has changed since it was executed")
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if errors and not item.options["check_exception"]:
        item.raise_cell_error(f"{errors[0].ename}: {errors[0].evalue}")
    if item.options["check"] and not item.compare_outputs(cell.outputs, item.cell.outputs):
        item.raise_cell_error("Cell outputs differ", "\n".join(item.comparison_traceback))
