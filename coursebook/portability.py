"""Run nbval over the chapters as other processors would, and three times in a row.

    python scripts/portability.py [repetitions]

The stored outputs were made on one machine with one thread. This shows that they also hold
with two threads, and without AVX-512 in NumPy, OpenBLAS and oneDNN (`make portability`).
"""

import os
import subprocess
import sys
from pathlib import Path

from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

ROOT = Path(__file__).resolve().parent.parent
CHECK = [sys.executable, str(ROOT / "scripts" / "check.py"), "nbval"]
AVX512 = [
    feature
    for feature in __cpu_dispatch__
    if feature.startswith(("AVX512", "X86_V4")) and __cpu_features__.get(feature)
]
CONDITIONS = {
    "one thread": {},
    "two threads": {"LECTURE_THREADS": "2"},
    "AVX2 instead of AVX-512": {
        "OPENBLAS_CORETYPE": "Haswell",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "NPY_DISABLE_CPU_FEATURES": " ".join(AVX512),
    },
}


def main(arguments: list[str]) -> int:
    """Run every condition; return 1 when one of them failed."""
    repetitions = int(arguments[0]) if arguments else 3
    runs = ["one thread"] * (repetitions - 1) + list(CONDITIONS)
    outcomes = []
    for condition in runs:
        print(f"\n##### {condition}", flush=True)
        environment = {**os.environ, **CONDITIONS[condition]}
        outcomes.append(subprocess.run(CHECK, env=environment, check=False).returncode == 0)
    print("\n##### portability")
    for condition, ok in zip(runs, outcomes, strict=True):
        print(f"{'ok' if ok else 'FAILED':8}{condition}")
    return int(not all(outcomes))
