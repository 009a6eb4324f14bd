"""Train a small network on pictures as they are, and another one on pictures that change.

    python experiments/07_one_picture.py --seeds 5

writes experiments/results/07_one_picture.json, and with it the networks of seed 0 and some test
pictures into lecture_utils/explorables/browser/one_picture_data.js, where the explorable of the
lesson finds them. The sample of Fashion-MNIST that ships with the course, one hidden layer, Adam, a
learning rate that falls in a straight line to 0; both networks take as many steps from the same
start. The second sees every picture anew in each epoch: mirrored or not, turned, scaled, moved,
brighter or darker, with a hole. Nothing is tuned, so this shows what augmentation does and does
not measure how much it can gain; experiments/07_regularization.py does.

The weights are rounded to 8 bits before they are judged. One thread, so that the order of additions
does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
import base64
import json
from functools import partial
from pathlib import Path

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf

from lecture_utils.augmentation import (
    crop_randomly,
    erase_randomly,
    flip_horizontally,
    jitter_colours,
    scale_randomly,
    turn_randomly,
)
from lecture_utils.batches import batch_order
from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.datasets.fashion_mnist import FASHION_MNIST_CLASSES
from lecture_utils.results import LongRun
from lecture_utils.studies.quantization import quantize
from lecture_utils.training import CompiledTraining

SETTINGS = {
    "hidden_units": 64,
    "optimizer": "adam",
    "rate": 0.002,
    "decay": "linear to 0",
    "batch_size": 50,
    "epochs": 60,
    "bits": 8,
    "largest": {"shift": 4, "degrees": 15, "factor": 1.15, "brightness": 0.2, "side": 6},
    "judged_shifts": [0, 1, 2, 3, 4, 5, 6],
    "shown_per_class": 3,
    "threads": 1,
}
NETWORKS = ("plain", "changed")
DATA_FILE = Path(__file__).parents[1] / "lecture_utils/explorables/browser/one_picture_data.js"
HEAD = """\
// Made by experiments/07_one_picture.py: two networks with 8-bit weights, and test pictures of
// Fashion-MNIST (MIT licence, copyright 2017 Zalando SE).
"""


def build_model() -> keras.Model:
    """Return an untrained network that sees a picture at half its size."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28), dtype="uint8"),
            layers.Rescaling(1 / 255),
            layers.Reshape((28, 28, 1)),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(SETTINGS["hidden_units"], activation="relu"),
            layers.Dense(len(FASHION_MNIST_CLASSES)),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=SETTINGS["optimizer"], loss=loss)
    return model


def change(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Change every picture at random, in the order of the explorable."""
    largest = SETTINGS["largest"]
    pictures = flip_horizontally(pictures, rng)
    pictures = turn_randomly(pictures, rng, largest=largest["degrees"])
    pictures = scale_randomly(pictures, rng, largest=largest["factor"])
    pictures = crop_randomly(pictures, rng, padding=largest["shift"])
    pictures = jitter_colours(pictures, rng, brightness=largest["brightness"])
    return erase_randomly(pictures, rng, side=largest["side"])


def moved(pictures: np.ndarray, right: int) -> np.ndarray:
    """Move all pictures by so many pixels to the right; what comes in is 0."""
    width = pictures.shape[2]
    framed = np.pad(pictures, ((0, 0), (0, 0), (abs(right), abs(right))))
    start = abs(right) - right
    return framed[:, :, start : start + width]


def rounded(weights: list[np.ndarray]) -> tuple[list[np.ndarray], list[float]]:
    """Return the codes and the scale of each array."""
    pairs = [quantize(array, bits=SETTINGS["bits"]) for array in weights]
    return [codes for codes, _ in pairs], [scale.item() for _, scale in pairs]


def train(name: str, seed: int) -> dict:
    """Return codes and scales of a trained network, and how many it has right by shift."""
    (x, y), (x_test, y_test) = load_fashion_mnist(sample=True)
    keras.utils.set_random_seed(seed)
    model = build_model()
    training = CompiledTraining(model)
    rng = np.random.default_rng(seed)
    n_epochs, size = SETTINGS["epochs"], SETTINGS["batch_size"]
    n_steps = len(x) // size
    done = np.arange(n_epochs * n_steps) / (n_epochs * n_steps)
    order = batch_order(len(x), batch_size=size, n_steps=len(done), rng=rng)
    for epoch in range(n_epochs):
        steps = slice(epoch * n_steps, (epoch + 1) * n_steps)
        seen = change(x, rng) if name == "changed" else x
        training.run(seen, y, rates=SETTINGS["rate"] * (1 - done[steps]), batches=order[steps])
    codes, scales = rounded(model.get_weights())
    model.set_weights([scale * code for scale, code in zip(scales, codes, strict=True)])

    def share_right(pictures: np.ndarray, labels: np.ndarray) -> float:
        return float(np.mean(np.argmax(model(pictures), axis=1) == labels))

    return {
        "codes": codes,
        "scales": scales,
        "train_accuracy": share_right(x, y),
        "test_accuracy_by_shift": [  # mean of both directions
            np.mean([share_right(moved(x_test, right), y_test) for right in (-shift, shift)])
            for shift in SETTINGS["judged_shifts"]
        ],
        "test_accuracy_changed": share_right(change(x_test, np.random.default_rng(0)), y_test),
        "test_accuracy_mirrored": share_right(x_test[:, :, ::-1], y_test),
    }


def in_base64(array: np.ndarray) -> str:
    """Return the bytes of an array as text."""
    return base64.b64encode(array.tobytes()).decode()


def write_data(networks: dict[str, dict]) -> None:
    """Write what the explorable needs: the networks, and the first pictures of every class."""
    _, (x_test, y_test) = load_fashion_mnist(sample=True)
    rows = np.concatenate(
        [
            np.flatnonzero(y_test == label)[: SETTINGS["shown_per_class"]]
            for label in range(len(FASHION_MNIST_CLASSES))
        ]
    )
    data = {
        "classes": FASHION_MNIST_CLASSES,
        "labels": y_test[rows].tolist(),
        "pictures": in_base64(x_test[rows]),
        "sizes": [14 * 14, SETTINGS["hidden_units"], len(FASHION_MNIST_CLASSES)],
        "largest": SETTINGS["largest"],
        "networks": {
            name: {
                "scales": found["scales"],
                "codes": [in_base64(np.asarray(codes, np.int8)) for codes in found["codes"]],
            }
            for name, found in networks.items()
        },
    }
    text = json.dumps(data, indent=0)
    DATA_FILE.write_text(
        f"{HEAD}((globalThis.courseExplorables ??= {{ engine: {{}}, views: {{}} }}).data ??= {{}})"
        f".one_picture =\n{text};\n",
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
    runs = {
        name: [long_run.part(f"{name}-{seed}", partial(train, name, seed)) for seed in seeds]
        for name in NETWORKS
    }
    write_data({name: found[0] for name, found in runs.items()})
    measured = [key for key in runs["plain"][0] if key not in ("codes", "scales")]
    results = {
        name: {key: [run[key] for run in found] for key in measured} for name, found in runs.items()
    }
    long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    main()
