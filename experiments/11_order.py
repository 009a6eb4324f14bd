"""Does the order of the words pay? Five readers of the same last words of film reviews.

    python experiments/11_order.py --seeds 5

writes experiments/results/11_order.json. Two linear models count words, or words and pairs of
neighbours; the lecture's network averages word vectors; a small network with one layer of
self-attention reads the words with their positions, or without. All of them see the same words of
the same reviews, few enough for the attention; the quick ones are compared on the lecture's length
as well. One rule chooses for all: every seed draws its own training and validation
reviews, and for each reader it keeps the setting, and of a network the epoch, with the highest
validation accuracy. A network stops when its highest accuracy is a few epochs old, one epoch with
attention, where an epoch is dear. Each reader sees the test reviews once for its accuracy; then
some are shown again with their words shuffled, or to a network whose attention is made even.

One thread, so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
from collections.abc import Sequence
from functools import cache, partial

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf
from scipy.sparse import csr_array, hstack
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from lecture_utils.datasets import imdb_word_index, load_imdb
from lecture_utils.evidence import error_sources
from lecture_utils.results import LongRun
from lecture_utils.studies.word_average import scores, train
from lecture_utils.studies.word_counts import count_pairs, count_words, frequent_pairs

SETTINGS = {
    "n_words": 10_000,
    "longest": 48,
    # The lecture's length, for the readers that are quick.
    "long": {"longest": 256, "training_rows": 15_000, "validation_rows": 5_000},
    "training_rows": 8_000,
    "validation_rows": 3_000,
    "test_rows": 10_000,
    "linear_strengths": [0.3, 1.0, 3.0, 10.0],
    "pair_stands_in": 5,
    "average_rates": [0.002],
    "average_epochs": 25,
    "average_patience": 3,
    "average_batch": 128,
    "attention_rates": [0.002],
    "attention_epochs": 3,
    "attention_patience": 1,
    "attention_batch": 128,
    "heads": 2,
    "n_dimensions": 16,
    "probed_rows": 3_000,
    "threads": 1,
    "negated": ["good", "bad", "great", "funny", "worth"],
    "sentences": [
        "not bad at all",
        "not good at all",
        "good not bad",
        "bad not good",
        "the film was not bad it was good",
        "the film was not good it was bad",
        "i expected a bad film and it was great",
        "i expected a great film and it was bad",
    ],
    "looked_at": "the movie's not at all bad just slow moving",
}
PADDING, UNKNOWN = 0, 2
READERS = ("words", "pairs", "average", "attention", "attention without positions")
#: Whose right answers are compared, review by review.
COMPARED = {
    "pairs against words": ("pairs", "words"),
    "average against words": ("average", "words"),
    "attention against average": ("attention", "average"),
    "positions against none": ("attention", "attention without positions"),
    "attention against pairs": ("attention", "pairs"),
}


@cache
def data(longest: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return the last words of the training reviews and of some test reviews, with labels."""
    (x, y), (x_test, y_test) = load_imdb(num_words=SETTINGS["n_words"], start_char=None)
    judges = slice(0, SETTINGS["test_rows"])
    return (padded(x, longest), y), (padded(x_test[judges], longest), y_test[judges])


def numbers(text: str) -> np.ndarray:
    """Return the numbers of the words of a text, padded as the reviews are."""
    index = imdb_word_index(shifted=True)
    return padded([[index[word] for word in text.split()]], SETTINGS["longest"])


def padded(reviews: list, longest: int) -> np.ndarray:
    """Return the last words of each review, with zeros behind."""
    return keras.utils.pad_sequences(
        reviews, longest, padding="post", truncating="pre", value=PADDING
    )


