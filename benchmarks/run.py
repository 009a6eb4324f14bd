"""Measure the course's speed against the lecture's way; what `make bench` runs.

    python benchmarks/run.py                 both benchmarks, some minutes
    python benchmarks/run.py sweep           one of them
    python benchmarks/run.py --tune          search the budget of the training again, too
    python benchmarks/run.py --page          measure nothing, write the page again

Each benchmark runs in a process of its own. The tables are printed and written into
appendices/benchmarks.md, the numbers behind them into benchmarks/results. Whatever else the
machine does meanwhile is measured too: leave it alone.
"""

import argparse
import multiprocessing
import os
import sys
import time
from pathlib import Path

from lecture_utils.experiments import code_digest, load_results, save_results
from lecture_utils.runtime import TENSORFLOW_ENVIRONMENT

os.environ.update(TENSORFLOW_ENVIRONMENT)  # as in the chapters; before TensorFlow is imported

import benchmark_page
import sweep_speed
import tensorflow as tf
import training_speed

RESULTS = Path(__file__).parent / "results"


def measure_training(tune: bool) -> dict:
    """Return the results of the training, with the budget that is kept or a new one."""
    if tune:
        return training_speed.measure(training_speed.search())
    stored = load_results("training_speed", folder=RESULTS)
    if stored["digest"] != code_digest(training_speed.__file__):
        raise SystemExit("The code has changed since the budget was searched: add --tune.")
    return training_speed.measure(stored["results"]["searched"])


BENCHMARKS = {
    "sweep": (sweep_speed, lambda _: sweep_speed.measure()),
    "training": (training_speed, measure_training),
}


def store(name: str, tune: bool) -> None:
    """Measure one benchmark in this process and store the results."""
    module, measure = BENCHMARKS[name]
    tf.config.threading.set_intra_op_parallelism_threads(module.SETTINGS["n_threads"])
    start = time.perf_counter()
    results = measure(tune)
    save_results(
        module.__file__,
        settings=module.SETTINGS,
        seeds=module.SEEDS,
        results=results,
        duration_s=time.perf_counter() - start,
        folder=RESULTS,
    )


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="sweep or training; both by default")
    parser.add_argument("--tune", action="store_true", help="search the budget again")
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
