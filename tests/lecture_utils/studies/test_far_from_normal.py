"""Distances from normal rows are those of scikit-learn; thresholds keep what they promise."""

import numpy as np
import pytest
from sklearn.covariance import ShrunkCovariance
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from lecture_utils.studies.far_from_normal import (
    judge,
    mahalanobis,
    neighbours,
    pca_error,
    rank_limit,
    tumours,
    z_score,
)


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(6, 6))
    return rng.normal(size=(80, 6)) @ mixing, rng.normal(size=(30, 6)) @ mixing + 1


def test_distances_are_those_of_scikit_learn(rows):
    normal, new = rows
    scaled = StandardScaler().fit(normal).transform(new)
    np.testing.assert_allclose(z_score(normal)(new), np.sqrt(np.mean(scaled**2, axis=1)))
    shrunk = ShrunkCovariance(shrinkage=0.01).fit(normal)
    np.testing.assert_allclose(mahalanobis(normal)(new), np.sqrt(shrunk.mahalanobis(new)))
    near = NearestNeighbors(n_neighbors=3).fit(normal).kneighbors(new)[0]
    np.testing.assert_allclose(neighbours(normal, k=3)(new), near.mean(axis=1))


@pytest.mark.parametrize("kept", [0, 2, None])
def test_a_row_is_rebuilt_as_by_pca(rows, kept):
    normal, new = rows
    if kept is None:
        shares = np.cumsum(PCA().fit(normal).explained_variance_ratio_)
        pca = PCA(int(np.sum(shares < 0.95)) + 1).fit(normal)
    else:
        pca = PCA(kept).fit(normal) if kept else None
    mean = normal.mean(axis=0)
    rebuilt = pca.inverse_transform(pca.transform(new)) if pca else mean
    expected = np.sqrt(np.mean((new - rebuilt) ** 2, axis=1))
    np.testing.assert_allclose(pca_error(normal, kept=kept)(new), expected)


def test_a_threshold_keeps_its_rate_on_average():
    rng = np.random.default_rng(0)
    rates = [
        np.mean(rng.normal(size=500) > rank_limit(rng.normal(size=39), 0.1)) for _ in range(2000)
    ]
    assert np.mean(rates) == pytest.approx(0.1, abs=0.005)


def test_a_rate_that_so_few_rows_cannot_promise_is_refused():
    with pytest.raises(ValueError, match=r"a rate of 0\.01 needs more than 19 held-out scores"):
        rank_limit(range(19), 0.01)


def test_average_precision_depends_on_the_prevalence_and_auc_does_not():
    rng = np.random.default_rng(0)
    good, bad = rng.normal(size=400), rng.normal(1.5, 1, size=300)
    rare, common = (judge(good, bad, 1.0, prevalence=share) for share in (0.01, 0.5))
    assert rare["auc"] == common["auc"]
    assert rare["average_precision"] < 0.5 < common["average_precision"]
    blind = judge(rng.normal(size=4000), rng.normal(size=4000), 0.0, prevalence=0.05)
    assert blind["average_precision"] == pytest.approx(0.05, abs=0.01)


def test_the_parts_of_the_table_share_no_row_but_the_polluters_come_from_the_malignant():
    parts = tumours(3)
    assert [len(part) for part in parts] == [198, 40, 59, 60, 160]
    np.testing.assert_allclose(parts[0].mean(axis=0), 0, atol=1e-9)
    dirty = tumours(3, polluted=0.05)
    assert [len(part) for part in dirty] == [198, 40, 59, 60, 160]
    far = [np.mean(part[:3] ** 2) for part in (parts[2], dirty[2])]
    assert far[1] > 2 * far[0]
