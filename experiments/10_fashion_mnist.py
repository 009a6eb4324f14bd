"""Train the lecture's Fashion-MNIST network often enough to say how well it does.

    python experiments/10_fashion_mnist.py --seeds 10

writes experiments/results/10_fashion_mnist.json. Three questions, in this order:

1. How many epochs? 55,000 rows train, 5,000 validate, and a rule fixed beforehand decides: the
   smallest mean validation loss over the seeds.
2. What do a network without a hidden layer and one without scaled pixels reach on the same rows?
3. How accurate is the network on the test set, after the lecture's 5 epochs and after the
   chosen number? Each trained network is evaluated there once.

Losses are computed from probabilities that are cut off at 1e-7, which hides a little of the worst
mistakes: about a hundredth of the loss after 20 epochs. Keras itself goes back to the scores behind
its softmax, see lab 10.

One thread, so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
import time
from collections.abc import Container, Sequence

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split

from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.results import LongRun

SETTINGS = {
    "hidden_units": 128,
    "optimizer": "adam",
    "batch_size": 32,
    "lecture_epochs": 5,
    "longest_epochs": 20,
    "validation_rows": 5_000,
    "split_random_state": 0,
    "threads": 1,
    "n_halvings": 200,
    "confidence_bins": 10,
}
LECTURE_EPOCHS = SETTINGS["lecture_epochs"]
N_CLASSES = 10


def build_model(*, scaled: bool = True, hidden: bool = True) -> keras.Model:
    """Return the lecture's network, or one of two poorer ones, ready to train."""
    layers = [keras.Input((28, 28))]
    if scaled:
        layers.append(keras.layers.Rescaling(1 / 255))
    layers.append(keras.layers.Flatten())
    if hidden:
        layers.append(keras.layers.Dense(SETTINGS["hidden_units"], activation="relu"))
    layers.append(keras.layers.Dense(N_CLASSES, activation="softmax"))
    model = keras.Sequential(layers)
    model.compile(
        optimizer=SETTINGS["optimizer"],
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=125,  # 125 updates a call instead of one: faster, the same numbers
    )
    return model


class PredictAfterEpochs(keras.callbacks.Callback):
    """Keep the class probabilities that a network gives to some images after some epochs."""

    def __init__(self, epochs: Container[int], images: dict[str, np.ndarray]):
        super().__init__()
        self.epochs = epochs
        self.images = images
        self.probabilities = {name: [] for name in images}

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Predict, with the weights as they are now; Keras counts epochs from 0."""
        if epoch + 1 in self.epochs:
            for name, images in self.images.items():
                probabilities = self.model.predict(images, batch_size=1_000, verbose=0)
                self.probabilities[name].append(probabilities)


def train(
    seed: int,
    rows: tuple[np.ndarray, np.ndarray],
    *,
    epochs: Sequence[int],
    images: dict[str, np.ndarray],
    build: dict[str, bool] | None = None,
) -> dict[str, np.ndarray]:
    """Train one network; return its probabilities, shape (len(epochs), images, 10)."""
    keras.utils.clear_session()  # drop the network before this one
    keras.utils.set_random_seed(seed)
    model = build_model(**(build or {}))
    watch = PredictAfterEpochs(epochs, images)
    model.fit(
        *rows, epochs=max(epochs), batch_size=SETTINGS["batch_size"], callbacks=[watch], verbose=0
    )
    return {name: np.stack(values) for name, values in watch.probabilities.items()}


def accuracy_and_loss(probabilities: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return accuracy and mean cross-entropy (nats) per epoch."""
    of_the_label = probabilities[:, np.arange(len(y)), y]
    loss = -np.log(np.maximum(of_the_label, keras.config.epsilon()), dtype=np.float64)
    return (probabilities.argmax(-1) == y).mean(-1), loss.mean(-1)


