"""Sweep the strength of four remedies against overfitting, and the number of training images.

    python experiments/07_strengths.py --seeds 10

writes experiments/results/07_strengths.json. Network, updates and decay are those of
07_regularization.py, which compares the remedies at their best; here every strength is shown, and
nothing is chosen. So the 5,000 validation images judge, and the test images are not touched.

1. Strengths: L2, weight decay and dropout from too weak to too strong, at two rates each.
2. Rows: none, weight decay, dropout and crops at the settings that 07_regularization.py chose for
   1,000 images, with a quarter and with four times as many in as many updates.
3. Passes: the same with four times as many images, in as many passes over them.
4. What doubt comes from the seeds and what from the images that judge, with 1,000 images.

A seed draws the training images, the initial weights and the order of the batches, the same for
every remedy. One thread, so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
from functools import partial

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split

from lecture_utils.augmentation import crop_randomly
from lecture_utils.batches import batch_order
from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.evidence import error_sources
from lecture_utils.results import LongRun
from lecture_utils.training import CompiledTraining

SETTINGS = {
    "n_train": 1_000,
    "n_validation": 5_000,
    "split_random_state": 0,
    "hidden_units": [128, 128],
    "batch_size": 50,
    "steps_per_epoch": 20,
    "epochs": 60,
    "strengths": {
        "L2": [0.0, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03],
        "weight decay": [0.0, 0.1, 0.3, 1.0, 3.0],
        "dropout": [0.0, 0.1, 0.2, 0.35, 0.5, 0.65],
    },
    "rates": {
        "L2": [0.001, 0.003],
        "weight decay": [0.003, 0.01],
        "dropout": [0.001, 0.003],
    },
    "rows": [250, 1_000, 4_000],
    "passes": {"n_train": 4_000, "epochs": 240},  # of 20 updates: 60 passes over the images
    "as_chosen": {  # strength and rate
        "none": [0.0, 0.003],
        "weight decay": [1.0, 0.01],
        "dropout": [0.35, 0.001],
        "crops": [1, 0.003],
    },
    "threads": 1,
}


def build_model(remedy: str, strength: float) -> keras.Model:
    """Return the network with this remedy, ready to train."""
    layers = keras.layers
    # Keras' L2(c) adds c times the sum of squares; the formula has beta / 2.
    penalty = keras.regularizers.L2(strength / 2) if remedy == "L2" and strength else None
    stack = [keras.Input((28, 28)), layers.Rescaling(1 / 255), layers.Flatten()]
    for n_units in SETTINGS["hidden_units"]:
        stack.append(layers.Dense(n_units, "relu", kernel_regularizer=penalty))
        if remedy == "dropout" and strength:
            stack.append(layers.Dropout(strength, seed=0))
    stack.append(layers.Dense(10, kernel_regularizer=penalty))
    model = keras.Sequential(stack)
    optimizer = keras.optimizers.Adam()
    if remedy == "weight decay" and strength:
        optimizer = keras.optimizers.AdamW(weight_decay=strength)
        optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


class Trainer:
    """One remedy at one strength, compiled once for all seeds and rates."""

    def __init__(self, remedy: str, strength: float, images: dict[str, np.ndarray]) -> None:
        self.padding = strength if remedy == "crops" else 0
        self.images = images
        self.model = build_model(remedy, strength)
        self.training = CompiledTraining(self.model)

    def train(self, seed: int, rate: float, n_train: int, n_epochs: int) -> dict[str, object]:
        """Train from this seed; return accuracies, the length of the weights, and what is right."""
        images, rng = self.images, np.random.default_rng(seed)
        rows = rng.permutation(len(images["x_pool"]))[:n_train]
        x, y = images["x_pool"][rows], images["y_pool"][rows]
        self._restart(seed)
        n_steps = SETTINGS["steps_per_epoch"]
        order = batch_order(
            n_train, batch_size=SETTINGS["batch_size"], n_steps=n_epochs * n_steps, rng=rng
        )
        rates = rate * (1 - np.arange(n_epochs * n_steps) / (n_epochs * n_steps))
        for batches, epoch_rates in zip(
            order.reshape(n_epochs, n_steps, -1), rates.reshape(n_epochs, n_steps), strict=True
        ):
            moved = crop_randomly(x, rng, padding=self.padding) if self.padding else x
            self.training.run(moved, y, rates=epoch_rates, batches=batches)
        right = self._right(images["x_validation"], images["y_validation"])
        kernels = [v.numpy() for v in self.model.trainable_variables if v.name == "kernel"]
        return {
            "train_accuracy": self._right(x, y).mean(),
            "validation_accuracy": right.mean(),
            "weight_norm": np.sqrt(sum(np.sum(kernel**2) for kernel in kernels)),
            "right": right,
        }

    def _right(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return which images the model classifies correctly, as 0 or 1."""
        return (np.argmax(self.model(x, training=False), axis=1) == y).astype(float)

    def _restart(self, seed: int) -> None:
        """Draw new initial weights and new masks of dropout, the same for every remedy."""
        rng = np.random.default_rng([seed, 1])
        weights = []
        for variable in self.model.weights:
            if variable.name == "kernel":  # Glorot's uniform, as Keras draws it
                limit = np.sqrt(6 / sum(variable.shape))
                weights.append(rng.uniform(-limit, limit, variable.shape))
            elif variable.name == "bias":
                weights.append(np.zeros(variable.shape))
            else:  # the state of dropout
                weights.append(variable.numpy())
        self.training.restart(weights)
        for number, layer in enumerate(self.model.layers):
            if isinstance(layer, keras.layers.Dropout):
                layer.seed_generator.state.assign([seed, number])


