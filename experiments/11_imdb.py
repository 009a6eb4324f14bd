"""Train the lecture's network for film reviews often enough to say how well it does.

    python experiments/11_imdb.py --seeds 10

writes experiments/results/11_imdb.json. The first 10,000 training reviews validate, the other
15,000 train, as in the original lab. Every variant of the network trains for the lecture's 40
epochs, and the weights that early stopping would keep are kept beside the last ones. A linear
model reads the same words. Each trained model sees the test reviews once.

Training is exact but does not look words up: see `lecture_utils.studies.word_average`. One thread,
so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
from collections.abc import Sequence

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from lecture_utils.datasets import load_imdb
from lecture_utils.results import LongRun
from lecture_utils.studies.word_average import cross_entropy, scores, train
from lecture_utils.studies.word_counts import count_words

SETTINGS = {
    "n_words": 10_000,
    "n_dimensions": 16,
    "hidden_units": 16,
    "longest": 256,
    "epochs": 40,
    "patience": 3,
    "validation_rows": 10_000,
    "threads": 1,
    # Inverse strengths of the linear model's L2 penalty; the validation accuracy chooses.
    "linear_strengths": [0.3, 1.0, 3.0, 10.0],
    "frequent_words": 2_000,
    # What differs from the lecture's network, which reads the last 256 words of a review,
    # averages over the padding too, and trains (in the original lab) in batches of 512.
    "variants": {
        "lecture": {},
        "batches_of_32": {"batch_size": 32},
        "masked": {"padding": False},
        "first_words": {"words": "first"},
        "first_words_masked": {"words": "first", "padding": False},
        "whole_reviews": {"words": "whole", "padding": False},
        "adam_by_the_paper": {"sum_repeats": True},
    },
}
LECTURE = {"words": "last", "padding": True, "batch_size": 512, "sum_repeats": False}
PADDING = 0


def read(words: str, reviews: Sequence[Sequence[int]]) -> Sequence[Sequence[int]]:
    """Return the part of each review that is read, padded if it is a part."""
    if words == "whole":
        return reviews
    truncating = {"first": "post", "last": "pre"}[words]
    return keras.utils.pad_sequences(
        reviews, maxlen=SETTINGS["longest"], padding="post", truncating=truncating, value=PADDING
    )


class Reviews:
    """Counts of the words that are read, made when they are first asked for."""

    def __init__(self, reviews: dict[str, Sequence[Sequence[int]]]):
        self.reviews = reviews
        self.counts = {}

    def __call__(self, split: str, words: str, padding: bool) -> csr_array:
        """Return the counts of one split, with or without the padding among them."""
        key = split, words, padding
        if key not in self.counts:
            self.counts[key] = count_words(
                read(words, self.reviews[split]),
                SETTINGS["n_words"],
                leave_out=[] if padding else [PADDING],
            )
        return self.counts[key]


def first_weights(seed: int) -> list[np.ndarray]:
    """Return the weights that Keras gives to the lecture's network before its training."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((SETTINGS["longest"],), dtype="int32"),
            keras.layers.Embedding(SETTINGS["n_words"], SETTINGS["n_dimensions"]),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(SETTINGS["hidden_units"], activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    weights = model.get_weights()
    keras.utils.clear_session()
    return weights


def loss_and_accuracy(
    weights: list[np.ndarray], counts: csr_array, y: np.ndarray
) -> tuple[float, float]:
    """Return the mean cross-entropy (nats) and the share of right answers."""
    logits = scores(weights, counts)
    return cross_entropy(logits, y), float(np.mean((logits > 0) == y))


def train_variant(seed: int, variant: dict, reviews: Reviews, y: dict[str, np.ndarray]) -> dict:
    """Train one network for all epochs; return its curves, where it stops, and its weights."""
    counts = {split: reviews(split, variant["words"], variant["padding"]) for split in y}
    curves = {f"{part}_{what}": [] for part in ("training", "validation")
              for what in ("loss", "accuracy")}  # fmt: skip
    best_loss, best_epoch, kept, stopped = np.inf, 0, None, False
    runs = train(
        first_weights(seed),
        counts["training"],
        y["training"],
        n_epochs=SETTINGS["epochs"],
        batch_size=variant["batch_size"],
        rng=np.random.default_rng(seed),
        sum_repeats=variant["sum_repeats"],
    )
    for epoch, weights in enumerate(runs, 1):
        for part in ("training", "validation"):
            loss, accuracy = loss_and_accuracy(weights, counts[part], y[part])
            curves[f"{part}_loss"].append(loss)
            curves[f"{part}_accuracy"].append(accuracy)
        if loss < best_loss and not stopped:  # of the validation part, which comes last
            best_loss, best_epoch, kept = loss, epoch, weights
        stopped = stopped or epoch - best_epoch >= SETTINGS["patience"]
    return {"curves": curves, "stopped_epoch": best_epoch, "kept": kept, "last": weights}


def linear_models(reviews: Reviews, y: dict[str, np.ndarray]) -> dict[str, dict]:
    """Fit a linear model on each choice of words; validation accuracy chooses its penalty."""
    fitted = {}
    for words in ("last", "first", "whole"):
        counts = {split: reviews(split, words, False) for split in y}
        weighting = TfidfTransformer(sublinear_tf=True).fit(counts["training"])
        x = {split: weighting.transform(counts[split]) for split in y}
        losses, accuracies, models = [], [], []
        for strength in SETTINGS["linear_strengths"]:
            model = LogisticRegression(C=strength, max_iter=1_000).fit(x["training"], y["training"])
            logits = model.decision_function(x["validation"])
            losses.append(cross_entropy(logits, y["validation"]))
            accuracies.append(model.score(x["validation"], y["validation"]))
            models.append(model)
        best = int(np.argmax(accuracies))
        fitted[words] = {
            "validation_losses": losses,
            "validation_accuracies": accuracies,
            "chosen_strength": SETTINGS["linear_strengths"][best],
            "test_accuracy": models[best].score(x["test"], y["test"]),
            "right": models[best].predict(x["test"]) == y["test"],
            "coefficients": models[best].coef_[0],
        }
    return fitted


def word_effects(weights: list[np.ndarray], counts: csr_array) -> np.ndarray:
    """Return how much a word's vector moves the score of the average review, per unit of share."""
    vectors, kernel_1, bias_1, kernel_2, _ = weights
    shares = counts.sum(axis=0) / counts.sum()
    active = shares @ vectors @ kernel_1 + bias_1 > 0
    return vectors @ kernel_1[:, active] @ kernel_2[active, 0]


def what_was_learned(weights: list[np.ndarray], counts: csr_array, linear: dict) -> dict:
    """Return how alike the network and the linear model see the frequent words."""
    frequent = slice(4, SETTINGS["frequent_words"] + 4)  # after the reserved numbers
    vectors = weights[0][frequent] - weights[0][frequent].mean(axis=0)
    variances = np.linalg.svd(vectors, compute_uv=False) ** 2
    effects = word_effects(weights, counts)[frequent]
    return {
        "first_component": variances[0] / variances.sum(),
        "correlation_with_linear": np.corrcoef(effects, linear["coefficients"][frequent])[0, 1],
    }


def evaluate(variant: dict, run: dict, reviews: Reviews, y: np.ndarray, linear: dict) -> dict:
    """Return what the test reviews say about the kept and about the last weights."""
    counts = reviews("test", variant["words"], variant["padding"])
    right = (scores(run["kept"], counts) > 0) == y
    kept, last = (loss_and_accuracy(run[which], counts, y) for which in ("kept", "last"))
    return {
        "stopped_test_loss": kept[0],
        "stopped_test_accuracy": kept[1],
        "last_test_loss": last[0],
        "last_test_accuracy": last[1],
        "only_network_right": np.mean(right & ~linear["right"]),
        "only_linear_right": np.mean(~right & linear["right"]),
    }


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds, from 0 (10)")
    seeds = list(range(parser.parse_args().seeds))

    long_run = LongRun(__file__)
    (x_train, y_train), (x_test, y_test) = load_imdb(num_words=SETTINGS["n_words"])
    n = SETTINGS["validation_rows"]
    reviews = Reviews({"training": x_train[n:], "validation": x_train[:n], "test": x_test})
    y = {"training": y_train[n:], "validation": y_train[:n], "test": y_test}

    linear = linear_models(reviews, y)
    networks = {}
    for name, change in SETTINGS["variants"].items():
        variant = LECTURE | change
        of_seeds = []
        for seed in seeds:
            run = train_variant(seed, variant, reviews, y)
            found = {**run["curves"], "stopped_epoch": run["stopped_epoch"]}
            found |= evaluate(variant, run, reviews, y["test"], linear[variant["words"]])
            training = reviews("training", variant["words"], variant["padding"])
            found |= what_was_learned(run["kept"], training, linear[variant["words"]])
            of_seeds.append(found)
            print(f"{name}, seed {seed}: stopped at {run['stopped_epoch']}", flush=True)
        networks[name] = {key: [found[key] for found in of_seeds] for key in of_seeds[0]}
    for model in linear.values():
        del model["right"], model["coefficients"]
    long_run.save(
        settings={**SETTINGS, "lecture": LECTURE},
        seeds=seeds,
        results={"networks": networks, "linear": linear},
    )


if __name__ == "__main__":
    with threadpool_limits(SETTINGS["threads"]):
        main()
