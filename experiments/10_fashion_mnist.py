"""Train the lecture's Fashion-MNIST network often enough to say how well it does.

    python experiments/10_fashion_mnist.py --seeds 10

writes experiments/results/10_fashion_mnist.json. Four questions, in this order:

1. How many epochs? 55,000 rows train, 5,000 validate, and a rule fixed beforehand decides: the
   smallest mean validation loss over the seeds.
2. What do a network without a hidden layer and one without scaled pixels reach on the same rows?
3. How accurate is the network on the test set, after the lecture's 5 epochs and after the
   chosen number? Each trained network is evaluated there once.
4. What does the same network reach with a rate that falls in a straight line to 0? Its first rate
   is chosen on the validation rows, by the mean accuracy of seeds of their own; the smallest one
   within a standard error of the best.

The networks give scores, and losses are computed from these: the logarithm of a probability that
was rounded to 0 would be infinite, and one that is cut off from below hides the worst mistakes.

One thread, so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
from collections.abc import Collection, Mapping, Sequence
from functools import cache, partial

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf
from scipy.special import logsumexp
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split

from lecture_utils.batches import batch_order
from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.datasets.fashion_mnist import FASHION_MNIST_CLASSES
from lecture_utils.results import LongRun
from lecture_utils.training import CompiledTraining

SETTINGS = {
    "hidden_units": 128,
    "optimizer": "adam",
    "rate": 0.001,
    "batch_size": 32,
    "lecture_epochs": 5,
    "longest_epochs": 20,
    "validation_rows": 5_000,
    "split_random_state": 0,
    "threads": 1,
    "n_halvings": 200,
    "confidence_bins": 10,
    "temperatures": [round(0.8 + 0.05 * k, 2) for k in range(45)],
    "falling": {
        "batch_size": 128,
        "epochs": 20,
        "rates": [0.001, 0.002, 0.004],
        "tuning_seeds": [1000, 1001, 1002],
    },
}
N_CLASSES = len(FASHION_MNIST_CLASSES)


def build_model(*, scaled: bool = True, hidden: bool = True) -> keras.Model:
    """Return the lecture's network, or one of two poorer ones, ready to train; it gives scores."""
    layers = [keras.Input((28, 28), dtype="uint8")]
    layers.append(keras.layers.Rescaling(1 / 255 if scaled else 1))
    layers.append(keras.layers.Flatten())
    if hidden:
        layers.append(keras.layers.Dense(SETTINGS["hidden_units"], activation="relu"))
    layers.append(keras.layers.Dense(N_CLASSES))
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=SETTINGS["optimizer"], loss=loss)
    return model


@cache
def compiled(*, scaled: bool = True, hidden: bool = True) -> CompiledTraining:
    """Return the training of one kind of network: it compiles once for all seeds."""
    return CompiledTraining(build_model(scaled=scaled, hidden=hidden))


def train(
    seed: int,
    rows: tuple[np.ndarray, np.ndarray],
    *,
    epochs: Collection[int],
    images: Mapping[str, np.ndarray],
    kind: Mapping[str, bool] | None = None,
    rates: np.ndarray | None = None,
    batch_size: int = SETTINGS["batch_size"],
) -> dict[str, np.ndarray]:
    """Train one network; return its scores, shape (len(epochs), images, 10).

    `rates`: one for each update; without it the same for all.
    """
    training = compiled(**(kind or {}))  # it may draw weights of its own: before the seed
    keras.utils.set_random_seed(seed)
    training.restart(build_model(**(kind or {})).get_weights())
    n_steps = len(rows[0]) // batch_size
    order = batch_order(
        len(rows[0]),
        batch_size=batch_size,
        n_steps=max(epochs) * n_steps,
        rng=np.random.default_rng(seed),
    )
    rates = np.full(len(order), SETTINGS["rate"]) if rates is None else rates
    scores = {name: [] for name in images}
    for epoch in range(max(epochs)):
        steps = slice(epoch * n_steps, (epoch + 1) * n_steps)
        training.run(*rows, rates=rates[steps], batches=order[steps])
        if epoch + 1 in epochs:
            for name, pictures in images.items():
                scores[name].append(training.model.predict(pictures, batch_size=1_000, verbose=0))
    return {name: np.stack(values).astype(np.float64) for name, values in scores.items()}


def log_shares(scores: np.ndarray) -> np.ndarray:
    """Return the logarithms of the softmax of scores, without a detour over the softmax."""
    return scores - logsumexp(scores, axis=-1, keepdims=True)