def shuffled(reviews: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the reviews with their words in random order, and the padding still behind."""
    order = rng.random(reviews.shape) + (reviews == PADDING)
    return np.take_along_axis(reviews, order.argsort(axis=1), axis=1)


def has_stopped(accuracies: list[float], patience: int) -> bool:
    """Return whether the highest accuracy is `patience` epochs old."""
    return len(accuracies) - 1 - int(np.argmax(accuracies)) >= patience


class Linear:
    """Logistic regression on TF-IDF of words, and of pairs of neighbours if wanted."""

    def __init__(self, reviews: np.ndarray, with_pairs: bool):
        self.pairs = None
        if with_pairs:
            self.pairs = frequent_pairs(
                reviews,
                SETTINGS["n_words"],
                least=SETTINGS["pair_stands_in"],
                leave_out=[PADDING, UNKNOWN],
            )
        self.weighting = TfidfTransformer(sublinear_tf=True).fit(self.counts(reviews))

    def counts(self, reviews: np.ndarray) -> csr_array:
        """Return the counts of words, and of pairs behind them."""
        words = count_words(reviews, SETTINGS["n_words"], leave_out=[PADDING])
        if self.pairs is None:
            return words
        return hstack([words, count_pairs(reviews, SETTINGS["n_words"], self.pairs)], format="csr")

    def features(self, reviews: np.ndarray) -> csr_array:
        """Return the weighted counts."""
        return self.weighting.transform(self.counts(reviews))


def train_linear(parts: dict, with_pairs: bool) -> tuple[dict, object]:
    """Return what was chosen, and a function from reviews to scores."""
    linear = Linear(parts["training"][0], with_pairs)
    x = {part: linear.features(reviews) for part, (reviews, _) in parts.items()}
    best = (0.0,)
    for strength in SETTINGS["linear_strengths"]:
        model = LogisticRegression(C=strength, max_iter=1_000)
        model.fit(x["training"], parts["training"][1])
        accuracy = model.score(x["validation"], parts["validation"][1])
        if accuracy > best[0]:
            best = accuracy, strength, model
    accuracy, strength, model = best
    chosen = {"validation_accuracy": accuracy, "setting": strength, "epoch": 0}
    return chosen, lambda reviews: model.decision_function(linear.features(reviews))


def train_average(parts: dict, seed: int) -> tuple[dict, object]:
    """Train the lecture's network; return as `train_linear`."""
    counts = {
        part: count_words(reviews, SETTINGS["n_words"], leave_out=[PADDING])
        for part, (reviews, _) in parts.items()
    }
    y = {part: labels for part, (_, labels) in parts.items()}
    best = (0.0,)
    for rate in SETTINGS["average_rates"]:
        keras.utils.set_random_seed(seed)
        model = keras.Sequential(
            [
                keras.Input((parts["training"][0].shape[1],), dtype="int32"),
                keras.layers.Embedding(SETTINGS["n_words"], 16),
                keras.layers.GlobalAveragePooling1D(),
                keras.layers.Dense(16, activation="relu"),
                keras.layers.Dense(1, activation="sigmoid"),
            ]
        )
        runs = train(
            model.get_weights(),
            counts["training"],
            y["training"],
            n_epochs=SETTINGS["average_epochs"],
            batch_size=SETTINGS["average_batch"],
            rng=np.random.default_rng(seed),
            learning_rate=rate,
        )
        accuracies = []
        for epoch, weights in enumerate(runs, 1):
            right = (scores(weights, counts["validation"]) > 0) == y["validation"]
            accuracies.append(right.mean())
            if accuracies[-1] > best[0]:
                best = accuracies[-1], rate, epoch, weights
            if has_stopped(accuracies, SETTINGS["average_patience"]):
                break
    accuracy, rate, epoch, weights = best
    chosen = {"validation_accuracy": accuracy, "setting": rate, "epoch": epoch}

    def score(reviews: np.ndarray) -> np.ndarray:
        counted = count_words(reviews, SETTINGS["n_words"], leave_out=[PADDING])
        return scores(weights, counted)

    return chosen, score


def build_attention(with_positions: bool) -> tuple[keras.Model, keras.Model]:
    """Return an untrained network, and one that shows its attention on the same weights."""
    length, size = SETTINGS["longest"], SETTINGS["n_dimensions"]
    words = keras.Input((length,), dtype="int32")
    vectors = keras.layers.Embedding(SETTINGS["n_words"], size)(words)
    if with_positions:
        vectors = vectors + keras.layers.Embedding(length, size)(keras.ops.arange(length))
    real = keras.ops.not_equal(words, PADDING)
    attention = keras.layers.MultiHeadAttention(
        SETTINGS["heads"], size // SETTINGS["heads"], name="attention"
    )
    mixed, weights = attention(
        vectors, vectors, attention_mask=real[:, None, :], return_attention_scores=True
    )
    is_real = keras.ops.cast(real, "float32")[:, :, None]
    hidden = keras.layers.Dense(size, activation="relu")(vectors + mixed)
    total = keras.ops.sum(hidden * is_real, axis=1)
    mean = total / keras.ops.maximum(keras.ops.sum(is_real, axis=1), 1.0)
    score = keras.layers.Dense(1)(mean)
    return keras.Model(words, score), keras.Model(words, weights)


@cache
def compiled(with_positions: bool) -> tuple[keras.Model, keras.Model]:
    """Return both networks of `build_attention`, ready to train; compiling takes its time."""
    model, looks = build_attention(with_positions)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(), loss)
    return model, looks


