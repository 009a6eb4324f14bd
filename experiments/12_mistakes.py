"""Which pictures each rung of the ladder gets wrong, epoch by epoch, and the missing long runs.

    python experiments/12_mistakes.py --seeds 5

writes experiments/results/12_mistakes.json, and with it 400 validation pictures and the five best
guesses of every rung after every epoch into lecture_utils/explorables/browser/mistakes_data.js,
where the explorable of the lesson finds them.

All runs take 8 epochs, at the rates that 12_cifar100.py chose, with its networks and batches. That
script has five seeds of the dense network and of the CNN with batch normalization, with and without
augmentation; the linear model and the plain CNN are here, with as many seeds. The guesses are those
of seed 0, which is trained again where it was not stored.

Each network of five seeds is evaluated on the test set once, when its training is over; pictures
and guesses are of the validation rows. One thread, so that the order of additions does not depend
on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
import base64
import io
import json
from functools import partial
from pathlib import Path

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from lecture_utils.datasets import (
    CIFAR100_COARSE_CLASSES,
    CIFAR100_FINE_CLASSES,
    CIFAR100_FINE_TO_COARSE,
    load_cifar100,
)
from lecture_utils.results import LongRun
from lecture_utils.studies.cifar_ladder import (
    AUGMENTED,
    accuracy_and_loss,
    build_network,
    fit_and_validation_rows,
    top_5,
    train_by_epoch,
)

SETTINGS = {
    "validation_rows": 5_000,
    "split_random_state": 0,
    "seen_rows": 5_000,
    "batch_size": 125,
    "optimizer": "adam",
    "warmup_share": 0.25,
    "epochs": 8,
    "hidden_units": 256,
    "filters": [16, 48, 96],
    "crop_padding": 4,
    "rates": {
        "linear": 0.001,
        "dense": 0.003,
        "cnn": 0.003,
        "cnn_normalized": 0.009,
        "cnn_both": 0.009,
    },
    "with_all_seeds": ["linear", "cnn"],
    "shown_per_class": 4,
    "picture_quality": 80,
    "threads": 1,
}
FINE_TO_COARSE = np.array(CIFAR100_FINE_TO_COARSE)
#: The fine classes, superclass by superclass.
BY_SUPERCLASS = np.lexsort((np.arange(100), FINE_TO_COARSE))
DATA_FILE = Path(__file__).parents[1] / "lecture_utils/explorables/browser/mistakes_data.js"
HEAD = """\
// Made by experiments/12_mistakes.py: validation pictures of CIFAR-100 (A. Krizhevsky, Learning
// multiple layers of features from tiny images, 2009; https://www.cs.toronto.edu/~kriz/cifar.html),
// and the five best guesses of five networks after each of eight epochs.
"""


class Cifar:
    """The pictures, split, and the runs on them."""

    def __init__(self) -> None:
        (self.x, fine), (self.x_test, fine_test) = load_cifar100()
        self.y, self.y_test = fine[:, 0], fine_test[:, 0]
        self.fit_rows, self.validation_rows = fit_and_validation_rows(self.y, settings=SETTINGS)
        of_class = (self.validation_rows[self.y[self.validation_rows] == k] for k in BY_SUPERCLASS)
        self.shown = np.concatenate([rows[: SETTINGS["shown_per_class"]] for rows in of_class])

    def train(self, rung: str, *, seed: int, test: bool) -> dict:
        """Return what one run found."""
        keras.utils.clear_session()  # drop the network before this one
        keras.utils.set_random_seed(seed)
        model = build_network(rung, n_classes=100, settings=SETTINGS)
        scores = partial(model.predict, batch_size=1_000, verbose=0)
        parts = {"training": self.fit_rows[: SETTINGS["seen_rows"]]}
        parts["validation"] = self.validation_rows
        curves = {f"{part}_{of}": [] for part in parts for of in ("accuracy", "loss")}
        curves |= {"validation_top_5": [], "validation_errors_within_superclass": []}
        guesses, sure = [], []
        epochs_done = train_by_epoch(
            model,
            self.x,
            self.y,
            self.fit_rows,
            seed=seed,
            peak=SETTINGS["rates"][rung],
            epochs=SETTINGS["epochs"],
            augmented=rung in AUGMENTED,
            settings=SETTINGS,
        )
        for _ in epochs_done:
            for part, rows in parts.items():
                logits = scores(self.x[rows])
                accuracy, loss = accuracy_and_loss(logits, self.y[rows])
                curves[f"{part}_accuracy"].append(accuracy)
                curves[f"{part}_loss"].append(loss)
            labels = self.y[self.validation_rows]
            curves["validation_top_5"].append(top_5(logits, labels))
            within = errors_within_superclass(logits, labels)
            curves["validation_errors_within_superclass"].append(within)
            best, shares = five_best(scores(self.x[self.shown]))
            guesses.append(best)
            sure.append(shares)
        found = {"curves": curves, "guesses": guesses, "sure": sure}
        found["parameters"] = model.count_params()
        if test:
            logits = scores(self.x_test)
            accuracy, loss = accuracy_and_loss(logits, self.y_test)
            found["test"] = {
                "accuracy": accuracy,
                "loss": loss,
                "top_5": top_5(logits, self.y_test),
                "errors_within_superclass": errors_within_superclass(logits, self.y_test),
            }
        reached = curves["validation_accuracy"][-1]
        print(f"{rung}, seed {seed}: validation {reached:.4f}", flush=True)
        return found


def errors_within_superclass(logits: np.ndarray, y: np.ndarray) -> float:
    """Return which share of the wrong first guesses names a class of the right superclass."""
    best = logits.argmax(axis=1)
    wrong = best != y
    return float((FINE_TO_COARSE[best] == FINE_TO_COARSE[y])[wrong].mean())


def five_best(logits: np.ndarray) -> tuple[list[list[int]], list[list[int]]]:
    """Return the five classes with the highest scores, best first, and their probabilities.

    A probability is stored in 255ths.
    """
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    best = np.argsort(-logits, axis=1, kind="stable")[:, :5]
    shares = np.rint(255 * np.take_along_axis(probabilities, best, axis=1)).astype(int)
    return best.tolist(), shares.tolist()


def in_base64(content: bytes) -> str:
    """Return bytes as text."""
    return base64.b64encode(content).decode()


def write_data(cifar: Cifar, runs: dict[str, dict]) -> None:
    """Write what the explorable needs: the pictures in one sheet, and all guesses."""
    side = 5 * SETTINGS["shown_per_class"]  # a row of pictures for each superclass
    tiles = cifar.x[cifar.shown].reshape(20, side, 32, 32, 3)
    sheet = Image.fromarray(tiles.swapaxes(1, 2).reshape(20 * 32, side * 32, 3))
    file = io.BytesIO()
    sheet.save(file, "WEBP", quality=SETTINGS["picture_quality"], method=6)
    data = {
        "classes": [name.replace("_", " ") for name in CIFAR100_FINE_CLASSES],
        "superclasses": [name.replace("_", " ") for name in CIFAR100_COARSE_CLASSES],
        "superclass_of": FINE_TO_COARSE.tolist(),
        "rows": cifar.shown.tolist(),
        "labels": cifar.y[cifar.shown].tolist(),
        "sheet": in_base64(file.getvalue()),
        "guesses": {
            rung: in_base64(np.array(run["guesses"], np.uint8).tobytes())
            for rung, run in runs.items()
        },
        "sure": {
            rung: in_base64(np.array(run["sure"], np.uint8).tobytes()) for rung, run in runs.items()
        },
    }
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in data.items())
    DATA_FILE.write_text(
        f"{HEAD}((globalThis.courseExplorables ??= {{ engine: {{}}, views: {{}} }}).data ??= {{}})"
        f".mistakes =\n{{\n{lines}\n}};\n",
        encoding="utf-8",
        newline="\n",
    )


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 0 (5)")
    seeds = list(range(parser.parse_args().seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])

    long_run = LongRun(__file__)
    cifar = Cifar()
    runs = {}
    for rung in SETTINGS["rates"]:
        test = rung in SETTINGS["with_all_seeds"]
        runs[rung] = [
            long_run.part(f"{rung}-{seed}", partial(cifar.train, rung, seed=seed, test=test))
            for seed in (seeds if test else seeds[:1])
        ]
    write_data(cifar, {rung: found[0] for rung, found in runs.items()})
    results = {
        rung: {
            part: {name: [run[part][name] for run in found] for name in found[0][part]}
            for part in ("curves", "test")
            if part in found[0]
        }
        | {"parameters": found[0]["parameters"]}
        for rung, found in runs.items()
    }
    long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    main()
