"""Train small networks with seven schedules: from many rates, to many ends, long and short.

    python experiments/03_learning_rate_decay.py --seeds 10

writes experiments/results/03_learning_rate_decay.json: the final loss on the training rows and on
validation rows

- of every kind of decay, for every first rate and every end (the last rate divided by the first),
- of a constant rate and of linear decay, for every first rate, by the length of the run,
- of the same two, by the size of the batches, at an equal number of updates.

Nothing is chosen here, and the test pictures are not read. A network that diverges may leave a
loss that is no number; it is stored as the loss of guessing.

One thread, so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
from collections.abc import Sequence

from lecture_utils import runtime

runtime.start_keras(seed=0)

import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split

from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.results import LongRun
from lecture_utils.studies.decay_kinds import KINDS, relative_rates, starts_and_batches
from lecture_utils.sweep import sweep

SETTINGS = {
    "rates": (0.05 * 2.0 ** (np.arange(14) / 2)).round(4).tolist(),
    "ends": [0.5, 0.2, 0.1, 0.03, 0.01, 0.001],
    "batch_size": 32,
    "n_steps": 1000,
    "other_rates": (0.0125 * 2.0 ** np.arange(8)).tolist(),
    "other_end": 0.01,
    "lengths": [250, 1000, 4000],
    "batch_sizes": [8, 32, 128],
    "validation_rows": 1000,
    "split_random_state": 0,
    "threads": 1,
}
N_CLASSES = 10


def train(
    data: tuple,
    shapes: Sequence[np.ndarray],
    rates: Sequence[float],
    seeds: Sequence[int],
    *,
    batch_size: int,
) -> dict[str, np.ndarray]:
    """Return the final losses, each of shape (n_shapes, n_rates, n_seeds)."""
    (x, y), validation = data
    n_steps = len(shapes[0])
    weights, batches = starts_and_batches(
        seeds, n_rows=len(x), batch_size=batch_size, n_steps=n_steps
    )
    run = sweep(
        x,
        y,
        weights=weights,
        rates=np.concatenate([np.outer(rates, shape) for shape in shapes]),
        n_steps=n_steps,
        record_every=n_steps,
        batches=batches,
        held_out=validation,
    )
    guessing = np.log(N_CLASSES)
    return {
        name: np.nan_to_num(losses[:, :, -1], nan=guessing, posinf=guessing).reshape(
            len(shapes), len(rates), len(seeds)
        )
        for name, losses in (("training", run.losses), ("validation", run.held_out_losses))
    }


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds, from 0 (10)")
    seeds = list(range(parser.parse_args().seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])

    long_run = LongRun(__file__)
    (pictures, labels), _ = load_fashion_mnist(sample=True)
    x = pictures.reshape(len(pictures), -1).astype(np.float32) / 255
    x_train, x_validation, y_train, y_validation = train_test_split(
        x,
        labels,
        test_size=SETTINGS["validation_rows"],
        stratify=labels,
        random_state=SETTINGS["split_random_state"],
    )
    mean = x_train.mean(axis=0)
    data = (x_train - mean, y_train), (x_validation - mean, y_validation)
    rates, n_steps = SETTINGS["rates"], SETTINGS["n_steps"]

    def of_kind(kind: str) -> dict[str, np.ndarray]:
        ends = [1.0] if kind == "constant" else SETTINGS["ends"]
        shapes = [relative_rates(kind, n_steps=n_steps, end=end) for end in ends]
        return train(data, shapes, rates, seeds, batch_size=SETTINGS["batch_size"])

    def constant_and_linear(n_steps: int, batch_size: int) -> dict[str, np.ndarray]:
        shapes = [
            relative_rates("constant", n_steps=n_steps),
            relative_rates("linear", n_steps=n_steps, end=SETTINGS["other_end"]),
        ]
        return train(data, shapes, SETTINGS["other_rates"], seeds, batch_size=batch_size)

    results = {
        "kinds": {
            kind: long_run.part(kind, lambda kind=kind: of_kind(kind))
            for kind in ("constant", *KINDS)
        },
        "lengths": {
            str(length): long_run.part(
                f"{length} updates",
                lambda length=length: constant_and_linear(length, SETTINGS["batch_size"]),
            )
            for length in SETTINGS["lengths"]
        },
        "batch_sizes": {
            str(size): long_run.part(
                f"batches of {size}", lambda size=size: constant_and_linear(n_steps, size)
            )
            for size in SETTINGS["batch_sizes"]
        },
    }
    long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    main()
