"""Climb a ladder of models on CIFAR-100, each rung often enough to say how well it does.

    python experiments/12_cifar100.py --seeds 5

writes experiments/results/12_cifar100.json. Three questions, in this order:

1. Which learning rate suits each kind of network? One run a rate on 45,000 rows, and the highest
   accuracy on the 5,000 validation rows decides.
2. What does each rung reach after the same 3 epochs, and what if it learns the 20 coarse classes?
3. What do 8 epochs change, for the dense network and for the CNN with and without augmentation?

Each network is evaluated on the test set once, when its training is over. A stopped script goes
on where it was.

One thread, so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
from functools import partial

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf
from sklearn.metrics import confusion_matrix

from lecture_utils.datasets import CIFAR100_FINE_TO_COARSE, load_cifar100
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
    "short_epochs": 3,
    "long_epochs": 8,
    "hidden_units": 256,
    "filters": [16, 48, 96],
    "crop_padding": 4,
    "candidate_rates": [0.0003, 0.001, 0.003, 0.009, 0.027],
    "choice_seed": 100,
    "threads": 1,
}
FINE_TO_COARSE = np.array(CIFAR100_FINE_TO_COARSE)
#: What the rungs share their rate with: augmentation does not choose its own.
KINDS = {
    "linear": "linear",
    "dense": "dense",
    "cnn": "cnn",
    "cnn_augmented": "cnn",
    "cnn_normalized": "cnn_normalized",
    "cnn_both": "cnn_normalized",
}
LONG = ("dense", "cnn_normalized", "cnn_both")


class Cifar:
    """The pictures, split, and the runs on them."""

    def __init__(self, run: LongRun) -> None:
        (self.x, fine), (self.x_test, fine_test) = load_cifar100()
        self.y = {"fine": fine[:, 0], "coarse": FINE_TO_COARSE[fine[:, 0]]}
        self.y_test = {"fine": fine_test[:, 0], "coarse": FINE_TO_COARSE[fine_test[:, 0]]}
        self.fit_rows, self.validation_rows = fit_and_validation_rows(
            self.y["fine"], settings=SETTINGS
        )
        self.run = run

    def train(
        self, rung: str, *, seed: int, peak: float, epochs: int, labels: str, test: bool
    ) -> dict:
        """Return what one run found, from its file if it is there."""
        name = f"{rung}-{labels}-{epochs}-{peak:g}-{seed}-{test}"
        train = partial(self._train, rung, seed, peak, epochs, labels, test)
        return self.run.part(name, train)

    def _train(
        self, rung: str, seed: int, peak: float, epochs: int, labels: str, test: bool
    ) -> dict:
        keras.utils.clear_session()  # drop the network before this one
        keras.utils.set_random_seed(seed)
        y = self.y[labels]
        model = build_network(rung, n_classes=int(y.max()) + 1, settings=SETTINGS)
        parts = {"training": self.fit_rows[: SETTINGS["seen_rows"]]}
        parts["validation"] = self.validation_rows
        curves = {f"{part}_{of}": [] for part in parts for of in ("accuracy", "loss")}
        epochs_done = train_by_epoch(
            model,
            self.x,
            y,
            self.fit_rows,
            seed=seed,
            peak=peak,
            epochs=epochs,
            augmented=rung in AUGMENTED,
            settings=SETTINGS,
        )
        for _ in epochs_done:
            for part, rows in parts.items():
                logits = model.predict(self.x[rows], batch_size=1_000, verbose=0)
                accuracy, loss = accuracy_and_loss(logits, y[rows])
                curves[f"{part}_accuracy"].append(accuracy)
                curves[f"{part}_loss"].append(loss)
        found = {"curves": curves, "parameters": model.count_params()}
        if labels == "fine":
            found["validation_predictions"] = logits.argmax(axis=1).tolist()
        if test:
            found["test"] = self._evaluate(model, labels)
        line = f"{rung}, {labels}, {epochs} epochs, peak {peak:g}, seed {seed}: validation"
        accuracy = curves["validation_accuracy"][-1]
        print(f"{line} {accuracy:.4f}", flush=True)
        return found

    def _evaluate(self, model: keras.Model, labels: str) -> dict[str, float]:
        """Return what the test set says; call it once a run, at its end."""
        y = self.y_test[labels]
        logits = model.predict(self.x_test, batch_size=1_000, verbose=0)
        accuracy, loss = accuracy_and_loss(logits, y)
        found = {"accuracy": accuracy, "loss": loss, "top_5": top_5(logits, y)}
        if labels == "fine":
            coarse = self.y_test["coarse"]
            found["coarse_of_best"] = (FINE_TO_COARSE[logits.argmax(axis=1)] == coarse).mean()
            p = np.exp(logits - logits.max(axis=1, keepdims=True))
            sums = np.stack([p[:, k == FINE_TO_COARSE].sum(axis=1) for k in range(20)], axis=1)
            found["coarse_of_sums"] = (sums.argmax(axis=1) == coarse).mean()
        return {name: float(value) for name, value in found.items()}


def choose_rates(cifar: Cifar) -> dict:
    """Return the validation accuracy of every rate and kind of network, and the best rate."""
    choices = {}
    rates, seed = SETTINGS["candidate_rates"], SETTINGS["choice_seed"]
    run = partial(
        cifar.train, seed=seed, epochs=SETTINGS["short_epochs"], labels="fine", test=False
    )
    for kind in dict.fromkeys(KINDS.values()):
        runs = [run(kind, peak=rate) for rate in rates]
        accuracies = [run["curves"]["validation_accuracy"][-1] for run in runs]
        choices[kind] = {
            "accuracies": accuracies,
            "rate": rates[int(np.argmax(accuracies))],
        }
    return choices


def collect(cifar: Cifar, runs: list[dict]) -> dict:
    """Return what the runs of all seeds found, quantity by quantity."""
    found = {
        "parameters": runs[0]["parameters"],
        "curves": {name: [run["curves"][name] for run in runs] for name in runs[0]["curves"]},
        "test": {name: [run["test"][name] for run in runs] for name in runs[0]["test"]},
    }
    if "validation_predictions" in runs[0]:
        y = cifar.y["fine"][cifar.validation_rows]
        predicted = np.array([run["validation_predictions"] for run in runs])
        same = FINE_TO_COARSE[predicted] == FINE_TO_COARSE[y]
        wrong = predicted != y
        found["errors_within_superclass"] = (same & wrong).sum(axis=1) / wrong.sum(axis=1)
    return found


def confusions(cifar: Cifar, runs: list[dict]) -> np.ndarray:
    """Return how often each class was taken for each, over all seeds, on the validation rows."""
    y = cifar.y["fine"][cifar.validation_rows]
    matrices = [confusion_matrix(y, run["validation_predictions"]) for run in runs]
    return np.sum(matrices, axis=0)


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 0 (5)")
    seeds = list(range(parser.parse_args().seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])

    long_run = LongRun(__file__)
    cifar = Cifar(long_run)
    choices = choose_rates(cifar)
    rates = {rung: choices[kind]["rate"] for rung, kind in KINDS.items()}

    def repeat(rung: str, epochs: int, labels: str = "fine") -> list[dict]:
        train = partial(
            cifar.train, rung, peak=rates[rung], epochs=epochs, labels=labels, test=True
        )
        return [train(seed=seed) for seed in seeds]

    short = {rung: collect(cifar, repeat(rung, SETTINGS["short_epochs"])) for rung in KINDS}
    coarse = collect(cifar, repeat("cnn_normalized", SETTINGS["short_epochs"], "coarse"))
    long_runs = {rung: repeat(rung, SETTINGS["long_epochs"]) for rung in LONG}
    long = {rung: collect(cifar, found) for rung, found in long_runs.items()}
    results = {
        "rates": choices,
        "short": short,
        "coarse": coarse,
        "long": long,
        "confusion": confusions(cifar, long_runs["cnn_both"]),
    }
    long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    main()
