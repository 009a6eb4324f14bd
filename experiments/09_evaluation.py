"""Ask again whether 64 hidden units tell shirts better than 8, with runs that chose nothing.

    python experiments/09_evaluation.py --seeds 10

writes experiments/results/09_evaluation.json. Chapter 09 compares two networks whose settings were
chosen where they are judged: on the 6,000 pictures of the sample several settings were tried until
the lead over ten seeds was clear. Here nothing is chosen.

1. New seeds: pictures and setting of the chapter, other seeds.
2. New pictures: the other 64,000 pictures of Fashion-MNIST are cut into runs that share none. A run
   has training pictures, test pictures and a seed of its own, the same for both networks. So the
   runs are independent, and the rule of the chapter applies to them. Besides the setting of the
   chapter there are smaller and larger rates and fewer passes, to see what the answer depends on.
"""

import argparse
from functools import partial

import numpy as np
from sklearn.neural_network import MLPClassifier

from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.results import LongRun

SETTINGS = {
    "shirt": 6,  # its class number
    "block": 4,  # pixels of a side whose mean becomes one number
    "n_train": 2_000,
    "n_test": 4_000,
    "hidden_units": [64, 8],
    "batch_size": 100,
    "rates": [0.001, 0.005, 0.02],
    "passes": [20, 60],
    "threshold": 0.5,
    "alarms": 400,  # as many as there are shirts among the test pictures, about
    "order_seed": 9,
    "first_new_seed": 10,  # the chapter has 0 to 9
    "chapter_rate": 0.005,
    "chapter_split_seed": 0,
}


def prepared(pictures: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return block means between 0 and 1, one row a picture, and whether it is a shirt."""
    side = pictures.shape[1] // SETTINGS["block"]
    cut = pictures.reshape(-1, side, SETTINGS["block"], side, SETTINGS["block"])
    means = cut.mean(axis=(2, 4)) / 255
    return means.reshape(len(pictures), -1), classes == SETTINGS["shirt"]


def sample_pictures() -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures and classes of the chapter, in their order."""
    pictures, classes = zip(*load_fashion_mnist(sample=True), strict=True)
    return np.concatenate(pictures), np.concatenate(classes)


def unused_pictures() -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures and classes outside the sample, shuffled."""
    used = {picture.tobytes() for picture in sample_pictures()[0]}
    parts, labels = zip(*load_fashion_mnist(), strict=True)
    pictures, classes = np.concatenate(parts), np.concatenate(labels)
    fresh = [row for row, picture in enumerate(pictures) if picture.tobytes() not in used]
    fresh = np.random.default_rng(SETTINGS["order_seed"]).permutation(fresh)
    return pictures[fresh], classes[fresh]


def judge(scores: np.ndarray, shirt: np.ndarray) -> dict[str, float]:
    """Return shares: right answers, shirts found by threshold, and by equally many alarms."""
    alarm = scores >= SETTINGS["threshold"]
    highest = np.argsort(-scores, kind="stable")[: SETTINGS["alarms"]]
    return {
        "right": np.mean(alarm == shirt),
        "recall": np.mean(alarm[shirt]),
        "recall_equal_alarms": np.sum(shirt[highest]) / np.sum(shirt),
    }


def train(
    x: np.ndarray, is_shirt: np.ndarray, rows: list[np.ndarray], units: int, rate: float, seed: int
) -> dict[str, dict[str, float]]:
    """Train on the first rows, judge on the second; return it for each number of passes."""
    known, new = rows
    network = MLPClassifier(
        (units,),
        learning_rate_init=rate,
        batch_size=SETTINGS["batch_size"],
        shuffle=False,
        random_state=seed,
    )
    rng, found = np.random.default_rng(seed), {}
    for done in range(1, max(SETTINGS["passes"]) + 1):
        order = rng.permutation(known)
        network.partial_fit(x[order], is_shirt[order], classes=[0, 1])
        if done in SETTINGS["passes"]:
            found[str(done)] = judge(network.predict_proba(x[new])[:, 1], is_shirt[new])
    return found


def by_passes(found: list[dict]) -> dict[str, dict[str, list[float]]]:
    """Return every measure of every run, by the number of passes."""
    return {
        passes: {name: [run[passes][name] for run in found] for name in found[0][passes]}
        for passes in found[0]
    }


def new_seeds(units: int, runs: list[int]) -> dict:
    """Return what new seeds reach on the pictures of the chapter."""
    x, is_shirt = prepared(*sample_pictures())
    order = np.random.default_rng(SETTINGS["chapter_split_seed"]).permutation(len(x))
    rows = np.split(order, [SETTINGS["n_train"]])
    rate, first = SETTINGS["chapter_rate"], SETTINGS["first_new_seed"]
    return by_passes([train(x, is_shirt, rows, units, rate, first + run) for run in runs])


def new_pictures(
    x: np.ndarray, is_shirt: np.ndarray, units: int, rate: float, runs: list[int]
) -> dict:
    """Return what runs reach that share no picture."""
    n_train, size = SETTINGS["n_train"], SETTINGS["n_train"] + SETTINGS["n_test"]
    found = []
    for run in runs:
        rows = np.split(np.arange(run * size, (run + 1) * size), [n_train])
        found.append(train(x, is_shirt, rows, units, rate, run))
    return by_passes(found)


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="number of runs, from 0 (10)")
    runs = list(range(parser.parse_args().seeds))

    long_run = LongRun(__file__)
    both = SETTINGS["hidden_units"]
    seeds = {
        str(units): long_run.part(f"new seeds, {units} units", partial(new_seeds, units, runs))
        for units in both
    }
    x, is_shirt = prepared(*unused_pictures())
    pictures = {
        f"{rate:g}": {
            str(units): long_run.part(
                f"new pictures, rate {rate:g}, {units} units",
                partial(new_pictures, x, is_shirt, units, rate, runs),
            )
            for units in both
        }
        for rate in SETTINGS["rates"]
    }
    long_run.save(
        settings=SETTINGS,
        seeds=runs,
        results={"new_seeds": seeds, "new_pictures": pictures},
    )


if __name__ == "__main__":
    main()
