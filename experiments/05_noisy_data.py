"""Drop words from few and from many film reviews; let a network look for a face by itself.

    python experiments/05_noisy_data.py --seeds 10

writes experiments/results/05_noisy_data.json.

Words: logistic regression on 1,000 to 20,000 reviews, with words counted as 0 or 1 or weighted by
TF-IDF, on all words and on parts of them. The first half of the seeds trains on reviews of the
data set's training half and is tested on 5,000 reviews of its test half, the second half the other
way round; no two seeds are tested on the same review. Up to 5,000 reviews no two seeds train on
the same review either. The strength of the penalty is chosen on 2,000 more reviews of the half
that trains, for each seed and each way. Each model sees its test reviews once.

Faces: a network with filters that slide over the whole picture is told which side of the face is
brighter. The number of its steps is chosen on validation people.

One thread, so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
from collections.abc import Mapping, Sequence

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfTransformer
from sklearn.feature_selection import chi2
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB
from threadpoolctl import threadpool_limits

from lecture_utils.batches import batch_order
from lecture_utils.datasets import imdb_word_index, load_imdb
from lecture_utils.results import LongRun
from lecture_utils.studies.faces_in_rooms import faces_in_rooms, split_people
from lecture_utils.studies.word_counts import count_words
from lecture_utils.training import CompiledTraining

SETTINGS = {
    "n_reviews": [1_000, 2_000, 5_000, 10_000, 20_000],
    "validation_reviews": 2_000,
    "test_reviews": 5_000,
    "negations": ["no", "not", "nor", "never", "none", "nothing", "nobody", "nowhere",
                  "neither", "cannot", "without"],
    "words": ["all words", "no stop words", "no stop words but negations", "best 1,000",
              "best 100"],
    # Inverse strengths of the penalty; the validation reviews choose.
    "strengths": {"0 or 1": [0.03, 0.1, 0.3], "TF-IDF": [1.0, 3.0, 10.0]},
    "filters": 16,
    "filter_side": 12,
    "learning_rate": 0.003,
    "batch_size": 30,
    "steps": [50, 100, 150, 200, 250],
    "threads": 1,
}  # fmt: skip

Half = tuple[csr_array, np.ndarray]


def among(words: Sequence[str], index: Mapping[str, int]) -> np.ndarray:
    """Return for every word number whether it is one of `words`."""
    numbers = [index[word] for word in words if word in index]
    return np.isin(np.arange(len(index) + 1), numbers)


def kept_words(
    counts: csr_array, labels: np.ndarray, index: Mapping[str, int]
) -> dict[str, np.ndarray]:
    """Return which words each way keeps, from the training reviews alone."""
    once = (counts > 0).astype(np.int32)
    seen = once.sum(axis=0) > 0
    score = np.nan_to_num(chi2(once, labels)[0], nan=-1)
    rank = np.argsort(np.argsort(-score, kind="stable"))
    stop = among(sorted(ENGLISH_STOP_WORDS), index)
    negation = among(SETTINGS["negations"], index)
    return {
        "all words": seen,
        "no stop words": seen & ~stop,
        "no stop words but negations": seen & (~stop | negation),
        "best 1,000": seen & (rank < 1000),
        "best 100": seen & (rank < 100),
    }


def weighted(
    train: csr_array, others: Sequence[csr_array], features: str
) -> tuple[csr_array, list[csr_array]]:
    """Return the counts as 0 or 1, or weighted by TF-IDF fitted to the training reviews."""
    if features == "TF-IDF":
        tfidf = TfidfTransformer().fit(train)
        return tfidf.transform(train), [tfidf.transform(other) for other in others]
    train, *others = ((counts > 0).astype(np.float64) for counts in (train, *others))
    return train, others


def reviews_of(seed: int, n_seeds: int, halves: Sequence[Half]) -> tuple[Half, Half, Half]:
    """Return the reviews that train (20,000 or fewer), validate and test with a seed.

    Seeds of one half take turns through one order of its reviews.
    """
    a_half = (n_seeds + 1) // 2
    of_half, half = seed % a_half, seed // a_half
    (x, y), (x_other, y_other) = halves[half], halves[1 - half]
    order = np.random.default_rng(half).permutation(len(y))
    turned = np.roll(order, -of_half * SETTINGS["test_reviews"])
    train = turned[: max(SETTINGS["n_reviews"])]
    validation = turned[-SETTINGS["validation_reviews"] :]
    first = of_half * SETTINGS["test_reviews"]
    test = np.random.default_rng(2 + half).permutation(len(y_other))
    test = test[first : first + SETTINGS["test_reviews"]]
    return (x[train], y[train]), (x[validation], y[validation]), (x_other[test], y_other[test])


def word_accuracies(
    seed: int, n_seeds: int, halves: Sequence[Half], index: Mapping[str, int]
) -> dict[str, list]:
    """Return test accuracies, shape (features, ways, sizes), and those of naive Bayes, (sizes,)."""
    (x, y), (x_validation, y_validation), (x_test, y_test) = reviews_of(seed, n_seeds, halves)
    found, bayes = [], []
    for n in SETTINGS["n_reviews"]:
        kept = kept_words(x[:n], y[:n], index)
        bag, (bag_test,) = weighted(x[:n], [x_test], "0 or 1")
        seen = kept["all words"]
        model = BernoulliNB().fit(bag[:, seen], y[:n])
        bayes.append(model.score(bag_test[:, seen], y_test))
        for features, strengths in SETTINGS["strengths"].items():
            for way in SETTINGS["words"]:
                columns = np.flatnonzero(kept[way])
                table, (table_validation, table_test) = weighted(
                    x[:n][:, columns], [x_validation[:, columns], x_test[:, columns]], features
                )
                models = [
                    LogisticRegression(C=strength, solver="liblinear").fit(table, y[:n])
                    for strength in strengths
                ]
                scores = [model.score(table_validation, y_validation) for model in models]
                best = models[int(np.argmax(scores))]
                found.append(best.score(table_test, y_test))
    shape = (len(SETTINGS["n_reviews"]), len(SETTINGS["strengths"]), len(SETTINGS["words"]))
    return {"words": np.moveaxis(np.reshape(found, shape), 0, 2), "naive_bayes": np.array(bayes)}


def build_network(side: int) -> keras.Model:
    """Return a network that keeps the strongest answer of each filter, wherever it is."""
    return keras.Sequential(
        [
            keras.Input((side, side, 1)),
            keras.layers.AveragePooling2D(2),
            keras.layers.Conv2D(
                SETTINGS["filters"], SETTINGS["filter_side"], strides=2, activation="relu"
            ),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(1),
        ]
    )


def network_accuracy(split: int) -> float:
    """Return the share of right answers on the test people of one split."""
    made = faces_in_rooms("anywhere")
    x = np.float32(made.pictures[..., None]) - 0.5
    y = np.float32(made.light["face"] > 0)[:, None]
    train, validation, test = split_people(made.person, split)
    keras.utils.set_random_seed(split)
    model = build_network(x.shape[1])
    model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    training = CompiledTraining(model)
    rng, tried, done = np.random.default_rng(split), [], 0
    for steps in SETTINGS["steps"]:
        order = batch_order(
            train.sum(), batch_size=SETTINGS["batch_size"], n_steps=steps - done, rng=rng
        )
        rates = np.full(steps - done, SETTINGS["learning_rate"])
        training.run(x[train], y[train], rates=rates, batches=order)
        right = (model.predict_on_batch(x) > 0) == (y > 0)
        tried.append((right[validation].mean(), right[test].mean()))
        done = steps
    return max(tried, key=lambda pair: pair[0])[1]


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds, from 0 (10)")
    seeds = list(range(parser.parse_args().seeds))

    long_run = LongRun(__file__)
    with threadpool_limits(SETTINGS["threads"]):
        index = imdb_word_index()
        halves = [
            (count_words(reviews, len(index) + 1), labels)
            for reviews, labels in load_imdb(None, start_char=None, index_from=0)
        ]
        words = [
            long_run.part(
                f"words, seed {seed}",
                lambda seed=seed: word_accuracies(seed, len(seeds), halves, index),
            )
            for seed in seeds
        ]
        network = [
            long_run.part(f"network, split {seed}", lambda seed=seed: network_accuracy(seed))
            for seed in seeds
        ]
    long_run.save(
        settings=SETTINGS,
        seeds=seeds,
        results={
            # (features, ways, sizes, seeds) and (sizes, seeds)
            "word_accuracy": np.stack([found["words"] for found in words], axis=-1),
            "naive_bayes_accuracy": np.stack([found["naive_bayes"] for found in words], axis=-1),
            "network_accuracy": network,
        },
    )


if __name__ == "__main__":
    main()