def begin(model: keras.Model, with_positions: bool, seed: int, rate: float) -> None:
    """Give a compiled network new random weights, and its optimizer a new start."""
    keras.utils.set_random_seed(seed)
    fresh, _ = build_attention(with_positions)
    model.set_weights(fresh.get_weights())
    model.optimizer.build(model.trainable_variables)
    for variable in model.optimizer.variables:
        variable.assign(keras.ops.zeros_like(variable))
    model.optimizer.learning_rate = rate


def ask(model: keras.Model, reviews: np.ndarray) -> np.ndarray:
    """Return the scores of a network."""
    return model.predict(reviews, batch_size=500, verbose=0)[:, 0]


def train_attention(
    parts: dict, seed: int, with_positions: bool
) -> tuple[dict, object, keras.Model, keras.Model]:
    """Train the network with attention; return as `train_linear`, and both networks."""
    (x, y), (x_validation, y_validation) = parts["training"], parts["validation"]
    best = (0.0,)
    model, looks = compiled(with_positions)
    for rate in SETTINGS["attention_rates"]:
        begin(model, with_positions, seed, rate)
        accuracies = []
        for epoch in range(1, SETTINGS["attention_epochs"] + 1):
            model.fit(x, y, batch_size=SETTINGS["attention_batch"], verbose=0)
            accuracies.append(np.mean((ask(model, x_validation) > 0) == y_validation))
            if accuracies[-1] > best[0]:
                best = accuracies[-1], rate, epoch, model.get_weights()
            if has_stopped(accuracies, SETTINGS["attention_patience"]):
                break
    accuracy, rate, epoch, weights = best
    model.set_weights(weights)
    chosen = {"validation_accuracy": accuracy, "setting": rate, "epoch": epoch}
    return chosen, partial(ask, model), model, looks


def make_even(model: keras.Model) -> None:
    """Let every word look at all words alike: queries of 0 make all scores 0."""
    attention = model.get_layer("attention")
    kernel, bias, *others = attention.get_weights()  # of the queries; they come first
    attention.set_weights([0 * kernel, 0 * bias, *others])


def drawn(seed: int, settings: dict) -> dict:
    """Return the reviews and labels that train and validate, and those that test."""
    n, n_validation, longest = (
        settings[key] for key in ("training_rows", "validation_rows", "longest")
    )
    (x, y), test = data(longest)
    rows = np.random.default_rng(seed).permutation(len(x))
    fit, validate = rows[:n], rows[n : n + n_validation]
    return {"training": (x[fit], y[fit]), "validation": (x[validate], y[validate]), "test": test}


def run_long(seed: int) -> dict:
    """Train the quick readers on more words of more reviews; return what they answer."""
    parts = drawn(seed, SETTINGS["long"])
    x_test, y_test = parts.pop("test")
    found = {}
    for reader in ("words", "pairs", "average"):
        if reader == "average":
            chosen, score = train_average(parts, seed)
        else:
            chosen, score = train_linear(parts, reader == "pairs")
        right = (score(x_test) > 0) == y_test
        found[reader] = {**chosen, "right": np.packbits(right), "test_accuracy": right.mean()}
        print(seed, "long", reader, chosen, round(right.mean(), 4), flush=True)
    return found


