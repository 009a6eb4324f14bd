"""A pytest plugin for nbval: write down what each chapter costs, in CPU seconds and memory."""

import json
from pathlib import Path

import psutil
from nbval.plugin import IPyNbCell

from coursebook.memory import peak_mebibytes

COSTS = Path(__file__).resolve().parent.parent / "_build" / "costs"


def pytest_itemcollected(item):
    """Have the notebook's teardown write a small JSON file, once."""
    notebook = item.parent
    if isinstance(item, IPyNbCell) and not hasattr(notebook, "lecture_measured"):
        notebook.lecture_measured = True
        teardown = notebook.teardown

        def measured_teardown():
            if notebook.kernel is not None and notebook.kernel.is_alive():
                _write(notebook)
            teardown()

        notebook.teardown = measured_teardown


def _write(notebook) -> None:
    code = [cell for cell in notebook.nb.cells if cell.cell_type == "code"]
    tags = [cell.metadata.get("tags", []) for cell in code]
    pid = notebook.kernel.km.provisioner.pid
    cost = {
        # Of the kernel and the processes it waited for; others on the machine do not count.
        "cpu_seconds": round(sum(psutil.Process(pid).cpu_times()[:4]), 1),
        "peak_mebibytes": peak_mebibytes(pid),
        "code_cells": len(code),
        "widened_cells": sum(
            not {"rtol", "atol"}.isdisjoint(c.metadata.get("nbval", {})) for c in code
        ),
        "exempt_cells": sum("nbval-ignore-output" in t for t in tags),
    }
    COSTS.mkdir(parents=True, exist_ok=True)
    target = COSTS / f"{notebook.path.stem}.json"
    target.write_text(json.dumps(cost, indent=1) + "\n", encoding="utf-8")
