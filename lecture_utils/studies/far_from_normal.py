"""Detectors that learn from normal rows alone, and how one judges them once anomalies are known.

Every detector gives a row a score; the higher, the less normal. The data are the tumours of
scikit-learn, where benign samples are normal, and clothes, where one class of ten is left out.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.neighbors import NearestNeighbors

from lecture_utils.arguments import number, whole_number
from lecture_utils.datasets import load_fashion_mnist

Score = Callable[[ArrayLike], NDArray]

#: The benign rows of a draw: those that train, that end the training of a network, that set the
#: threshold; the rest is tested. Malignant rows: those that may pollute the first two.
TUMOUR_CUTS = [198, 238, 297]
POLLUTERS = 52
#: The same for the clothes.
CLOTHES_CUTS = [3000, 3500, 3899]


def z_score(normal: ArrayLike) -> Score:
    """Return a score: the root of the mean squared z-score of all columns.

    Examples
    --------
    >>> z_score([[0.0, 0.0], [2.0, 20.0]])([[1.0, 30.0]]).round(3).tolist()
    [1.414]
    """
    normal = np.asarray(normal, float)
    mean, sd = normal.mean(axis=0), normal.std(axis=0)
    return lambda rows: np.sqrt(np.mean(((rows - mean) / sd) ** 2, axis=1))


def mahalanobis(normal: ArrayLike, *, shrinkage: float = 0.01) -> Score:
    """Return the Mahalanobis distance from the mean as a score.

    The covariance matrix is (1 - shrinkage) C + shrinkage v I, v the mean variance, so that no
    direction is without width.
    """
    normal = np.asarray(normal, float)
    number("shrinkage", shrinkage, least=0, most=1)
    mean, covariance = normal.mean(axis=0), np.cov(normal.T, bias=True)
    n = len(covariance)
    shrunk = (1 - shrinkage) * covariance + shrinkage * np.trace(covariance) / n * np.eye(n)
    whiten = np.linalg.inv(np.linalg.cholesky(shrunk)).T
    return lambda rows: np.linalg.norm((rows - mean) @ whiten, axis=1)


def pca_error(normal: ArrayLike, *, kept: int | None = None, share: float = 0.95) -> Score:
    """Return the error of rebuilding a row from the directions of largest variance as a score.

    Parameters
    ----------
    normal : array_like of float, shape (n_rows, n_columns)
        Normal rows.
    kept : int, optional
        How many directions are kept. Without it as few as hold the `share` of the variance.
    share : float
        See `kept`.

    Returns
    -------
    callable
        The root of the mean squared error of a row.
    """
    normal = np.asarray(normal, float)
    mean = normal.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(normal.T, bias=True))  # rising
    if kept is None:
        n_dropped = np.sum(np.cumsum(variances) <= (1 - share) * variances.sum())
    else:
        n_dropped = normal.shape[1] - whole_number("kept", kept, least=0)
    dropped = directions[:, :n_dropped]
    return lambda rows: np.sqrt(np.sum(((rows - mean) @ dropped) ** 2, axis=1) / normal.shape[1])


def neighbours(normal: ArrayLike, *, k: int = 5) -> Score:
    """Return the mean distance to the k nearest normal rows as a score."""
    found = NearestNeighbors(n_neighbors=whole_number("k", k, least=1)).fit(normal)
    return lambda rows: found.kneighbors(rows)[0].mean(axis=1)


def judge(
    good: ArrayLike, bad: ArrayLike, limit: float, *, prevalence: float = 0.05
) -> dict[str, float]:
    """Return what the scores of normal rows and of anomalies say about a detector.

    Parameters
    ----------
    good, bad : array_like of float, shape (n_rows,)
        Scores of normal rows and of anomalies.
    limit : float
        A row above it raises an alarm.
    prevalence : float
        The share of anomalies for which average precision is wanted: anomalies count less, or
        more, than they are in `bad`.

    Returns
    -------
    dict
        ``auc``, ``average_precision``, ``recall``, ``false_alarms``: the last two are rates.

    Examples
    --------
    >>> judge([1, 2, 3], [2, 9], limit=2.5, prevalence=0.4)["auc"]
    0.75
    """
    odds = number("prevalence", prevalence, above=0, below=1) / (1 - prevalence)
    truth = np.repeat([0, 1], [len(good), len(bad)])
    weight = np.where(truth, odds * len(good) / len(bad), 1)
    scores = np.concatenate([good, bad])
    return {
        "auc": float(roc_auc_score(truth, scores)),
        "average_precision": float(average_precision_score(truth, scores, sample_weight=weight)),
        "recall": float(np.mean(np.asarray(bad) > limit)),
        "false_alarms": float(np.mean(np.asarray(good) > limit)),
    }


def rank_limit(held: ArrayLike, rate: float) -> float:
    """Return the r-th largest of n scores of held-out normal rows, r/(n + 1) the false-alarm rate.

    Examples
    --------
    >>> rank_limit(range(19), 0.1)
    17
    """
    rank = round(rate * (len(held) + 1))
    if not 1 <= rank <= len(held):
        raise ValueError(f"a rate of {rate} needs more than {len(held)} held-out scores")
    return np.sort(held)[-rank].item()


def tumours(seed: int, *, polluted: float = 0.0) -> list[NDArray]:
    """Return benign rows to train, to stop by, for the threshold and to test, and malignant ones.

    Columns are standardized by the rows that train. `polluted` is the share of malignant rows
    among the rows of the first three.
    """
    data = load_breast_cancer()
    rng = np.random.default_rng(seed)
    normal, odd = (rng.permutation(data.data[data.target == kind]) for kind in (1, 0))
    parts, used = np.split(normal, TUMOUR_CUTS), 0
    for part in parts[:3]:
        n = round(polluted * len(part))
        part[:n] = odd[used : used + n]
        used += n
    mean, sd = parts[0].mean(axis=0), parts[0].std(axis=0)
    return [(rows - mean) / sd for rows in (*parts, odd[POLLUTERS:])]


def clothes(unseen: int, seed: int) -> list[NDArray]:
    """Return pictures of nine classes to train, stop, set the threshold and test, and the tenth's.

    Each picture is 196 means of two by two pixels, from 0 to 1.
    """
    blocks, labels = _blocks()
    rng = np.random.default_rng([unseen, seed])
    normal = blocks[rng.permutation(np.flatnonzero(labels != unseen))]
    return [*np.split(normal, CLOTHES_CUTS), blocks[labels == unseen]]


@cache
def _blocks() -> tuple[NDArray, NDArray]:
    """Return all pictures of the sample as block means, and their classes."""
    pictures, labels = (
        np.concatenate(pair) for pair in zip(*load_fashion_mnist(sample=True), strict=True)
    )
    return pictures.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196) / 255, labels