def run(seed: int) -> dict:
    """Train the five readers on one draw of the reviews; return what they answer."""
    parts = drawn(seed, SETTINGS)
    x_test, y_test = parts.pop("test")
    probe = slice(0, SETTINGS["probed_rows"])
    mixed = shuffled(x_test[probe], np.random.default_rng(seed))
    sentences = np.concatenate([numbers(text) for text in SETTINGS["sentences"]])

    found, looks = {}, None
    for reader in READERS:
        if reader in ("words", "pairs"):
            chosen, score = train_linear(parts, reader == "pairs")
        elif reader == "average":
            chosen, score = train_average(parts, seed)
        else:
            with_positions = reader == "attention"
            chosen, score, model, looks = train_attention(parts, seed, with_positions)
        right = (score(x_test) > 0) == y_test
        found[reader] = {
            **chosen,
            "right": np.packbits(right),
            "test_accuracy": right.mean(),
            "probe_accuracy": right[probe].mean(),
            "shuffled_accuracy": np.mean((score(mixed) > 0) == y_test[probe]),
            "sentences": 1 / (1 + np.exp(-np.asarray(score(sentences), float))),
        }
        if reader == "attention":
            before = score(x_test[probe]) > 0
            looked_at = numbers(SETTINGS["looked_at"])
            n_looked = np.count_nonzero(looked_at)
            weights = looks.predict(looked_at, verbose=0)[0, :, :n_looked, :n_looked]
            make_even(model)
            after = score(x_test[probe]) > 0
            found["even"] = {
                "accuracy": np.mean(after == y_test[probe]),
                "changed": np.mean(before != after),
            }
            found["weights"] = weights.round(4)
            found["looked_at_score"] = float(score(looked_at)[0])
        print(seed, reader, chosen, round(right.mean(), 4), flush=True)
    return found


def negated(x: np.ndarray) -> np.ndarray:
    """Return in which reviews "not" stands right before one of the chosen words."""
    index = imdb_word_index(shifted=True)
    after = np.isin(x[:, 1:], [index[word] for word in SETTINGS["negated"]])
    return ((x[:, :-1] == index["not"]) & after).any(axis=1)


def answers(runs: list[dict], readers: Sequence[str], n: int) -> dict[str, np.ndarray]:
    """Take each reader's answers out of the runs: 1.0 for a right one, (n_seeds, n)."""
    return {
        reader: np.array(
            [np.unpackbits(np.array(run[reader].pop("right"), np.uint8))[:n] for run in runs], float
        )
        for reader in readers
    }


def compared(lead: np.ndarray) -> dict:
    """Return the lead of each seed, and its errors from seeds and from test reviews."""
    sources = error_sources(lead)
    return {
        "by_seed": lead.mean(axis=1),
        "from_seeds": sources.seeds,
        "from_test_reviews": sources.test_set,
    }


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 0 (5)")
    seeds = list(range(parser.parse_args().seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])

    long_run = LongRun(__file__)
    runs = [long_run.part(f"seed-{seed}", partial(run, seed)) for seed in seeds]
    long = [long_run.part(f"long-{seed}", partial(run_long, seed)) for seed in seeds]
    _, (x_test, y_test) = data(SETTINGS["longest"])
    subset = negated(x_test)
    right = answers(runs, READERS, len(y_test))
    of_long = answers(long, ("words", "pairs", "average"), len(y_test))
    comparisons = {}
    for name, (reader, rival) in COMPARED.items():
        lead = right[reader] - right[rival]
        comparisons[name] = compared(lead) | {"negated": compared(lead[:, subset])}
    long_leads = {
        name: compared(of_long[reader] - of_long[rival])
        for name, (reader, rival) in COMPARED.items()
        if reader in of_long
    }
    results = {
        "readers": {
            reader: {
                **{key: [found[reader][key] for found in runs] for key in runs[0][reader]},
                "negated_accuracy": right[reader][:, subset].mean(axis=1),
            }
            for reader in READERS
        },
        "comparisons": comparisons,
        "long": {
            "readers": {
                reader: {key: [found[reader][key] for found in long] for key in long[0][reader]}
                for reader in of_long
            },
            "comparisons": long_leads,
        },
        "n_negated": int(subset.sum()),
        "negated_share_for": float(y_test[subset].mean()),
    }
    for key in ("even", "weights", "looked_at_score"):
        results[key] = [found[key] for found in runs]
    long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    with threadpool_limits(SETTINGS["threads"]):
        main()
