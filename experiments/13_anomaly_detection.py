"""Detect tumours and clothes that nobody has seen, by distances and by a network.

    python experiments/13_anomaly_detection.py --seeds 5

writes experiments/results/13_anomaly_detection.json: for every detector AUC, average precision at
a prevalence of 5 %, and recall and false alarms at the threshold of 5 %, which is a rank among
held-out normal rows.

The network is an autoencoder, trained to its end: the rate falls to 0, and of the weights at
regular checks those with the lowest error on normal validation rows are kept. It is also trained
for less long, and with a narrower and a wider bottleneck. No anomaly chooses anything; sizes,
rate, lengths and k were set beforehand.

Clothes: each of the ten classes in turn is the one that nobody has seen. Tumours: draws of the
table, with and without malignant rows among the normal ones.

One thread, so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
from collections.abc import Mapping, Sequence

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from lecture_utils.batches import batch_order
from lecture_utils.results import LongRun
from lecture_utils.schedules import cosine_decay
from lecture_utils.studies import far_from_normal
from lecture_utils.studies.far_from_normal import clothes, judge, rank_limit, tumours
from lecture_utils.sweep import initial_weights
from lecture_utils.training import CompiledTraining

SETTINGS = {
    "rate_stated": 0.05,
    "prevalence": 0.05,
    "neighbours": [1, 5, 20],
    "rate": 0.003,
    "batch_size": 64,
    "check_every": 500,
    # Units of the bottleneck and steps; the last one is the network.
    "clothes.hidden": 64,
    "clothes.networks": [[16, 500], [4, 4_000], [16, 4_000], [64, 4_000], [16, 12_000]],
    # Was that long enough? For three of the unseen classes.
    "clothes.longer": [16, 24_000],
    "clothes.longer_without": [1, 4, 8],
    "tumours.hidden": 16,
    "tumours.networks": [[4, 500], [4, 4_000]],
    "tumours.draws": 20,
    "tumours.polluted": [0.0, 0.05],
    "threads": 1,
}
MEASURES = ("auc", "average_precision", "recall", "false_alarms")


def build(n_columns: int, n_hidden: int, n_code: int) -> CompiledTraining:
    """Return an autoencoder, ready to train."""
    model = keras.Sequential(
        [
            keras.Input((n_columns,)),
            keras.layers.Dense(n_hidden, activation="relu"),
            keras.layers.Dense(n_code),
            keras.layers.Dense(n_hidden, activation="relu"),
            keras.layers.Dense(n_columns),
        ]
    )
    model.compile("adam", "mean_squared_error")
    return CompiledTraining(model)


def rebuilding_error(weights: Sequence[np.ndarray], rows: np.ndarray) -> np.ndarray:
    """Return the mean squared error of each row, rebuilt by an autoencoder with these weights."""
    values = rows
    for layer in range(4):
        values = values @ weights[2 * layer] + weights[2 * layer + 1]
        if layer % 2 == 0:
            values = np.maximum(values, 0)
    return np.mean((values - rows) ** 2, axis=1)


def train(
    training: CompiledTraining,
    parts: Sequence[np.ndarray],
    n_steps: int,
    rng: np.random.Generator,
) -> tuple[list[np.ndarray], list[list[float]]]:
    """Return the weights with the lowest validation error, and what was found at every check.

    A check holds the steps so far, training and validation error, and the AUC on rows to test.
    """
    normal, validation, _, good, bad = (np.float32(part) for part in parts)
    shape = training.model.input_shape[1]
    sizes = [shape, *(layer.units for layer in training.model.layers)]
    training.restart([w[0] for w in initial_weights(sizes, n_starts=1, rng=rng)])
    order = batch_order(len(normal), batch_size=SETTINGS["batch_size"], n_steps=n_steps, rng=rng)
    rates = cosine_decay(np.arange(n_steps), initial_rate=SETTINGS["rate"], decay_steps=n_steps)
    best, kept, checks, stride = np.inf, None, [], SETTINGS["check_every"]
    for first in range(0, n_steps, stride):
        now = slice(first, first + stride)
        training.run(normal, normal, rates=rates[now], batches=order[now])
        weights = training.model.get_weights()
        error = float(rebuilding_error(weights, validation).mean())
        if error < best:
            best, kept = error, weights
        known = judge(*(rebuilding_error(weights, rows) for rows in (good, bad)), 0)
        of_training = float(rebuilding_error(weights, normal).mean())
        checks.append([first + stride, of_training, error, known["auc"]])
    return kept, checks


def baseline_scores(parts: Sequence[np.ndarray], seed: int) -> dict[str, list[np.ndarray]]:
    """Return the scores of all parts by each detector that is no network.

    For the rows that trained the neighbours, they themselves do not count as such.
    """
    normal = parts[0]
    scores = {}
    for name in ("z_score", "mahalanobis", "pca_error"):
        score = getattr(far_from_normal, name)(normal)
        scores[name] = [score(rows) for rows in parts]
    most = max(SETTINGS["neighbours"])
    nearest = NearestNeighbors(n_neighbors=most).fit(normal)
    far = [nearest.kneighbors()[0], *(nearest.kneighbors(rows)[0] for rows in parts[1:])]
    for k in SETTINGS["neighbours"]:
        scores[f"neighbours {k}"] = [distances[:, :k].mean(axis=1) for distances in far]
    forest = IsolationForest(random_state=seed).fit(normal)
    scores["forest"] = [-forest.score_samples(rows) for rows in parts]
    return scores


def judged(scores: Sequence[np.ndarray]) -> dict[str, float]:
    """Return all measures of one detector; scores of rows that train, stop, hold, test, and bad."""
    stated = SETTINGS["rate_stated"]
    of_training, _, held, good, bad = scores
    found = judge(good, bad, rank_limit(held, stated), prevalence=SETTINGS["prevalence"])
    from_training = np.quantile(of_training, 1 - stated)
    return {**found, "false_alarms_from_training": float(np.mean(good > from_training))}


def detect(
    parts: Sequence[np.ndarray],
    networks: Sequence[tuple[int, int]],
    compiled: Mapping[int, CompiledTraining],
    seed: int,
) -> dict[str, dict]:
    """Return all measures by detector, and the checks of the networks."""
    found = {name: judged(scores) for name, scores in baseline_scores(parts, seed).items()}
    checks = {}
    for n_code, n_steps in networks:
        name = f"network {n_code}, {n_steps} steps"
        rng = np.random.default_rng(seed)
        kept, checks[name] = train(compiled[n_code], parts, n_steps, rng)
        found[name] = judged([rebuilding_error(kept, np.float32(part)) for part in parts])
    return {"judged": found, "checks": checks}


def stacked(runs: Sequence[Mapping]) -> dict[str, dict]:
    """Return the measures of all runs, by detector and measure, and the last check of networks."""
    first = runs[0]
    return {
        "judged": {
            name: {
                measure: [run["judged"][name][measure] for run in runs]
                for measure in first["judged"][name]
            }
            for name in first["judged"]
        },
        # (runs, checks, 4)
        "checks": {name: [run["checks"][name] for run in runs] for name in first["checks"]},
    }


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 0 (5)")
    seeds = list(range(parser.parse_args().seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])

    long_run, results = LongRun(__file__), {"clothes": {}, "tumours": {}}
    with threadpool_limits(SETTINGS["threads"]):
        compiled = {
            data: {
                n_code: build(n_columns, SETTINGS[f"{data}.hidden"], n_code)
                for n_code in sorted({n_code for n_code, _ in SETTINGS[f"{data}.networks"]})
            }
            for data, n_columns in (("clothes", 196), ("tumours", 30))
        }
        for share in SETTINGS["tumours.polluted"]:
            results["tumours"][str(share)] = stacked(
                [
                    long_run.part(
                        f"tumours, {share} polluted, draw {draw}",
                        lambda share=share, draw=draw: detect(
                            tumours(draw, polluted=share),
                            SETTINGS["tumours.networks"],
                            compiled["tumours"],
                            draw,
                        ),
                    )
                    for draw in range(SETTINGS["tumours.draws"])
                ]
            )
        for unseen in range(10):
            networks = list(SETTINGS["clothes.networks"])
            if unseen in SETTINGS["clothes.longer_without"]:
                networks.append(SETTINGS["clothes.longer"])
            results["clothes"][str(unseen)] = stacked(
                [
                    long_run.part(
                        f"clothes without {unseen}, seed {seed}",
                        lambda unseen=unseen, seed=seed, networks=networks: detect(
                            clothes(unseen, seed), networks, compiled["clothes"], seed
                        ),
                    )
                    for seed in seeds
                ]
            )
    long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    main()
