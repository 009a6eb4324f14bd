"""Give every frequent word of the film reviews a weight, and every frequent pair of neighbours.

    python experiments/11_word_weights.py --seeds 5

writes experiments/results/11_word_weights.json, and the weights of seed 0 into
lecture_utils/explorables/browser/weigh_words_data.js, where the explorable of the lesson and the
lesson itself find them. Logistic regression on plain counts, so that a review's score is a constant
and the sum of its words' weights. Every seed draws 20,000 of the 25,000 training reviews to train
with; the others choose the penalty: the strongest one (the smallest C) whose accuracy is within one
standard error of the best. Each chosen model sees the test reviews once.
"""

import argparse
import base64
import json
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, hstack
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from lecture_utils.datasets import imdb_word_index, load_imdb
from lecture_utils.results import LongRun
from lecture_utils.studies.word_counts import count_words

SETTINGS = {
    "training_rows": 20_000,
    "n_words": 3_000,
    "pair_stands_in": 50,
    "strengths": [0.01, 0.03, 0.1],
    "unit": 0.001,
    "told_pairs": ["not bad", "not good", "not funny", "not worth", "at all", "so bad"],
}
FIRST = 4  # the number of the most frequent word; those before it are reserved
N_NUMBERS = FIRST + SETTINGS["n_words"]
DATA_FILE = Path(__file__).parents[1] / "lecture_utils/explorables/browser/weigh_words_data.js"
HEAD = """\
// Made by experiments/11_word_weights.py: weights of words, and of pairs of neighbours, in reviews
// of films, for the film above 0. Learned from the Large Movie Review Dataset (A. L. Maas and
// others, 2011), of which no review is in this file.
"""


def neighbours(reviews: np.ndarray) -> tuple[NDArray, NDArray]:
    """Return the review and the number of every pair of known neighbours, one after the other."""
    rows = np.repeat(np.arange(len(reviews)), [len(review) for review in reviews])
    words = np.concatenate([np.array(review, np.int64) for review in reviews])
    known = (words[:-1] >= FIRST) & (words[1:] >= FIRST) & (rows[:-1] == rows[1:])
    return rows[:-1][known], (words[:-1] * N_NUMBERS + words[1:])[known]


def count(reviews: np.ndarray, pairs: NDArray) -> tuple[csr_array, csr_array]:
    """Return how often each word and each of some pairs stands in each review."""
    words = count_words(reviews, N_NUMBERS)[:, FIRST:]
    rows, codes = neighbours(reviews)
    places = np.minimum(np.searchsorted(pairs, codes), len(pairs) - 1)
    kept = pairs[places] == codes
    ones = np.ones(np.count_nonzero(kept), np.float32)
    shape = (len(reviews), len(pairs))
    return words, coo_array((ones, (rows[kept], places[kept])), shape=shape).tocsr()


def frequent(reviews: np.ndarray) -> NDArray:
    """Return the pairs that stand in enough reviews, rising."""
    rows, codes = neighbours(reviews)
    _, codes = np.unique(np.column_stack([rows, codes]), axis=0).T
    pairs, n_reviews = np.unique(codes, return_counts=True)
    return pairs[n_reviews >= SETTINGS["pair_stands_in"]]


def fit(x: dict[str, csr_array], y: dict[str, np.ndarray]) -> dict:
    """Fit with every strength; return the smallest one that is not clearly worse than the best."""
    models = [
        LogisticRegression(C=strength, max_iter=2_000).fit(x["training"], y["training"])
        for strength in SETTINGS["strengths"]
    ]
    accuracies = np.array([model.score(x["validation"], y["validation"]) for model in models])
    best = accuracies.max()
    error = np.sqrt(best * (1 - best) / len(y["validation"]))
    chosen = int(np.argmax(accuracies >= best - error))
    model = models[chosen]
    return {
        "validation_accuracies": accuracies,
        "strength": SETTINGS["strengths"][chosen],
        "test_accuracy": model.score(x["test"], y["test"]),
        "constant": model.intercept_[0],
        "weights": model.coef_[0],
    }


def run(seed: int) -> dict:
    """Fit words alone, and words and pairs, on one draw of the reviews."""
    (reviews, labels), (test_reviews, test_labels) = load_imdb(N_NUMBERS, start_char=None)
    rows = np.random.default_rng(seed).permutation(len(reviews))
    training, validation = np.split(rows, [SETTINGS["training_rows"]])
    parts = {
        "training": reviews[training],
        "validation": reviews[validation],
        "test": test_reviews,
    }
    y = {"training": labels[training], "validation": labels[validation], "test": test_labels}
    pairs = frequent(parts["training"])
    counts = {part: count(some, pairs) for part, some in parts.items()}
    x = {part: words for part, (words, _) in counts.items()}
    both = {part: hstack(tables, format="csr") for part, tables in counts.items()}

    words = [word for word, number in imdb_word_index(shifted=True).items()
             if FIRST <= number < N_NUMBERS]  # fmt: skip
    names = [(words[a - FIRST], words[b - FIRST])
             for a, b in zip(*divmod(pairs, N_NUMBERS), strict=True)]  # fmt: skip
    places = [names.index(tuple(pair.split(" "))) for pair in SETTINGS["told_pairs"]]
    stands = counts["training"][1][:, places].astype(bool)
    return {
        "words": fit(x, y),
        "pairs": fit(both, y),
        "names": words,
        "pair_names": names,
        "reviews_with": stands.sum(axis=0),
        "of_them_for": stands[y["training"] == 1].sum(axis=0),
    }


def codes(weights: list[float]) -> str:
    """Return weights in whole units, as text."""
    rounded = np.rint(np.asarray(weights) / SETTINGS["unit"]).astype("<i2")
    return base64.b64encode(rounded.tobytes()).decode()


def write_data(found: dict) -> None:
    """Write what the explorable needs, weights rounded to `unit`."""
    names = list(found["names"])
    place = {word: k for k, word in enumerate(names)}
    pairs = [[place[word] for word in pair] for pair in found["pair_names"]]
    data = {
        "unit": SETTINGS["unit"],
        "words": " ".join(names),
        "pairs": base64.b64encode(np.array(pairs, "<u2").tobytes()).decode(),
        "models": {
            name: {
                "constant": round(float(found[name]["constant"]), 3),
                "weights": codes(found[name]["weights"]),
            }
            for name in ("words", "pairs")
        },
    }
    text = json.dumps(data, indent=0, ensure_ascii=False)
    DATA_FILE.write_text(
        f"{HEAD}((globalThis.courseExplorables ??= {{ engine: {{}}, views: {{}} }}).data ??= {{}})"
        f".weigh_words =\n{text};\n",
        encoding="utf-8",
        newline="\n",
    )


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 0 (5)")
    seeds = list(range(parser.parse_args().seeds))
    long_run = LongRun(__file__)
    runs = [long_run.part(f"seed-{seed}", partial(run, seed)) for seed in seeds]
    write_data(runs[0])
    measured = ("validation_accuracies", "strength", "test_accuracy")
    results = {
        name: {key: [found[name][key] for found in runs] for key in measured}
        for name in ("words", "pairs")
    }
    for key in ("reviews_with", "of_them_for"):
        results[key] = [found[key] for found in runs]
    results["n_pairs"] = [len(found["pair_names"]) for found in runs]
    long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