def calibration(probabilities: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """Return, per bin of the largest probability: images, their mean of it, how many are right."""
    confidence = probabilities.max(-1).astype(np.float64)
    right = probabilities.argmax(-1) == y
    n_bins = SETTINGS["confidence_bins"]
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    counts = np.bincount(bins, minlength=n_bins)
    return {
        "images": counts,
        "confidence_sum": np.bincount(bins, confidence, n_bins),
        "right": np.bincount(bins, right, n_bins).astype(int),
    }


def optimism_of_the_best_epoch(right: np.ndarray, rng: np.random.Generator) -> float:
    """Return by how much the best of all epochs flatters itself on the images that chose it.

    Half of the images choose the epoch, and the accuracy of that epoch there is compared with
    the one on the other half; both halves choose in turn, so that their difficulty cancels.

    `right`: bool, shape (epochs, images).
    """
    gaps = []
    for _ in range(SETTINGS["n_halvings"]):
        order = rng.permutation(right.shape[1])
        halves = np.stack([right[:, part].mean(1) for part in np.array_split(order, 2)])
        for choosing, other in (halves, halves[::-1]):
            best = choosing.argmax()
            gaps.append(choosing[best] - other[best])
    return float(np.mean(gaps))


def choose_epochs(x: np.ndarray, y: np.ndarray, seeds: list[int]) -> dict:
    """Train with a validation set and return the curves, the choice and what it rests on."""
    x_fit, x_validation, y_fit, y_validation = split(x, y)
    seen = slice(0, SETTINGS["validation_rows"])  # as many training rows as validation rows
    runs, validation = [], []
    for seed in seeds:
        began = time.perf_counter()
        given = train(
            seed,
            (x_fit, y_fit),
            epochs=range(1, SETTINGS["longest_epochs"] + 1),
            images={"training": x_fit[seen], "validation": x_validation},
        )
        runs.append(
            accuracy_and_loss(given["training"], y_fit[seen])
            + accuracy_and_loss(given["validation"], y_validation)
        )
        validation.append(given["validation"])
        report("validation", seed, began, f"accuracy {runs[-1][2].max():.4f} at best")
    names = ("training_accuracy", "training_loss", "validation_accuracy", "validation_loss")
    curves = {name: np.stack([run[i] for run in runs]) for i, name in enumerate(names)}
    chosen = int(curves["validation_loss"].mean(0).argmin()) + 1
    rng = np.random.default_rng(0)
    return {
        "curves": curves,
        "chosen_epochs": chosen,
        "confusion": [confusion_matrix(y_validation, p[chosen - 1].argmax(-1)) for p in validation],
        "calibration": {
            str(epochs): by_seed([calibration(p[epochs - 1], y_validation) for p in validation])
            for epochs in sorted({LECTURE_EPOCHS, chosen, SETTINGS["longest_epochs"]})
        },
        "optimism_of_the_best_epoch": [
            optimism_of_the_best_epoch(p.argmax(-1) == y_validation, rng) for p in validation
        ],
    }


def compare_models(x: np.ndarray, y: np.ndarray, seeds: list[int]) -> dict:
    """Return the validation accuracy of two poorer networks after the lecture's epochs."""
    x_fit, x_validation, y_fit, y_validation = split(x, y)
    accuracies = {"no_hidden_layer": [], "pixels_not_scaled": []}
    for name, build in zip(accuracies, ({"hidden": False}, {"scaled": False}), strict=True):
        for seed in seeds:
            began = time.perf_counter()
            images = {"validation": x_validation}
            given = train(seed, (x_fit, y_fit), epochs=[LECTURE_EPOCHS], images=images, build=build)
            accuracy, _ = accuracy_and_loss(given["validation"], y_validation)
            accuracies[name].append(accuracy[-1])
            report(name, seed, began, f"validation accuracy {accuracy[-1]:.4f}")
    return accuracies


def evaluate_on_test(
    train_set: tuple, test_set: tuple, seeds: list[int], chosen_epochs: int
) -> dict:
    """Train on all rows; return what the test set says after 5 and after the chosen epochs."""
    x_test, y_test = test_set
    budgets = {"lecture_epochs": LECTURE_EPOCHS, "chosen_epochs": chosen_epochs}
    names = ("accuracy", "loss", "probability_first_image_is_9")
    found = {budget: {name: [] for name in names} for budget in budgets}
    epochs = sorted(set(budgets.values()))
    for seed in seeds:
        began = time.perf_counter()
        given = train(seed, train_set, epochs=epochs, images={"test": x_test})["test"]
        accuracy, loss = accuracy_and_loss(given, y_test)
        for budget, wanted in budgets.items():
            i = epochs.index(wanted)
            values = (accuracy[i], loss[i], given[i, 0, 9])
            for name, value in zip(names, values, strict=True):
                found[budget][name].append(value)
        report("test", seed, began, f"accuracy {accuracy.round(4)}")
    return found


def split(x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Return the fixed, stratified split: x_fit, x_validation, y_fit, y_validation."""
    return train_test_split(
        x,
        y,
        test_size=SETTINGS["validation_rows"],
        stratify=y,
        random_state=SETTINGS["split_random_state"],
    )


def by_seed(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return each quantity with one row a seed."""
    return {name: np.stack([part[name] for part in parts]) for name in parts[0]}


def report(what: str, seed: int, began: float, found: str) -> None:
    """Print one line of progress."""
    print(f"{what}, seed {seed}: {found} ({time.perf_counter() - began:.0f} s)", flush=True)


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds, from 0 (10)")
    seeds = list(range(parser.parse_args().seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])

    long_run = LongRun(__file__)
    train_set, test_set = load_fashion_mnist()
    validation = choose_epochs(*train_set, seeds)
    models = compare_models(*train_set, seeds)
    test = evaluate_on_test(train_set, test_set, seeds, validation["chosen_epochs"])
    long_run.save(
        settings=SETTINGS,
        seeds=seeds,
        results={"validation": validation, "other_models": models, "test": test},
    )


if __name__ == "__main__":
    main()
