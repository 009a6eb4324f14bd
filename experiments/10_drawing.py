"""Train the network that says what a reader draws, and store it rounded to 8 bits.

    python experiments/10_drawing.py --seeds 5

writes experiments/results/10_drawing.json, and with it the network of seed 0 into
lecture_utils/explorables/browser/draw_a_shirt_data.js, where the explorables of lesson 10 find it,
together with the mean picture of every class, the confusion matrix of the sample's 1,000 test
pictures and some of these.

It is the lecture's network, and learns from all 60,000 training pictures for 8 epochs, with which
the validation loss of experiments/10_fashion_mnist.py is near its lowest. One thread, so that
the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
import base64
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf
from sklearn.metrics import confusion_matrix

from lecture_utils.batches import batch_order
from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.datasets.fashion_mnist import FASHION_MNIST_CLASSES
from lecture_utils.results import LongRun
from lecture_utils.studies.quantization import quantize
from lecture_utils.training import CompiledTraining

SETTINGS = {
    "hidden_units": 128,
    "optimizer": "adam",
    "rate": 0.001,
    "batch_size": 32,
    "epochs": 8,
    "bits": 8,
    "pictures_per_cell": 3,
    "threads": 1,
}
N_CLASSES = len(FASHION_MNIST_CLASSES)
DATA_FILE = Path(__file__).parents[1] / "lecture_utils/explorables/browser/draw_a_shirt_data.js"
HEAD = """\
// Made by experiments/10_drawing.py: a network with 8-bit weights that learned from the 60,000
// training pictures of Fashion-MNIST, what it says to the 1,000 test pictures of the course's
// sample, some of these, and the mean training picture of every class (MIT licence, copyright 2017
// Zalando SE).
"""


def build_model() -> keras.Model:
    """Return the lecture's network, untrained; it gives scores."""
    model = keras.Sequential(
        [
            keras.Input((28, 28), dtype="uint8"),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(SETTINGS["hidden_units"], activation="relu"),
            keras.layers.Dense(N_CLASSES),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=SETTINGS["optimizer"], loss=loss)
    return model


def train(seed: int) -> dict:
    """Return codes and scales of a trained network, and its test accuracy before and after."""
    (x, y), (x_test, y_test) = load_fashion_mnist()
    keras.utils.set_random_seed(seed)
    model = build_model()
    n_steps = SETTINGS["epochs"] * (len(x) // SETTINGS["batch_size"])
    order = batch_order(
        len(x),
        batch_size=SETTINGS["batch_size"],
        n_steps=n_steps,
        rng=np.random.default_rng(seed),
    )
    rates = np.full(n_steps, SETTINGS["rate"])
    CompiledTraining(model).run(x, y, rates=rates, batches=order)
    pairs = [quantize(array, bits=SETTINGS["bits"]) for array in model.get_weights()]
    network = {
        "codes": [codes for codes, _ in pairs],
        "scales": [scale.item() for _, scale in pairs],
    }
    exact = {"codes": model.get_weights(), "scales": [1] * len(pairs)}
    return {
        "network": network,
        "test_accuracy": share_right(exact, x_test, y_test),
        "test_accuracy_rounded": share_right(network, x_test, y_test),
    }


def scores(network: Mapping, pictures: np.ndarray) -> np.ndarray:
    """Return what a network says to pictures, shape (n, 10)."""
    kernel_1, bias_1, kernel_2, bias_2 = (
        scale * np.asarray(codes)
        for codes, scale in zip(network["codes"], network["scales"], strict=True)
    )
    inputs = pictures.reshape(len(pictures), -1) / 255
    return np.maximum(inputs @ kernel_1 + bias_1, 0) @ kernel_2 + bias_2


def share_right(network: Mapping, pictures: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of right answers."""
    return float(np.mean(scores(network, pictures).argmax(axis=1) == labels))


def nearest_distances(pictures: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Return the root mean square distance of each picture to the nearest mean, from 0 to 1."""
    flat = pictures.reshape(len(pictures), 1, -1) / 255
    return np.sqrt(((flat - means.reshape(1, N_CLASSES, -1) / 255) ** 2).mean(-1)).min(-1)


def in_base64(array: np.ndarray) -> str:
    """Return the bytes of an array as text."""
    return base64.b64encode(array.tobytes()).decode()


def write_data(network: Mapping) -> None:
    """Write what the explorables need: network, confusion matrix, pictures of its cells, means."""
    (x, y), _ = load_fashion_mnist()
    _, (x_test, y_test) = load_fashion_mnist(sample=True)
    said = scores(network, x_test).argmax(axis=1)
    means = np.stack([x[y == label].mean(axis=0).round() for label in range(N_CLASSES)])
    chosen = [
        row
        for true in range(N_CLASSES)
        for predicted in range(N_CLASSES)
        for row in np.flatnonzero((y_test == true) & (said == predicted))[
            : SETTINGS["pictures_per_cell"]
        ]
    ]
    data = {
        "classes": FASHION_MNIST_CLASSES,
        "sizes": [28 * 28, SETTINGS["hidden_units"], N_CLASSES],
        "scales": network["scales"],
        "codes": [in_base64(np.asarray(codes, np.int8)) for codes in network["codes"]],
        "confusion": confusion_matrix(y_test, said).tolist(),
        "rows": [int(row) for row in chosen],
        "labels": y_test[chosen].tolist(),
        "pictures": in_base64(x_test[chosen]),
        "means": in_base64(means.astype(np.uint8)),
        "distances": np.sort(nearest_distances(x_test, means)).round(5).tolist(),
    }
    DATA_FILE.write_text(
        f"{HEAD}((globalThis.courseExplorables ??= {{ engine: {{}}, views: {{}} }}).data ??= {{}})"
        f".draw_a_shirt =\n{json.dumps(data)};\n",
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
    runs = [long_run.part(f"seed-{seed}", partial(train, seed)) for seed in seeds]
    write_data(runs[0]["network"])
    measured = ("test_accuracy", "test_accuracy_rounded")
    results = {name: [run[name] for run in runs] for name in measured}
    long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    main()
