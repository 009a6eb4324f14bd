"""What `make test` runs: every stage in turn, then one summary.

    python scripts/check.py            all stages
    python scripts/check.py nbval      some of them: lint pages editions unit nbval book site

Exits 1 when a stage failed. What was skipped is listed with its reason.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from coursebook import kernel_environment
from coursebook.book import BUILD_BOOK, BUILD_EDITIONS, with_editions
from coursebook.memory import KERNEL_MEBIBYTES

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
PYTEST = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q"]
HANGS = str(kernel_environment.HANGS_AFTER_SECONDS)
RUFF = [sys.executable, "-m", "ruff"]

#: Where the site stage looks: all other files of tests import TensorFlow, in each process.
FILES_WITH_SLOW_TESTS = [
    path.relative_to(ROOT).as_posix()
    for path in sorted((ROOT / "tests").rglob("test_*.py"))
    if "pytest.mark.slow" in path.read_text(encoding="utf-8")
]

#: The pages that are notebooks, and what compares them with a new run.
NOTEBOOKS = ("chapters", "first_network.ipynb")
NBVAL = [
    *PYTEST,
    *("-n", "2", "--dist", "loadscope"),
    *("--nbval", "--nbval-current-env", "--nbval-cell-timeout", HANGS),
    *("--nbval-kernel-startup-timeout", HANGS),
]

#: Stage by stage: what is run. A stage whose command is pytest reports its tests.
STAGES = {
    "lint": [
        [*RUFF, "check", "."],
        [*RUFF, "format", "--check", "."],
        [sys.executable, "-m", "codespell_lib"],
    ],
    "pages": [[sys.executable, "scripts/build_chapters.py", "--check"]],
    "editions": [[sys.executable, "scripts/translate.py", "check"]],
    "unit": [
        [
            *PYTEST,
            *("-n", "2", "-m", "not slow", "--doctest-modules"),
            *("tests", "lecture_utils", "coursebook"),
        ]
    ],
    "nbval": [[*NBVAL, *NOTEBOOKS]],
    "book": [[*BUILD_BOOK, "."], *BUILD_EDITIONS],
    "site": [[*PYTEST, "-n", "2", "--dist", "loadgroup", "-m", "slow", *FILES_WITH_SLOW_TESTS]],
}
#: Stages of one process: each runs beside those that come before it, on a core that they leave.
ALONGSIDE = {"book"}
LEFTOVERS = {"nbval": BUILD / "costs", "book": BUILD / "html"}
#: For one chapter. The second is for its kernel: Binder's server needs memory too.
BUDGET = {"cpu_seconds": 60, "peak_mebibytes": KERNEL_MEBIBYTES}
#: How far a chapter may go beyond its budget before the stage fails: CPU seconds depend on the
#: processor and on what else runs on its cores.
LENIENCE = {"cpu_seconds": 2, "peak_mebibytes": 1}
EXEMPT_SHARE = 0.02


@dataclass
class Result:
    """How a stage ended."""

    ok: bool = True
    cpu_seconds: float = 0
    counts: Counter = field(default_factory=Counter)
    skips: Counter = field(default_factory=Counter)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("stages", nargs="*", help=f"of {', '.join(STAGES)}; all by default")
    options = parser.parse_args(arguments)
    unknown = set(options.stages) - set(STAGES)
    if unknown:
        parser.error(f"unknown stage: {', '.join(sorted(unknown))}")

    stages, results = options.stages or list(STAGES), {}
    with ThreadPoolExecutor() as pool, ExitStack() as logs:
        beside = {}
        for stage in ALONGSIDE.intersection(stages):
            log = logs.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))
            beside[stage] = log, pool.submit(run, stage, log)
        for stage in stages:
            print(f"\n=== {stage}", flush=True)
            if stage not in beside:
                results[stage] = run(stage)
                continue
            log, result = beside[stage]
            results[stage] = result.result()
            log.seek(0)
            print(log.read(), flush=True)
    costs_ok = True
    if "nbval" in results:
        costs_ok = print_costs()
    print_summary(results)
    return int(not (costs_ok and all(result.ok for result in results.values())))


def run(stage: str, log: TextIO | None = None) -> Result:
    """Run the commands of one stage, without the settings of the person who runs them."""
    environment = with_editions(kernel_environment.impersonal(os.environ, imitation=True))
    environment["LECTURE_BOOK_HTML"] = str(BUILD / "html")
    environment["PATH"] = str(Path(sys.executable).parent) + os.pathsep + environment["PATH"]
    # What an earlier run left of a chapter that is gone must not count.
    if stage in LEFTOVERS:
        shutil.rmtree(LEFTOVERS[stage], ignore_errors=True)
    result = Result()
    for command in STAGES[stage]:
        report = None
        if "pytest" in command:
            report = BUILD / "reports" / f"{stage}.xml"
            report.unlink(missing_ok=True)
            command = [*command, f"--junitxml={report}"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        if hasattr(os, "wait4"):  # not on Windows
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            result.cpu_seconds += usage.ru_utime + usage.ru_stime
        if report is not None and report.exists():
            count(report, result)
        result.ok &= process.wait() == 0
    return result


def count(report: Path, result: Result) -> None:
    """Add the outcomes of a JUnit report to `result`."""
    for case in ET.parse(report).iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            result.counts["failed"] += 1
        elif skipped is not None:
            result.counts["skipped"] += 1
            where = case.get("file") or case.get("classname") or ""
            result.skips[f"{where}: {skipped.get('message')}"] += 1
        else:
            result.counts["passed"] += 1


def print_costs() -> bool:
    """Print what each chapter cost; return whether costs and exemptions are in bounds."""
    costs = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((BUILD / "costs").glob("*.json"))
    }
    print("\n=== what each chapter costs")
    print(f"{'chapter':24}{'CPU s':>9}{'peak MiB':>9}{'cells':>7}{'widened':>9}{'exempt':>8}")
    within = True
    for name, cost in costs.items():
        over = {what: (cost[what] or 0) / most for what, most in BUDGET.items()}
        within &= all(over[what] <= LENIENCE[what] for what in BUDGET)
        print(
            f"{name:24}{cost['cpu_seconds']:9.1f}{cost['peak_mebibytes'] or '-':>9}"
            f"{cost['code_cells']:7}{cost['widened_cells']:9}{cost['exempt_cells']:8}",
            *(f"over {BUDGET[what]} {what}" for what in BUDGET if over[what] > 1),
        )
    cells = sum(cost["code_cells"] for cost in costs.values())
    exempt = sum(cost["exempt_cells"] for cost in costs.values())
    print(f"exempt from comparison: {exempt} of {cells} code cells")
    return within and exempt <= EXEMPT_SHARE * cells


def print_summary(results: dict[str, Result]) -> None:
    """Print a line a stage, what was skipped and why, and the totals."""
    total, skips = Counter(), Counter()
    print("\n=== summary")
    for stage, result in results.items():
        counted = ", ".join(f"{number} {what}" for what, number in sorted(result.counts.items()))
        ended = "ok" if result.ok else "FAILED"
        print(f"{stage:8}{ended:8}{result.cpu_seconds:5.0f} CPU s  {counted}")
        if not result.counts:
            result.counts["passed" if result.ok else "failed"] = 1
        elif not result.ok and not result.counts["failed"]:
            result.counts["failed"] = 1
        total += result.counts
        skips += result.skips
    for reason, number in sorted(skips.items()):
        print(f"skipped {number}: {reason}")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
