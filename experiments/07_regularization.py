"""Compare the lecture's remedies against overfitting on 1,000 training images.

    python experiments/07_regularization.py --seeds 20

writes experiments/results/07_regularization.json. One network, the same number of updates for
every remedy, and a learning rate that falls in a straight line to 0. A seed draws the training
images, the initial weights and the order of the batches, the same for every remedy, so that
remedies can be compared seed by seed.

1. Tuning: every setting of a remedy with every learning rate, on seeds of their own. The highest
   mean accuracy on 5,000 validation images decides, "none" included.
2. Test: each remedy as chosen, on fresh seeds. Each trained network sees the 10,000 test images
   once.

One thread, so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
import itertools
import time
from dataclasses import dataclass

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split

from lecture_utils.augmentation import (
    crop_randomly,
    flip_horizontally,
    jitter_colours,
    scale_randomly,
)
from lecture_utils.batches import batch_order
from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.results import LongRun
from lecture_utils.training import CompiledTraining

SETTINGS = {
    "n_train": 1_000,
    "n_train_more": 4_000,
    "n_validation": 5_000,
    "split_random_state": 0,
    "hidden_units": [128, 128],
    "optimizer": "adam",
    "batch_size": 50,
    "steps_per_epoch": 20,
    "epochs": 60,
    "rates": [0.0003, 0.001, 0.003, 0.01],
    "rates_beyond": {"0.0003": 0.0001, "0.01": 0.03},  # tried where the best is at the edge
    "decay": "linear to 0",
    "tuning_seeds": [1000, 1001, 1002],
    "remedies": {
        "none": [None],
        "raw pixels": [None],
        "standardized": ["one mean for all pixels", "each pixel its own"],
        "L2": [0.0003, 0.001, 0.003, 0.01],
        "weight decay": [0.3, 1.0, 3.0],
        "dropout": [0.2, 0.35, 0.5],
        "batch normalization": [None],
        "jitter": [0.2, 0.4, 0.8],
        "flips": [None],
        "crops": [1, 2, 4],
        "scales": [1.1, 1.2, 1.4],
        "all augmentations": ["as chosen one by one"],
        "early stopping": [None],
        "more data": [None],
    },
    "threads": 1,
}
AUGMENTATIONS = ("jitter", "flips", "crops", "scales")
TUNING_RECORDS = ("train_accuracy", "validation_accuracy", "validation_loss", "weight_norm")
N_CLASSES = 10
Setting = float | str | None


@dataclass
class Images:
    """Rows to train on (a pool to draw from), to validate on and to test on."""

    x_pool: np.ndarray
    y_pool: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


class Scaler:
    """Turn bytes into the floats that the network sees; fitted on the training images."""

    def __init__(self, remedy: str, setting: Setting, x_train: np.ndarray) -> None:
        self.mean, self.sd = np.float32(0), np.float32(1 if remedy == "raw pixels" else 255)
        if remedy == "standardized":
            axis = 0 if setting == "each pixel its own" else None
            self.mean, sd = (f(x_train, axis, dtype=np.float32) for f in (np.mean, np.std))
            self.sd = np.where(sd > 0, sd, np.float32(1))  # a constant pixel stays 0

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return float32, one row an image."""
        return ((images - self.mean) / self.sd).reshape(len(images), -1)


