"""Measure the course's speed against the lecture's way; what `make bench` runs.

    python benchmarks/run.py                 all benchmarks, some minutes
    python benchmarks/run.py sweep           one of them
    python benchmarks/run.py --tune          search the budgets again, too
    python benchmarks/run.py --page          measure nothing, write the page again

Each benchmark runs in a process of its own. The tables are printed and written into
appendices/benchmarks.md, the numbers behind them into benchmarks/results. Whatever else the
machine does meanwhile is measured too: leave it alone.
"""

import argparse
import multiprocessing
import os
import sys
from functools import partial
from pathlib import Path
from types import ModuleType

from lecture_utils.results import LongRun, load_results
from lecture_utils.runtime import TENSORFLOW_ENVIRONMENT
from lecture_utils.used_code import code_digest

os.environ.update(TENSORFLOW_ENVIRONMENT)  # as in the chapters; before TensorFlow is imported

import benchmark_page
import compression_speed
import sweep_speed
import tensorflow as tf
import text_speed
import training_speed

RESULTS = Path(__file__).parent / "results"


def measure_searched(module: ModuleType, tune: bool) -> dict:
    """Return the results of `module`, with the budget that is kept or a new one."""
    if tune:
        return module.measure(module.search())
    stored = load_results(Path(module.__file__).stem, folder=RESULTS)
    if stored["digest"] != code_digest(module.__file__):
        raise SystemExit("The code has changed since the budget was searched: add --tune.")
    return module.measure(stored["results"]["searched"])


BENCHMARKS = {
    "sweep": (sweep_speed, lambda _: sweep_speed.measure()),
    "training": (training_speed, partial(measure_searched, training_speed)),
    "text": (text_speed, partial(measure_searched, text_speed)),
    "compression": (compression_speed, lambda _: compression_speed.measure()),
}


def store(name: str, tune: bool) -> None:
    """Measure one benchmark in this process and store the results."""
    module, measure = BENCHMARKS[name]
    tf.config.threading.set_intra_op_parallelism_threads(module.SETTINGS["n_threads"])
    run = LongRun(module.__file__)
    run.save(settings=module.SETTINGS, seeds=module.SEEDS, results=measure(tune), folder=RESULTS)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--tune", action="store_true", help="search the budgets again")
    parser.add_argument("--page", action="store_true", help="only write the page")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"unknown benchmark: {', '.join(sorted(unknown))}")
    for name in [] if options.page else options.names or BENCHMARKS:
        process = multiprocessing.get_context("spawn").Process(
            target=store, args=(name, options.tune)
        )
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(process.exitcode)
    stored = {name: load_results(f"{name}_speed", folder=RESULTS) for name in BENCHMARKS}
    print(benchmark_page.tables(stored))
    benchmark_page.write(stored)


if __name__ == "__main__":
    main()
