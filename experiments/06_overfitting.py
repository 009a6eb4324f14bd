"""Train networks of four widths on few or many rows, some of them with wrong labels.

    python experiments/06_overfitting.py --seeds 10

writes experiments/results/06_overfitting.json: for every number of rows, share of wrong labels,
width and seed, the accuracy on the rows that the network saw (with the labels that it saw), and
accuracy and cross entropy on validation rows (with the right labels), after some numbers of
updates. From the class probabilities at the end also the squared error on the validation rows,
and how much of it is variance: how far networks that saw other rows differ from each other;
with standard errors by the jackknife, which leaves out one seed after the other.
Nothing is chosen here, and the test pictures are not read.

One thread, so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split

from lecture_utils.batches import batch_order
from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.results import LongRun
from lecture_utils.sweep import initial_weights
from lecture_utils.training import CompiledTraining

SETTINGS = {
    "n_rows": [100, 400, 1_600],
    "wrong_labels": [0.0, 0.2, 0.4],
    "widths": [4, 16, 64, 256],
    "optimizer": "adam",
    "learning_rate": 0.001,
    "batch_size": 50,
    "n_steps": 3_000,
    "record_steps": [100, 300, 1_000, 3_000],
    "steps_a_call": 100,
    "validation_rows": 1_000,
    "split_random_state": 0,
    "threads": 1,
}
N_CLASSES = 10


def build_model(width: int, n_features: int) -> keras.Model:
    """Return a network with one hidden layer, ready to train."""
    model = keras.Sequential(
        [
            keras.Input((n_features,)),
            keras.layers.Dense(width, activation="relu"),
            keras.layers.Dense(N_CLASSES),
        ]
    )
    model.compile(
        optimizer=SETTINGS["optimizer"],
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model


def with_wrong_labels(labels: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Return the labels, each with the chance `share` replaced by another class."""
    wrong = rng.random(len(labels)) < share
    return np.where(wrong, labels + rng.integers(1, N_CLASSES, len(labels)), labels) % N_CLASSES


def log_probabilities(weights: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    """Return what a network with one hidden layer predicts, shape (rows, classes)."""
    kernel, bias, kernel_out, bias_out = weights
    logits = (np.maximum(x @ kernel + bias, 0) @ kernel_out + bias_out).astype(np.float64)
    logits -= logits.max(axis=1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def train(
    training: CompiledTraining,
    rows: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    *,
    n_rows: int,
    share: float,
    seed: int,
) -> tuple[list[list[float]], np.ndarray]:
    """Train from a fresh start.

    Returns what was measured, shape (n_records, 3), and the class probabilities of the
    validation rows at the end.
    """
    (x, y), (x_validation, y_validation) = rows, validation
    rng = np.random.default_rng(seed)
    seen = rng.permutation(len(x))[:n_rows]  # the same rows and labels for every width
    noisy = with_wrong_labels(y, share, rng)
    order = seen[
        batch_order(n_rows, batch_size=SETTINGS["batch_size"], n_steps=SETTINGS["n_steps"], rng=rng)
    ]
    width = training.model.layers[0].units
    start = initial_weights((x.shape[1], width, N_CLASSES), n_starts=1, rng=rng)
    training.restart([w[0] for w in start])
    steps, records = SETTINGS["steps_a_call"], []
    rates = np.full(steps, SETTINGS["learning_rate"])
    for first in range(0, SETTINGS["n_steps"], steps):
        training.run(x, noisy, rates=rates, batches=order[first : first + steps])
        if first + steps in SETTINGS["record_steps"]:
            weights = training.model.get_weights()
            log_p = log_probabilities(weights, x_validation)
            fitted = log_probabilities(weights, x[seen]).argmax(axis=1) == noisy[seen]
            right = log_p.argmax(axis=1) == y_validation
            loss = -log_p[np.arange(len(right)), y_validation].mean()
            records.append([fitted.mean(), right.mean(), loss])
    return records, np.exp(log_p)


def bias_and_variance(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Split the mean squared error of several networks, shape (networks, rows, classes).

    Returns bias² plus noise, which cannot be told apart here, and variance; their sum is the
    squared error. Both are unbiased estimates.
    """
    errors = (probabilities - np.eye(N_CLASSES)[labels]) ** 2
    variance = probabilities.var(axis=0, ddof=1).sum(axis=-1).mean()
    return np.array([errors.sum(axis=-1).mean() - variance, variance])


def with_standard_errors(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the two parts of `bias_and_variance` and their standard errors, shape (2, 2)."""
    n = len(probabilities)
    without_one = np.array(
        [bias_and_variance(np.delete(probabilities, k, axis=0), labels) for k in range(n)]
    )
    standard_errors = np.sqrt((n - 1) * without_one.var(axis=0))
    return np.stack([bias_and_variance(probabilities, labels), standard_errors])


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
    rows, validation = (x_train, y_train), (x_validation, y_validation)
    records, parts = [], []
    for width in SETTINGS["widths"]:
        training = CompiledTraining(build_model(width, x.shape[1]))
        for n_rows in SETTINGS["n_rows"]:
            for share in SETTINGS["wrong_labels"]:
                runs = [
                    train(training, rows, validation, n_rows=n_rows, share=share, seed=seed)
                    for seed in seeds
                ]
                records.append([run[0] for run in runs])
                probabilities = np.stack([run[1] for run in runs])
                parts.append(with_standard_errors(probabilities, y_validation))
                found = np.mean(records[-1], axis=0)[-1].round(3)
                print(f"width {width}, {n_rows} rows, {share} wrong: {found}", flush=True)
    shape = [len(SETTINGS[name]) for name in ("widths", "n_rows", "wrong_labels")]
    records = np.reshape(records, (*shape, len(seeds), len(SETTINGS["record_steps"]), 3))
    names = ("training_accuracy", "validation_accuracy", "validation_loss")
    results = {name: records[..., i] for i, name in enumerate(names)}
    parts = np.reshape(parts, (*shape, 2, 2))
    for i, name in enumerate(("bias_and_noise", "variance")):
        results[name], results[f"{name}_standard_error"] = parts[..., 0, i], parts[..., 1, i]
    long_run.save(
        settings=SETTINGS,
        seeds=seeds,
        results=results,
    )


if __name__ == "__main__":
    main()
