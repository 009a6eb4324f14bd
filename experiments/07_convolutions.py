"""Compare convolutional networks with and without batch normalization.

    python experiments/07_convolutions.py --seeds 10

writes experiments/results/07_convolutions.json. The protocol is that of 07_regularization.py, which
has dense layers: 1,200 updates on batches of 50, Adam, a learning rate that falls in a straight
line to 0, and the same 1,000 pictures a seed. Two networks, each with and without: two layers of
convolutions, and six.

1. Tuning: every rate on seeds of their own, alike with and without. The smallest rate whose
   accuracy on 5,000 validation images is within one standard error of the best decides.
2. Test: at the rates as chosen, on fresh seeds. A seed draws the training images, the initial
   kernels and the order of the batches, the same with and without. Each trained network sees the
   10,000 test images once.

One thread, so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
import math
from functools import partial

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split

from lecture_utils.batches import batch_order
from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.results import LongRun
from lecture_utils.training import StepTraining

SETTINGS = {
    "n_train": 1_000,
    "n_validation": 5_000,
    "split_random_state": 0,
    "kernel_size": 3,
    "optimizer": "adam",
    "batch_size": 50,
    "steps": 1_200,
    "rates": [0.0003, 0.001, 0.003, 0.01],
    "rates_beyond": {"0.0003": 0.0001, "0.01": 0.03},  # tried where the best is at the edge
    "decay": "linear to 0",
    "tuning_seeds": [1000, 1001, 1002],
    "networks": {
        "two layers": {"filters": [16, 32], "strides": [2, 2]},
        "six layers": {"filters": [16] * 6, "strides": [2, 2, 1, 1, 1, 1]},
    },
    "threads": 1,
}
WAYS = ("without", "with")  # batch normalization
N_CLASSES = 10
JUDGED_AT_ONCE = 1_000


def build_model(filters: list[int], strides: list[int], *, normalized: bool) -> keras.Model:
    """Return an untrained network that takes bytes and gives one score a class."""
    layers = keras.layers
    stack = [keras.Input((28, 28, 1), dtype="uint8"), layers.Rescaling(1 / 255)]
    for n_filters, stride in zip(filters, strides, strict=True):
        stack.append(
            layers.Conv2D(n_filters, SETTINGS["kernel_size"], strides=stride, padding="same")
        )
        if normalized:
            stack.append(layers.BatchNormalization())
        stack.append(layers.ReLU())
    model = keras.Sequential([*stack, layers.Flatten(), layers.Dense(N_CLASSES)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=SETTINGS["optimizer"], loss=loss)
    return model


def initial_weights(model: keras.Model, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw Glorot's uniform kernels, the same with and without batch normalization."""
    weights = []
    for variable in model.weights:
        if variable.name == "kernel":
            *window, inputs, outputs = variable.shape
            limit = math.sqrt(6 / (math.prod(window) * (inputs + outputs)))
            weights.append(rng.uniform(-limit, limit, variable.shape))
        else:
            weights.append(
                np.full(variable.shape, float(variable.name in ("gamma", "moving_variance")))
            )
    return weights


class Trainer:
    """One network, with or without batch normalization, compiled once for all seeds and rates."""

    def __init__(self, network: str, way: str, images: dict[str, tuple]) -> None:
        plan = SETTINGS["networks"][network]
        self.images = images
        model = build_model(plan["filters"], plan["strides"], normalized=way == "with")
        self.model, self.training = model, StepTraining(model)
        self.predict = tf.function(partial(model, training=False), jit_compile=True)

    def train(self, seed: int, rate: float, *, judge: str) -> dict[str, float]:
        """Train from this seed; return accuracy and loss on training images and on `judge`."""
        rng, n_steps = np.random.default_rng(seed), SETTINGS["steps"]
        x_pool, y_pool = self.images["pool"]
        rows = rng.permutation(len(x_pool))[: SETTINGS["n_train"]]
        x, y = x_pool[rows], y_pool[rows]
        self.training.restart(initial_weights(self.model, np.random.default_rng([seed, 1])))
        order = batch_order(len(x), batch_size=SETTINGS["batch_size"], n_steps=n_steps, rng=rng)
        self.training.run(x, y, rates=rate * (1 - np.arange(n_steps) / n_steps), batches=order)
        return self.judge("train", x, y) | self.judge(judge, *self.images[judge])

    def judge(self, name: str, x: np.ndarray, y: np.ndarray) -> dict[str, float]:
        """Return accuracy and mean cross entropy (nats), as the network predicts, not trains."""
        logits = np.concatenate(
            [
                self.predict(tf.constant(x[start : start + JUDGED_AT_ONCE]))
                for start in range(0, len(x), JUDGED_AT_ONCE)
            ]
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, logits)
        accuracy = np.mean(logits.argmax(axis=1) == y)
        return {f"{name}_accuracy": float(accuracy), f"{name}_loss": float(loss)}


def measure(network: str, way: str, images: dict[str, tuple], seeds: list[int]) -> dict:
    """Return what was tried, which rate was chosen, and what every seed reaches with it."""
    trainer = Trainer(network, way, images)
    tried, rates = {}, list(SETTINGS["rates"])
    while rates:
        for rate in rates:
            runs = [trainer.train(s, rate, judge="validation") for s in SETTINGS["tuning_seeds"]]
            tried[rate] = {key: [run[key] for run in runs] for key in runs[0]}
        best = max(tried, key=lambda rate: np.mean(tried[rate]["validation_accuracy"]))
        beyond = SETTINGS["rates_beyond"].get(f"{best:g}")
        rates = [] if beyond is None or beyond in tried else [beyond]
    chosen = smallest_within_one_error(
        {rate: runs["validation_accuracy"] for rate, runs in tried.items()}
    )
    runs = [trainer.train(seed, chosen, judge="test") for seed in seeds]
    return {
        "tried": [{"rate": rate} | tried[rate] for rate in sorted(tried)],
        "chosen": chosen,
        "tested": {key: [run[key] for run in runs] for key in runs[0]},
    }


def smallest_within_one_error(accuracies: dict[float, list[float]]) -> float:
    """Return the smallest rate that is behind the best by no more than one standard error.

    The error is that of the mean of the differences, seed by seed.
    """
    best = max(accuracies, key=lambda rate: np.mean(accuracies[rate]))
    for rate in sorted(accuracies):
        behind = np.subtract(accuracies[best], accuracies[rate])
        # One seed, in a short run, has no standard error.
        error = behind.std(ddof=1) / np.sqrt(len(behind)) if len(behind) > 1 else 0
        if behind.mean() <= error:
            return rate
    return best


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds, from 0 (10)")
    seeds = list(range(parser.parse_args().seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])

    long_run = LongRun(__file__)
    (x, y), (x_test, y_test) = load_fashion_mnist()
    x_pool, x_validation, y_pool, y_validation = train_test_split(
        x,
        y,
        test_size=SETTINGS["n_validation"],
        stratify=y,
        random_state=SETTINGS["split_random_state"],
    )
    images = {
        "pool": (x_pool[..., None], y_pool),
        "validation": (x_validation[..., None], y_validation),
        "test": (x_test[..., None], y_test),
    }
    results = {
        network: {
            way: long_run.part(
                f"{network}, {way}, {len(seeds)}", partial(measure, network, way, images, seeds)
            )
            for way in WAYS
        }
        for network in SETTINGS["networks"]
    }
    long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    main()