def accuracy_and_loss(scores: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return accuracy and mean cross-entropy (nats) of scores, shape (..., images, 10)."""
    losses = -log_shares(scores)[..., np.arange(len(y)), y]
    return (scores.argmax(-1) == y).mean(-1), losses.mean(-1)


def calibration(scores: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """Return, per bin of the largest share: images, their sum of it, how many are right."""
    confidence = np.exp(log_shares(scores).max(-1))
    right = scores.argmax(-1) == y
    n_bins = SETTINGS["confidence_bins"]
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    return {
        "images": np.bincount(bins, minlength=n_bins),
        "confidence_sum": np.bincount(bins, confidence, n_bins),
        "right": np.bincount(bins, right, n_bins).astype(int),
    }


def calibration_gap(scores: np.ndarray, y: np.ndarray) -> float:
    """Return the mean distance of confidence and share of right answers, over the bins."""
    bins = calibration(scores, y)
    return float(np.abs(bins["confidence_sum"] - bins["right"]).sum() / len(y))


def cooled(scores: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Divide the scores by one number, the temperature that suits one half of the images best.

    Returns the means over both halves, each judged with the temperature of the other one.
    """
    halves = [slice(None, None, 2), slice(1, None, 2)]
    found = {"temperature": [], "gap_before": [], "gap_after": [], "loss_after": []}
    for fit, judge in (halves, halves[::-1]):
        losses = [accuracy_and_loss(scores[fit] / t, y[fit])[1] for t in SETTINGS["temperatures"]]
        temperature = SETTINGS["temperatures"][int(np.argmin(losses))]
        found["temperature"].append(temperature)
        found["gap_before"].append(calibration_gap(scores[judge], y[judge]))
        found["gap_after"].append(calibration_gap(scores[judge] / temperature, y[judge]))
        found["loss_after"].append(accuracy_and_loss(scores[judge] / temperature, y[judge])[1])
    return {name: float(np.mean(values)) for name, values in found.items()}


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


@cache
def split() -> list[np.ndarray]:
    """Return the fixed, stratified split: x_fit, x_validation, y_fit, y_validation."""
    x, y = load_fashion_mnist()[0]
    return train_test_split(
        x,
        y,
        test_size=SETTINGS["validation_rows"],
        stratify=y,
        random_state=SETTINGS["split_random_state"],
    )


def run_with_validation(seed: int) -> dict:
    """Train for the longest time; return what each epoch's network does."""
    x_fit, x_validation, y_fit, y_validation = split()
    seen = slice(0, SETTINGS["validation_rows"])  # as many training rows as validation rows
    epochs = range(1, SETTINGS["longest_epochs"] + 1)
    images = {"training": x_fit[seen], "validation": x_validation}
    scores = train(seed, (x_fit, y_fit), epochs=epochs, images=images)
    on_validation = scores["validation"]
    names = ("training_accuracy", "training_loss", "validation_accuracy", "validation_loss")
    curves = (
        *accuracy_and_loss(scores["training"], y_fit[seen]),
        *accuracy_and_loss(on_validation, y_validation),
    )
    return {
        "curves": dict(zip(names, curves, strict=True)),
        "confusion": [confusion_matrix(y_validation, s.argmax(-1)) for s in on_validation],
        "calibration": [calibration(s, y_validation) for s in on_validation],
        "cooled": cooled(on_validation[-1], y_validation),
        "optimism": optimism_of_the_best_epoch(
            on_validation.argmax(-1) == y_validation, np.random.default_rng(seed)
        ),
    }


def accuracy_of_kind(kind: Mapping[str, bool], seed: int) -> float:
    """Return the validation accuracy of a poorer network after the lecture's epochs."""
    x_fit, x_validation, y_fit, y_validation = split()
    images = {"validation": x_validation}
    epochs = [SETTINGS["lecture_epochs"]]
    scores = train(seed, (x_fit, y_fit), epochs=epochs, images=images, kind=kind)
    return float(accuracy_and_loss(scores["validation"], y_validation)[0][-1])


def falling_run(rate: float, seed: int, *, test: bool) -> dict[str, float]:
    """Train with a rate that falls to 0; return accuracy and loss on validation or test rows."""
    if test:
        (x, y), (x_judge, y_judge) = load_fashion_mnist()
    else:
        x, x_judge, y, y_judge = split()
    batch_size, epochs = (SETTINGS["falling"][name] for name in ("batch_size", "epochs"))
    n_steps = epochs * (len(x) // batch_size)
    scores = train(
        seed,
        (x, y),
        epochs=[epochs],
        images={"judge": x_judge},
        rates=rate * (1 - np.arange(n_steps) / n_steps),
        batch_size=batch_size,
    )
    accuracy, loss = accuracy_and_loss(scores["judge"], y_judge)
    return {"accuracy": float(accuracy[-1]), "loss": float(loss[-1])}


def run_on_test(seed: int, chosen_epochs: int) -> dict:
    """Train on all rows; return what the test set says after 5 and after the chosen epochs."""
    rows, (x_test, y_test) = load_fashion_mnist()
    budgets = {"lecture_epochs": SETTINGS["lecture_epochs"], "chosen_epochs": chosen_epochs}
    epochs = sorted(set(budgets.values()))
    scores = train(seed, rows, epochs=epochs, images={"test": x_test})
    accuracy, loss = accuracy_and_loss(scores["test"], y_test)
    first = np.exp(log_shares(scores["test"][:, 0, :]))[:, 9]
    return {
        budget: {
            "accuracy": accuracy[epochs.index(wanted)],
            "loss": loss[epochs.index(wanted)],
            "probability_first_image_is_9": first[epochs.index(wanted)],
        }
        for budget, wanted in budgets.items()
    }


def choose_rate(long_run: LongRun) -> tuple[float, dict]:
    """Return the chosen first rate of the falling schedule and the accuracies behind it."""
    falling = SETTINGS["falling"]
    found = {
        str(rate): [
            long_run.part(f"falling-{rate}-{seed}", partial(falling_run, rate, seed, test=False))[
                "accuracy"
            ]
            for seed in falling["tuning_seeds"]
        ]
        for rate in falling["rates"]
    }
    means = {rate: np.mean(values) for rate, values in found.items()}
    best = max(means, key=means.__getitem__)
    error = np.std(found[best], ddof=1) / np.sqrt(len(found[best])) if len(found[best]) > 1 else 0
    chosen = min(float(rate) for rate, mean in means.items() if mean >= means[best] - error)
    return chosen, found


def by_seed(parts: Sequence[Mapping]) -> dict:
    """Return each quantity with one row a seed."""
    return {name: [part[name] for part in parts] for name in parts[0]}


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds, from 0 (10)")
    seeds = list(range(parser.parse_args().seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])

    long_run = LongRun(__file__)
    runs = [
        long_run.part(f"validation-{seed}", partial(run_with_validation, seed)) for seed in seeds
    ]
    curves = by_seed([run["curves"] for run in runs])
    chosen = int(np.mean(curves["validation_loss"], axis=0).argmin()) + 1
    shown_epochs = sorted({SETTINGS["lecture_epochs"], chosen, SETTINGS["longest_epochs"]})
    validation = {
        "curves": curves,
        "chosen_epochs": chosen,
        "confusion": [run["confusion"][chosen - 1] for run in runs],
        "calibration": {
            str(epochs): by_seed([run["calibration"][epochs - 1] for run in runs])
            for epochs in shown_epochs
        },
        "cooled": by_seed([run["cooled"] for run in runs]),
        "optimism_of_the_best_epoch": [run["optimism"] for run in runs],
    }
    kinds = {"no_hidden_layer": {"hidden": False}, "pixels_not_scaled": {"scaled": False}}
    models = {
        name: [
            long_run.part(f"{name}-{seed}", partial(accuracy_of_kind, kind, seed)) for seed in seeds
        ]
        for name, kind in kinds.items()
    }
    tests = [long_run.part(f"test-{seed}", partial(run_on_test, seed, chosen)) for seed in seeds]
    rate, tuning = choose_rate(long_run)
    falling = [
        long_run.part(f"falling-test-{seed}", partial(falling_run, rate, seed, test=True))
        for seed in seeds
    ]
    budgets = ("lecture_epochs", "chosen_epochs")
    test = {budget: by_seed([found[budget] for found in tests]) for budget in budgets}
    test["falling_rate"] = by_seed(falling)
    long_run.save(
        settings=SETTINGS,
        seeds=seeds,
        results={
            "validation": validation,
            "other_models": models,
            "falling_rate": {"validation_accuracy": tuning, "chosen": rate},
            "test": test,
        },
    )


if __name__ == "__main__":
    main()
