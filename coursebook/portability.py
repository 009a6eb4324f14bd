"""Run the chapters as other processors would, and show how far their numbers move.

    python scripts/portability.py                     every condition, every chapter
    python scripts/portability.py 02_learning_rate    some chapters
    python scripts/portability.py --only AVX          one condition; may be given several times
    python scripts/portability.py --kept              run nothing, compare what was kept

The stored outputs were made on one machine with one thread. Each condition executes the notebooks
with nbval and keeps the executed copies in _build/portability/CONDITION, so that a bound of
`coursebook.comparison` can be changed and judged without running them again.
"""

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from coursebook import stages, whole
from coursebook.comparison import spreads
from lecture_utils.records import stored_summary

KEPT = stages.BUILD / "portability"


def _numpy_without(*prefixes: str) -> str:
    """Return the instruction sets that NumPy chooses among here and is to do without."""
    return " ".join(
        name
        for name in __cpu_dispatch__
        if name.startswith(prefixes) and __cpu_features__.get(name)
    )


PLAIN = {f"one thread, run {run}": {} for run in (1, 2, 3)}
CONDITIONS = {
    **PLAIN,
    "two threads": {"LECTURE_THREADS": "2"},
    **{f"other rounding {seed}": {"LECTURE_ROUNDING": str(seed)} for seed in (1, 2)},
}
if platform.machine() in ("x86_64", "AMD64"):
    CONDITIONS |= {
        "AVX2": {
            "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
            "OPENBLAS_CORETYPE": "Haswell",
            "ONEDNN_MAX_CPU_ISA": "AVX2",
            "NPY_DISABLE_CPU_FEATURES": _numpy_without("X86_V4", "AVX512"),
        },
        "AVX": {
            "XLA_FLAGS": "--xla_cpu_max_isa=AVX",
            "OPENBLAS_CORETYPE": "Sandybridge",
            "ONEDNN_MAX_CPU_ISA": "AVX",
            "NPY_DISABLE_CPU_FEATURES": _numpy_without("X86_V3", "X86_V4", "AVX512"),
        },
        "SSE4_2": {
            "XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2",
            "OPENBLAS_CORETYPE": "Nehalem",
            "ONEDNN_MAX_CPU_ISA": "SSE41",
            "NPY_DISABLE_CPU_FEATURES": _numpy_without("X86_V3", "X86_V4", "AVX512"),
        },
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 1 when a condition failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("chapters", nargs="*", help="as in 02_learning_rate; all by default")
    parser.add_argument("--only", action="append", choices=CONDITIONS, metavar="CONDITION")
    parser.add_argument("--kept", action="store_true", help="compare the copies of the last run")
    options = parser.parse_args(arguments)
    conditions = options.only or list(CONDITIONS)
    chapters = [_notebook(name) for name in options.chapters] or stages.NOTEBOOKS
    outcomes = {}
    for condition in conditions:
        print(f"\n##### {condition}", flush=True)
        folder = KEPT / condition.replace(" ", "_").replace(",", "")
        command = [
            *stages.NBVAL,
            *("--nbval-kept" if options.kept else "--nbval-keep", str(folder)),
            *chapters,
        ]
        environment = {**os.environ, **CONDITIONS[condition]}
        finished = subprocess.run(command, cwd=stages.ROOT, env=environment, check=False)
        outcomes[condition] = finished.returncode == 0
        print_deviations(deviations(folder))
    print("\n##### portability")
    for condition, ok in outcomes.items():
        print(f"{'ok' if ok else 'FAILED':8}{condition}")
    return int(not all(outcomes.values()))


def _notebook(name: str) -> str:
    """Return the path of a page's notebook: with the chapters, or beside the first page."""
    for path in (f"chapters/{name}.ipynb", f"{name}.ipynb"):
        if (stages.ROOT / path).exists():
            return path
    sys.exit(f"{name!r} is no page: say a name as in 02_learning_rate or first_network")


def deviations(folder: Path) -> np.ndarray:
    """Return how far the spreads of the executed copies in `folder` are from the stored ones.

    Parameters
    ----------
    folder : Path
        Executed copies of chapters.

    Returns
    -------
    ndarray, shape (n, 2)
        For every ``a ± b`` that is printed and every sample that is recorded: by how many standard
        deviations the mean moved, beyond its last digit, and the factor between the spreads.
    """
    moved = []
    for copy in sorted(folder.glob("*.ipynb")):
        chapter = stages.ROOT / "chapters" / copy.name
        opening = stages.ROOT / copy.name
        stored = _spreads(whole.read(chapter if chapter.exists() else opening))
        now = _spreads(nbformat.read(copy, as_version=4))
        if len(stored) != len(now):
            print(f"{copy.stem}: {len(stored)} spreads became {len(now)}, not compared")
            continue
        for (mean, sd, unit), (mean_now, sd_now, _) in zip(stored, now, strict=True):
            low, high = sorted((sd, sd_now))
            if low > unit and np.isfinite(mean - mean_now):
                factor = max(1, (high - unit) / low)
                moved.append((max(0, abs(mean - mean_now) - unit) / high, factor))
    return np.array(moved).reshape(-1, 2)


def _spreads(notebook: NotebookNode) -> list[tuple[float, float, float]]:
    """Return the spreads in all outputs of a notebook."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            found += spreads(output.get("text", "") + data.get("text/plain", ""))
            sample = stored_summary(data)
            if sample is not None:
                found.append((sample.mean, sample.sd, 0.0))
    return found


def print_deviations(moved: np.ndarray) -> None:
    """Print how the deviations are distributed."""
    if not len(moved):
        return
    share = np.mean((moved > [0, 1]).any(axis=1))
    print(f"{len(moved)} spreads, {share:.1%} of them moved by more than their last digit")
    print("                                median    99 %   largest")
    for name, values in (
        ("mean, in standard deviations", moved[:, 0]),
        ("spread, factor", moved[:, 1]),
    ):
        median, most, largest = np.quantile(values, [0.5, 0.99, 1])
        print(f"{name:30}{median:8.2f}{most:8.2f}{largest:10.2f}")
