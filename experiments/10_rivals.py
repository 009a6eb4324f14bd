"""Give Fashion-MNIST to rivals that are no networks: a random forest and boosted trees.

    python experiments/10_rivals.py --seeds 5

writes experiments/results/10_rivals.json. All rivals see a picture at half its size, the mean of
every two by two pixels: a fourth of the numbers, and a fourth of the time.

The forest has scikit-learn's settings, so that nothing had to be chosen: it learns from all 60,000
rows and is judged on the test set, once per seed. Boosted trees have no randomness with these
settings, so there is one fit. It learns from 55,000 rows; the other 5,000, the validation rows of
experiments/10_fashion_mnist.py, say how many rounds it gets, by the lowest loss. It is judged as it
is then, with the smaller training set. One thread.
"""

import argparse
import os
from functools import cache, partial

os.environ["OMP_NUM_THREADS"] = "1"  # the boosted trees; before scikit-learn is imported

import numpy as np
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.results import LongRun

SETTINGS = {
    "side": 14,
    "trees": 100,
    "validation_rows": 5_000,
    "split_random_state": 0,
    "boosting_rate": 0.2,
    "rounds": 60,
    "threads": 1,
}


def halves(pictures: np.ndarray) -> np.ndarray:
    """Return the means of every two by two pixels, shape (n, 196)."""
    side = SETTINGS["side"]
    cut = pictures.reshape(-1, side, 28 // side, side, 28 // side)
    return cut.mean(axis=(2, 4)).reshape(len(pictures), -1).astype(np.float32)


@cache
def rows() -> tuple[np.ndarray, ...]:
    """Return x_train, y_train, x_test, y_test."""
    (x, y), (x_test, y_test) = load_fashion_mnist()
    return halves(x), y, halves(x_test), y_test


def forest(seed: int) -> float:
    """Return the test accuracy of a forest."""
    x, y, x_test, y_test = rows()
    model = RandomForestClassifier(n_estimators=SETTINGS["trees"], random_state=seed)
    return float(model.fit(x, y).score(x_test, y_test))


def boosted() -> dict:
    """Return the validation curves of boosted trees, and the test accuracy at the best round."""
    x, y, x_test, y_test = rows()
    x_fit, x_validation, y_fit, y_validation = train_test_split(
        x,
        y,
        test_size=SETTINGS["validation_rows"],
        stratify=y,
        random_state=SETTINGS["split_random_state"],
    )
    model = HistGradientBoostingClassifier(
        learning_rate=SETTINGS["boosting_rate"],
        max_iter=SETTINGS["rounds"],
        early_stopping=False,
        random_state=0,
    ).fit(x_fit, y_fit)
    shares = list(model.staged_predict_proba(x_validation))
    losses = [log_loss(y_validation, share) for share in shares]
    best = int(np.argmin(losses))
    said = next(
        answers for number, answers in enumerate(model.staged_predict(x_test)) if number == best
    )
    return {
        "validation_loss": losses,
        "validation_accuracy": [
            float(np.mean(share.argmax(axis=1) == y_validation)) for share in shares
        ],
        "chosen_rounds": best + 1,
        "test_accuracy": float(np.mean(said == y_test)),
    }


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 0 (5)")
    seeds = list(range(parser.parse_args().seeds))
    long_run = LongRun(__file__)
    boosting = long_run.part("boosted", boosted)
    forests = [long_run.part(f"forest-{seed}", partial(forest, seed)) for seed in seeds]
    long_run.save(
        settings=SETTINGS,
        seeds=seeds,
        results={"forest": {"test_accuracy": forests}, "boosted_trees": boosting},
    )


if __name__ == "__main__":
    main()
