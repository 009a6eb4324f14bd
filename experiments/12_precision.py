"""How long a training step takes with numbers of 16 bits, on this processor.

    python experiments/12_precision.py --seeds 5

writes experiments/results/12_precision.json. The network is the CNN with batch normalization of
chapter 12, without augmentation, trained by Keras' own ``train_on_batch`` under each of three
policies: float32, mixed_bfloat16 and mixed_float16. Once without the oneDNN kernels, as the course
computes, and once with them: each of these two is a process of its own, since TensorFlow asks for
these kernels when it is loaded. A seed draws the pictures of the batches. Seconds are those of the
CPU, on one thread, after a few steps that compile. It takes less than a minute.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

from lecture_utils.datasets import load_cifar100
from lecture_utils.results import LongRun
from lecture_utils.runtime import THREAD_VARIABLES

SETTINGS = {
    "policies": ["float32", "mixed_bfloat16", "mixed_float16"],
    "onednn": [0, 1],
    "batch_size": 125,
    "steps_to_compile": 3,
    "steps": 10,
    "hidden_units": 256,
    "filters": [16, 48, 96],
    "optimizer": "adam",
    "threads": 1,
}


def instructions() -> list[str]:
    """Return this processor's instructions for numbers of 16 bits, as Linux calls them."""
    try:
        told = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:  # not Linux
        return []
    return sorted(told & {"avx512_bf16", "amx_bf16", "avx512_fp16", "amx_fp16", "bf16", "fphp"})


def one_process(seeds: list[int], x: np.ndarray, y: np.ndarray) -> dict[str, list[float]]:
    """Return the milliseconds of a step, one number a seed, for every policy."""
    import keras  # here: the process that starts the others needs no TensorFlow

    from lecture_utils.studies.cifar_ladder import build_network

    models = {}
    for policy in SETTINGS["policies"]:
        keras.mixed_precision.set_global_policy(policy)
        models[policy] = build_network("cnn_normalized", n_classes=100, settings=SETTINGS)
        for _ in range(SETTINGS["steps_to_compile"]):
            models[policy].train_on_batch(x[: SETTINGS["batch_size"]], y[: SETTINGS["batch_size"]])
    found = {policy: [] for policy in models}
    # seed by seed, so that a busy moment of the machine does not fall on one policy
    for seed in seeds:
        shape = (SETTINGS["steps"], SETTINGS["batch_size"])
        batches = np.random.default_rng(seed).permutation(len(x))[: np.prod(shape)].reshape(shape)
        for policy, model in models.items():
            began = time.process_time()
            for rows in batches:
                model.train_on_batch(x[rows], y[rows])
            found[policy].append(1000 * (time.process_time() - began) / SETTINGS["steps"])
    return found


def in_a_process(onednn: int, seeds: list[int], pictures: Path) -> dict[str, list[float]]:
    """Return what `one_process` finds in a new process with or without the oneDNN kernels."""
    threads = dict.fromkeys(THREAD_VARIABLES, str(SETTINGS["threads"]))
    environment = os.environ | threads | {"TF_ENABLE_ONEDNN_OPTS": str(onednn)}
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    command = [sys.executable, __file__, "--one", str(pictures), "--seeds", str(len(seeds))]
    done = subprocess.run(
        command, env=environment, check=True, capture_output=True, encoding="utf-8"
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 0 (5)")
    parser.add_argument("--one", metavar="PICTURES", help="one of the two processes")
    arguments = parser.parse_args()
    seeds = list(range(arguments.seeds))
    if arguments.one:
        with np.load(arguments.one) as stored:
            print(json.dumps(one_process(seeds, stored["x"], stored["y"])))
        return
    long_run = LongRun(__file__)
    (x, y), _ = load_cifar100()
    n_rows = SETTINGS["batch_size"] * SETTINGS["steps"]
    pictures = long_run.folder / "pictures.npz"
    np.savez(pictures, x=x[:n_rows], y=y[:n_rows, 0])
    found = {}
    for onednn in SETTINGS["onednn"]:
        where = "with oneDNN" if onednn else "without oneDNN"
        run = long_run.part(where, partial(in_a_process, onednn, seeds, pictures))
        found |= {f"{policy}, {where}": values for policy, values in run.items()}
    results = {"milliseconds": found, "instructions": instructions()}
    long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    main()