def by_seed(runs: list[dict]) -> dict[str, list]:
    """Return the numbers of the runs, without what is right image by image."""
    return {name: [run[name] for run in runs] for name in runs[0] if name != "right"}


def sweep(images: dict, remedy: str, strength: float, seeds: list[int]) -> dict[str, dict]:
    """Return, for each rate, what every seed reaches at this strength."""
    trainer = Trainer(remedy, strength, images)
    size = SETTINGS["n_train"], SETTINGS["epochs"]
    return {
        f"{rate:g}": by_seed([trainer.train(seed, rate, *size) for seed in seeds])
        for rate in SETTINGS["rates"][remedy]
    }


def by_rows(images: dict, remedy: str, seeds: list[int]) -> dict[str, dict]:
    """Return, for each number of rows, what every seed reaches with the remedy as chosen."""
    strength, rate = SETTINGS["as_chosen"][remedy]
    trainer, found = Trainer(remedy, strength, images), {}
    for n_train in SETTINGS["rows"]:
        runs = [trainer.train(seed, rate, n_train, SETTINGS["epochs"]) for seed in seeds]
        found[str(n_train)] = by_seed(runs)
        if n_train == SETTINGS["n_train"]:
            found["right"] = [run["right"] for run in runs]
    return found


def by_passes(images: dict, remedy: str, seeds: list[int]) -> dict[str, list]:
    """Return what every seed reaches with more rows and as many passes over them."""
    strength, rate = SETTINGS["as_chosen"][remedy]
    n_train, n_epochs = SETTINGS["passes"]["n_train"], SETTINGS["passes"]["epochs"]
    trainer = Trainer(remedy, strength, images)
    return by_seed([trainer.train(seed, rate, n_train, n_epochs) for seed in seeds])


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds, from 0 (10)")
    seeds = list(range(parser.parse_args().seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])

    long_run = LongRun(__file__)
    (x, y), _ = load_fashion_mnist()
    x_pool, x_validation, y_pool, y_validation = train_test_split(
        x,
        y,
        test_size=SETTINGS["n_validation"],
        stratify=y,
        random_state=SETTINGS["split_random_state"],
    )
    images = {
        "x_pool": x_pool,
        "y_pool": y_pool,
        "x_validation": x_validation,
        "y_validation": y_validation,
    }
    passes = {
        remedy: long_run.part(f"passes {remedy}", partial(by_passes, images, remedy, seeds))
        for remedy in SETTINGS["as_chosen"]
    }
    strengths = {
        remedy: {
            f"{strength:g}": long_run.part(
                f"{remedy} {strength:g}", partial(sweep, images, remedy, strength, seeds)
            )
            for strength in candidates
        }
        for remedy, candidates in SETTINGS["strengths"].items()
    }
    rows = {
        remedy: long_run.part(f"rows {remedy}", partial(by_rows, images, remedy, seeds))
        for remedy in SETTINGS["as_chosen"]
    }
    right = {remedy: np.array(found.pop("right")) for remedy, found in rows.items()}
    doubt = {}
    for remedy in SETTINGS["as_chosen"]:
        if remedy != "none":
            sources = error_sources(right[remedy] - right["none"])
            doubt[remedy] = {"seeds": sources.seeds, "images": sources.test_set}
    long_run.save(
        settings=SETTINGS,
        seeds=seeds,
        results={"strengths": strengths, "rows": rows, "passes": passes, "doubt": doubt},
    )


if __name__ == "__main__":
    main()
