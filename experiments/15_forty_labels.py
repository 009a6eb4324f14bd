"""Write what the explorable of chapter 15 shows: 16 numbers for each of 1,000 pictures.

    python experiments/15_forty_labels.py --seeds 5

writes lecture_utils/explorables/browser/forty_labels_data.js and
experiments/results/15_forty_labels.json. The pictures are of four classes of CIFAR-100 that the
trained network of the package has never seen: of each class 150 that may get labels and the 100 of
the official test set. Their pixels, their features by an untrained front and by the trained one are
each turned into their first 16 principal components, which are found on the 600 pictures without
their labels. No picture is written.

The results say what the 16 numbers leave of all: how many new pictures a head of ten labels a class
names rightly. A seed draws the labels.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
import base64
import json
from pathlib import Path

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression

from lecture_utils.datasets import CIFAR100_FINE_CLASSES, load_cifar100
from lecture_utils.datasets.pretrained import load_cifar100_network
from lecture_utils.results import LongRun

SETTINGS = {
    "classes": ["apple", "bee", "maple_tree", "orchid"],
    "pool": 150,
    "labels_per_class": [1, 3, 10, 30],
    "judged_labels": 10,
    "numbers": 16,
    "filters": [16, 48, 96],
    "split_seed": 0,
    "front_seed": 0,
}
DATA_FILE = Path(__file__).parents[1] / "lecture_utils/explorables/browser/forty_labels_data.js"
HEAD = """\
// Made by experiments/15_forty_labels.py: 16 numbers a picture of four classes of CIFAR-100, by
// their pixels and by the features of an untrained and a trained network. No picture is here.
((globalThis.courseExplorables ??= { engine: {}, views: {} }).data ??= {}).forty_labels =
"""


def load_pictures() -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures that may get labels and the new ones, class after class."""
    (x, y), (x_test, y_test) = load_cifar100()
    rng = np.random.default_rng(SETTINGS["split_seed"])
    pool, new = [], []
    for name in SETTINGS["classes"]:
        number = CIFAR100_FINE_CLASSES.index(name)
        rows = rng.permutation(np.flatnonzero(y[:, 0] == number))
        pool.append(x[rows[: SETTINGS["pool"]]])
        new.append(x_test[y_test[:, 0] == number])
    return np.concatenate(pool), np.concatenate(new)


def build_front() -> keras.Sequential:
    """Return the untrained network of chapter 12 without its last layer: 1,536 features."""
    keras.utils.set_random_seed(SETTINGS["front_seed"])
    layers = [keras.Input((32, 32, 3), dtype="uint8"), keras.layers.Rescaling(1 / 64, offset=-2)]
    for n_filters, size in zip(SETTINGS["filters"], (4, 3, 3), strict=True):
        layers += [
            keras.layers.Conv2D(n_filters, size, strides=2, padding="same", use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
        ]
    return keras.Sequential([*layers, keras.layers.Flatten()])


def views(pool: np.ndarray, new: np.ndarray) -> dict[str, list[np.ndarray]]:
    """Return all numbers of both parts by what a head may see: pixels, or features of a front."""
    front = build_front()
    seen = {"pixels": [part.reshape(len(part), -1) / 255 for part in (pool, new)]}
    seen["random"] = [front.predict_on_batch(part) for part in (pool, new)]
    front.set_weights([*load_cifar100_network().values()][:-3])  # without head and class numbers
    seen["frozen"] = [front.predict_on_batch(part) for part in (pool, new)]
    return seen


def few_numbers(pool: np.ndarray, new: np.ndarray) -> list[np.ndarray]:
    """Return the first principal components of both parts; the first has deviation 3 in `pool`."""
    middle = pool.mean(axis=0)
    directions = np.linalg.svd(pool - middle, full_matrices=False)[2][: SETTINGS["numbers"]]
    unit = ((pool - middle) @ directions[0]).std() / 3
    return [(part - middle) @ directions.T / unit for part in (pool, new)]


def plane(pool: np.ndarray) -> np.ndarray:
    """Return the plane in which the means of the classes lie farthest apart, shape (16, 2)."""
    means = pool.reshape(len(SETTINGS["classes"]), SETTINGS["pool"], -1).mean(axis=1)
    return np.linalg.svd(means - means.mean(axis=0))[2][:2].T


def in_base64(values: np.ndarray, scale: float) -> str:
    """Return values as 8-bit multiples of `scale`."""
    return base64.b64encode(np.rint(values / scale).astype(np.int8).tobytes()).decode()


def right(pool: np.ndarray, new: np.ndarray, seed: int, penalty: float) -> float:
    """Return how many new pictures a head names rightly that learned from a few labels."""
    n, n_classes = SETTINGS["judged_labels"], len(SETTINGS["classes"])
    rng = np.random.default_rng(seed)
    rows = [SETTINGS["pool"] * k + rng.permutation(SETTINGS["pool"])[:n] for k in range(n_classes)]
    head = LogisticRegression(C=1 / penalty, max_iter=2000)
    head.fit(pool[np.concatenate(rows)], np.repeat(range(n_classes), n))
    return float(head.score(new, np.repeat(range(n_classes), len(new) // n_classes)))


def write_data(numbers: dict[str, list[np.ndarray]]) -> None:
    """Write what the explorable needs."""
    stored = {}
    for name, (pool, new) in numbers.items():
        scale = float(max(np.abs(pool).max(), np.abs(new).max()) / 127)
        stored[name] = {
            "scale": scale,
            "pool": in_base64(pool, scale),
            "new": in_base64(new, scale),
            "view": plane(pool).round(4).tolist(),
        }
    data = {
        "classes": [name.replace("_", " ") for name in SETTINGS["classes"]],
        "pool": SETTINGS["pool"],
        "new": len(numbers["pixels"][1]) // len(SETTINGS["classes"]),
        "width": SETTINGS["numbers"],
        "labels": SETTINGS["labels_per_class"],
        "numbers": stored,
    }
    DATA_FILE.write_text(f"{HEAD}{json.dumps(data, indent=0)};\n", encoding="utf-8")


def main() -> None:
    """Compute everything and store it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 0 (5)")
    seeds = list(range(parser.parse_args().seeds))
    long_run = LongRun(__file__)
    seen = views(*load_pictures())
    numbers = {name: few_numbers(*parts) for name, parts in seen.items()}
    results = {
        name: {
            "kept": [right(*numbers[name], seed, 1.0) for seed in seeds],
            "all": [right(*parts, seed, 1.0) for seed in seeds],
        }
        for name, parts in seen.items()
    }
    write_data(numbers)
    long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    main()
