"""A pytest plugin for nbval: write down what each chapter costs, in seconds and memory."""

import json
import time
from pathlib import Path

from nbval.plugin import IPyNbCell

COSTS = Path(__file__).resolve().parent.parent / "_build" / "costs"


def pytest_itemcollected(item):
    """Have the notebook's teardown write a small JSON file, once."""
    notebook = item.parent
    if isinstance(item, IPyNbCell) and not hasattr(notebook, "lecture_measured"):
        notebook.lecture_measured = True
        setup, teardown = notebook.setup, notebook.teardown

        def timed_setup():
            notebook.lecture_start = time.perf_counter()
            setup()

        def measured_teardown():
            if notebook.kernel is not None and notebook.kernel.is_alive():
                _write(notebook)
            teardown()

        notebook.setup, notebook.teardown = timed_setup, measured_teardown


def _write(notebook) -> None:
    code = [cell for cell in notebook.nb.cells if cell.cell_type == "code"]
    tags = [cell.metadata.get("tags", []) for cell in code]
    cost = {
        "seconds": round(time.perf_counter() - notebook.lecture_start, 1),
        "peak_megabytes": _peak_megabytes(notebook.kernel.km.provisioner.pid),
        "code_cells": len(code),
        "widened_cells": sum(
            not {"rtol", "atol"}.isdisjoint(c.metadata.get("nbval", {})) for c in code
        ),
        "exempt_cells": sum("nbval-ignore-output" in t for t in tags),
    }
    COSTS.mkdir(parents=True, exist_ok=True)
    target = COSTS / f"{notebook.path.stem}.json"
    target.write_text(json.dumps(cost, indent=1) + "\n", encoding="utf-8")


def _peak_megabytes(pid: int) -> int | None:
    """Return the peak resident memory of a process; None where the system has no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return None
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(int(line.split()[1]) / 1024)