def build_model(remedy: str, setting: Setting) -> keras.Model:
    """Return the network with this remedy, ready to train."""
    layers = keras.layers
    # Keras' L2(c) adds c times the sum of squares; the formula has beta / 2.
    penalty = keras.regularizers.L2(setting / 2) if remedy == "L2" else None
    stack = [keras.Input((28 * 28,))]
    for n_units in SETTINGS["hidden_units"]:
        stack.append(layers.Dense(n_units, kernel_regularizer=penalty))
        if remedy == "batch normalization":
            stack.append(layers.BatchNormalization())
        stack.append(layers.ReLU())
        if remedy == "dropout":
            stack.append(layers.Dropout(setting, seed=0))
    stack.append(layers.Dense(N_CLASSES, kernel_regularizer=penalty))
    model = keras.Sequential(stack)
    optimizer = keras.optimizers.Adam()
    if remedy == "weight decay":
        optimizer = keras.optimizers.AdamW(weight_decay=setting)
        optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(
        optimizer=optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    return model


def augment(images: np.ndarray, chosen: dict[str, Setting], rng: np.random.Generator) -> np.ndarray:
    """Return the images changed by the augmentations in `chosen`, if any."""
    if "flips" in chosen:
        images = flip_horizontally(images, rng)
    if "crops" in chosen:
        images = crop_randomly(images, rng, padding=chosen["crops"])
    if "scales" in chosen:
        images = scale_randomly(images, rng, largest=chosen["scales"])
    if "jitter" in chosen:
        strength = chosen["jitter"]
        images = jitter_colours(images, rng, brightness=strength, contrast=strength)
    return images


class Trainer:
    """One remedy at one setting, compiled once for all seeds and rates."""

    def __init__(
        self, remedy: str, setting: Setting, images: Images, augmentations: dict[str, Setting]
    ) -> None:
        self.remedy, self.setting, self.images = remedy, setting, images
        self.augmentations = augmentations
        self.model = build_model(remedy, setting)
        self.training = CompiledTraining(self.model)

    def train(self, seed: int, rate: float) -> dict[str, float]:
        """Train from this seed; return what training and validation images say at the end.

        With early stopping "the end" is the epoch of the lowest validation loss.
        """
        rng = np.random.default_rng(seed)
        more = self.remedy == "more data"
        rows = rng.permutation(len(self.images.x_pool))[: SETTINGS["n_train_more"]]
        rows = rows if more else rows[: SETTINGS["n_train"]]
        x_train, y_train = self.images.x_pool[rows], self.images.y_pool[rows]
        self.scale = Scaler(self.remedy, self.setting, x_train)
        judges = {
            "train": (self.scale(x_train), y_train),
            "validation": (self.scale(self.images.x_validation), self.images.y_validation),
        }
        self._restart(seed)

        n_epochs, n_steps = SETTINGS["epochs"], SETTINGS["steps_per_epoch"]
        order = batch_order(
            len(rows), batch_size=SETTINGS["batch_size"], n_steps=n_epochs * n_steps, rng=rng
        ).reshape(n_epochs, n_steps, -1)
        rates = rate * (1 - np.arange(n_epochs * n_steps) / (n_epochs * n_steps))
        x, _ = judges["train"]
        epochs = []
        for batches, epoch_rates in zip(order, rates.reshape(n_epochs, n_steps), strict=True):
            if self.augmentations:
                x = self.scale(augment(x_train, self.augmentations, rng))
            self.training.run(x, y_train, rates=epoch_rates, batches=batches)
            if self.remedy == "early stopping":
                epochs.append(self.judge(judges))
                losses = [epoch["validation_loss"] for epoch in epochs]
                if losses[-1] == min(losses):
                    best = self.model.get_weights()
        if epochs:
            self.model.set_weights(best)
        found = self.judge(judges)
        kernels = [v.numpy() for v in self.model.trainable_variables if v.name == "kernel"]
        found["weight_norm"] = np.sqrt(sum(np.sum(kernel**2) for kernel in kernels))
        if epochs:
            found["curves"] = {name: [e[name] for e in epochs] for name in epochs[0]}
        return found

    def test(self) -> dict[str, float]:
        """Return accuracy and loss on the test images."""
        return self.judge({"test": (self.scale(self.images.x_test), self.images.y_test)})

    def judge(self, judges: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
        """Return accuracy and mean cross entropy (nats), as the model predicts, not trains."""
        found = {}
        cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        for name, (x, y) in judges.items():
            logits = self.model(x, training=False)
            found[f"{name}_accuracy"] = float(np.mean(np.argmax(logits, axis=1) == y))
            found[f"{name}_loss"] = float(cross_entropy(y, logits))
        return found

    def _restart(self, seed: int) -> None:
        """Draw new initial weights and new masks of dropout, the same for every remedy."""
        rng = np.random.default_rng([seed, 1])
        weights = []
        for variable in self.model.weights:
            if variable.name == "kernel":  # Glorot's uniform, as Keras draws it
                limit = np.sqrt(6 / sum(variable.shape))
                weights.append(rng.uniform(-limit, limit, variable.shape))
            else:
                ones = variable.name in ("gamma", "moving_variance")
                weights.append(np.full(variable.shape, float(ones)))
        self.training.restart(weights)
        for number, layer in enumerate(self.model.layers):
            if isinstance(layer, keras.layers.Dropout):
                layer.seed_generator.state.assign([seed, number])


def tune(images: Images) -> tuple[dict, dict[str, dict]]:
    """Return the validation accuracies of everything that was tried, and the choice."""
    accuracies, chosen = {}, {}
    for remedy, settings in SETTINGS["remedies"].items():
        tried, rates = [], list(SETTINGS["rates"])
        began = time.perf_counter()
        trainers = [
            Trainer(remedy, setting, images, changes(remedy, setting, chosen))
            for setting in settings
        ]
        while rates:
            for trainer, rate in itertools.product(trainers, rates):
                runs = [trainer.train(seed, rate) for seed in SETTINGS["tuning_seeds"]]
                seen = {name: [run[name] for run in runs] for name in TUNING_RECORDS}
                tried.append({"setting": trainer.setting, "rate": rate} | seen)
            best = max(tried, key=lambda row: np.mean(row["validation_accuracy"]))
            beyond = SETTINGS["rates_beyond"].get(f"{best['rate']:g}")
            rates = [] if beyond in {row["rate"] for row in tried} | {None} else [beyond]
        accuracies[remedy] = tried
        chosen[remedy] = {"setting": best["setting"], "rate": best["rate"]}
        print(
            f"tuning {remedy}: {chosen[remedy]}, accuracy "
            f"{np.mean(best['validation_accuracy']):.4f} ({time.perf_counter() - began:.0f} s)",
            flush=True,
        )
    return accuracies, chosen


def changes(remedy: str, setting: Setting, chosen: dict[str, dict]) -> dict[str, Setting]:
    """Return the augmentations of a remedy with their settings; most have none."""
    if remedy == "all augmentations":
        return {name: chosen[name]["setting"] for name in AUGMENTATIONS}
    return {remedy: setting} if remedy in AUGMENTATIONS else {}


def compare(images: Images, chosen: dict[str, dict], seeds: list[int]) -> dict:
    """Return, for each remedy as chosen, what every seed reaches."""
    found = {}
    for remedy, choice in chosen.items():
        began = time.perf_counter()
        setting = choice["setting"]
        trainer = Trainer(remedy, setting, images, changes(remedy, setting, chosen))
        runs = [trainer.train(seed, choice["rate"]) | trainer.test() for seed in seeds]
        found[remedy] = {name: [run[name] for run in runs] for name in runs[0] if name != "curves"}
        if "curves" in runs[0]:
            curves = [run["curves"] for run in runs]
            found[remedy]["curves"] = {name: [c[name] for c in curves] for name in curves[0]}
        print(
            f"test {remedy}: training {np.mean(found[remedy]['train_accuracy']):.4f}, "
            f"test {np.mean(found[remedy]['test_accuracy']):.4f} "
            f"({time.perf_counter() - began:.0f} s)",
            flush=True,
        )
    return found


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20, help="number of seeds, from 0 (20)")
    seeds = list(range(parser.parse_args().seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])

    long_run = LongRun(__file__)
    (x, y), test_set = load_fashion_mnist()
    x_pool, x_validation, y_pool, y_validation = train_test_split(
        x,
        y,
        test_size=SETTINGS["n_validation"],
        stratify=y,
        random_state=SETTINGS["split_random_state"],
    )
    images = Images(x_pool, y_pool, x_validation, y_validation, *test_set)
    tried, chosen = tune(images)
    long_run.save(
        settings=SETTINGS,
        seeds=seeds,
        results={"tried": tried, "chosen": chosen, "remedies": compare(images, chosen, seeds)},
    )


if __name__ == "__main__":
    main()
