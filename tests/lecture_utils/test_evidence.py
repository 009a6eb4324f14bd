"""Samples of runs, paired differences and the rule, against SciPy and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from minimal_chapter import NAME, cell, page
from scipy import stats

from coursebook import build as chapters
from coursebook import numbers as glued
from lecture_utils.evidence import (
    Sample,
    Summary,
    difference,
    differences,
    error_sources,
)

ROWS = st.lists(st.integers(-1000, 1000), min_size=2, max_size=12, unique=True)


@settings(deadline=None)  # SciPy's first call is slow
@given(ROWS)
def test_a_sample_is_what_scipy_says(values):
    sample = Sample(values)
    assert sample.n == len(values)
    assert sample.mean == pytest.approx(np.mean(values), abs=1e-9)
    assert sample.sd == pytest.approx(stats.tstd(values), abs=1e-9)
    assert sample.standard_error == pytest.approx(stats.sem(values), abs=1e-9)


@settings(deadline=None)
@given(ROWS, st.integers(0, 2**32 - 1))
def test_a_difference_is_the_paired_t_test(values, seed):
    others = values + np.random.default_rng(seed).normal(0.5, 1, size=len(values))
    ours, theirs = difference(others, values), stats.ttest_rel(others, values)
    expected = theirs.confidence_interval(0.95)
    assert ours.interval == pytest.approx((expected.low, expected.high), rel=1e-6, abs=1e-9)
    assert ours.is_difference == (theirs.pvalue < 0.05)


@pytest.mark.parametrize(("n_seeds", "comparisons"), [(5, 1), (10, 1), (5, 6), (20, 3)])
def test_the_rule_raises_as_many_false_alarms_as_it_says(n_seeds, comparisons):
    rng = np.random.default_rng(n_seeds + comparisons)
    draws = rng.normal(size=(10_000, comparisons, 2, n_seeds))
    alarms = np.mean(
        [
            any(difference(a, b, comparisons=comparisons).is_difference for a, b in experiment)
            for experiment in draws
        ]
    )
    expected = 1 - (1 - 0.05 / comparisons) ** comparisons  # independent ones; below 0.05
    assert abs(alarms - expected) < 4 * math.sqrt(expected * (1 - expected) / len(draws))


def test_several_comparisons_are_counted_and_said():
    rng = np.random.default_rng(0)
    reference = rng.normal(size=8)
    ways = {name: reference + rng.normal(0.9, 1, size=8) for name in ("crops", "flips", "jitter")}
    found = differences(ways, reference)
    alone = difference(ways["crops"], reference)
    assert found["crops"].mean == alone.mean
    low, high = found["crops"].interval
    assert low < alone.interval[0] < alone.interval[1] < high
    assert "3 comparisons together" in found["crops"].verdict
    assert "together" not in alone.verdict


def test_splits_of_the_same_rows_are_less_evidence():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.5, 1, size=(2, 20))
    alone, shared = difference(a, b), difference(a, b, overlap=0.3 / 0.7)
    assert shared.standard_error == pytest.approx(alone.sd * math.sqrt(1 / 20 + 3 / 7))
    assert shared.interval[0] < alone.interval[0]
    assert differences({"a": a}, b, overlap=0.3 / 0.7)["a"].interval == shared.interval
    with pytest.raises(ValueError, match="overlap must be at least 0, got -1"):
        difference(a, b, overlap=-1)


def test_the_rule_keeps_its_promise_for_splits_of_the_same_rows():
    # Two features that are equally good: one model sees the first, the other the second.
    rng = np.random.default_rng(1)
    alarms = {0.0: 0, 0.5: 0}
    for _ in range(300):
        x = rng.normal(size=(30, 2))
        y = x.sum(axis=1) + rng.normal(size=30)
        errors = np.empty((20, 2))
        for split in range(20):
            train, test = np.split(rng.permutation(30), [20])
            slopes = (x[train].T @ y[train]) / (x[train] ** 2).sum(axis=0)
            errors[split] = ((y[test, None] - x[test] * slopes) ** 2).mean(axis=0)
        for overlap in alarms:
            alarms[overlap] += difference(*errors.T, overlap=overlap).is_difference
    assert alarms[0.0] > 0.3 * 300
    assert alarms[0.5] < 0.1 * 300


@pytest.mark.parametrize(
    ("mean", "sd", "text"),
    [
        (0.8184, 0.0062, "0.818 ± 0.006"),
        (0.8184, 0.0012, "0.8184 ± 0.0012"),
        (0.8184, 0.00097, "0.8184 ± 0.0010"),
        (154.2, 17.3, "154 ± 17"),
        (-2.41, 0.38, "-2.4 ± 0.4"),
        (3.04e-7, 2.1e-8, "3.0e-07 ± 2e-08"),
        (0.25, 0, "0.25 ± 0"),
    ],
)
def test_the_text_has_the_digits_that_the_spread_leaves(mean, sd, text):
    assert str(Summary(mean, sd, n=5)) == text


def test_formats():
    sample = Summary(mean=0.8184, sd=0.0062, n=10)
    assert f"{sample}" == f"{sample:±}" == str(sample)
    assert f"{sample:.2f}" == "0.82"
    assert f"{sample:±.4f}" == "0.8184 ± 0.0062"
    assert f"{sample:±.1%}" == "81.8% ± 0.6%"
    assert f"{sample:sd.3f}, {sample:se.3f}" == "0.006, 0.002"
    assert f"{sample:interval.3f}" == "0.814 to 0.823"
    assert f"{sample:low.3f}, {sample:high.3f}" == "0.814, 0.823"
    with pytest.raises(ValueError, match="digits"):
        f"{sample:digits}"


def test_a_difference_shows_its_interval():
    lead = difference([0.86, 0.87, 0.85, 0.88], [0.84, 0.85, 0.84, 0.85])
    assert str(lead) == "0.020 (0.007 to 0.033)"
    assert lead.verdict.startswith("a difference: ")
    assert difference([1.0, 2.0], [2.0, 1.0]).verdict.startswith("no difference seen: ")
    assert not difference([1.0, 2.0], [1.0, 2.0]).is_difference


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ([0.5], ValueError, r"values must be a row of at least 2 values, got shape \(1,\)"),
        ([[1, 2], [3, 4]], ValueError, r"values .* got shape \(2, 2\)"),
        ([], ValueError, "values must not be empty"),
        ([0.5, math.nan], ValueError, "values must be finite, got nan"),
        (["a", "b"], TypeError, "values must be numbers"),
        (0.5, TypeError, "values must be one value a run, got the number 0.5"),
    ],
)
def test_what_is_no_sample_is_named(values, error, message):
    with pytest.raises(error, match=message):
        Sample(values)


def test_pairs_must_be_pairs():
    with pytest.raises(ValueError, match="got 2 and 3 values"):
        difference([1, 2], [1, 2, 3])
    with pytest.raises(TypeError, match="b must be one value a run"):
        difference([1, 2], 1.5)
    with pytest.raises(ValueError, match="comparisons must be at least 1, got 0"):
        difference([1, 2], [2, 1], comparisons=0)


def test_a_sample_keeps_its_values():
    values = np.array([1.0, 2.0])
    sample = Sample(values)
    values[0] = 5
    assert sample.values.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        sample.values[0] = 5


@pytest.mark.parametrize("n_seeds", [2, 5, 10])
def test_errors_of_seeds_and_of_the_test_set_are_told_apart(n_seeds):
    """The share of the test set must not depend on the number of seeds."""
    rng = np.random.default_rng(n_seeds)
    n_examples, sd_seed, sd_example, sd_rest = 200, 0.1, 1.5, 2.0
    found, means = [], []
    for _ in range(600):
        table = (
            rng.normal(scale=sd_seed, size=(n_seeds, 1))
            + rng.normal(scale=sd_example, size=n_examples)
            + rng.normal(scale=sd_rest, size=(n_seeds, n_examples))
        )
        sources = error_sources(table)
        found.append((sources.seeds**2, sources.test_set**2, sources.total**2))
        means.append(table.mean())
    seeds, test_set, total = np.mean(found, axis=0)
    rest = sd_rest**2 / (n_seeds * n_examples)
    assert seeds == pytest.approx(sd_seed**2 / n_seeds + rest, rel=0.15)
    assert test_set == pytest.approx(sd_example**2 / n_examples, rel=0.05)
    assert total == pytest.approx(np.var(means, ddof=1), rel=0.2)


def test_tables_that_cannot_be_taken_apart():
    assert error_sources([[0, 1], [1, 0]]).test_set == 0
    for scores in ([1, 0, 1], [[1, 0, 1]]):
        with pytest.raises(ValueError, match="at least 2 seeds and 2 examples, got shape"):
            error_sources(scores)


def test_a_recorded_sample_reaches_the_text(tmp_path):
    source = tmp_path / f"{NAME}.md"
    code = (
        "from lecture_utils.evidence import Sample, difference\n"
        "record(score=Sample([0.82, 0.81, 0.83]), lead=difference([3, 4, 5], [1, 1, 2]))\n"
        "record(shared=difference([3, 4, 5], [1, 1, 2], overlap=0.5))"
    )
    text = "Mean {}, whole {}, error {}, lead {}, of splits {}.\n".format(
        *(
            f"{{glue:text}}`{role}`"
            for role in (
                "score:.2f",
                "score:±.3f",
                "score:se.3f",
                "lead:interval.1f",
                "shared:interval.1f",
            )
        )
    )
    source.write_text(page(extra=cell(code) + text), encoding="utf-8")
    assert chapters.build(source) == []
    built = source.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert (
        "Mean 0.82, whole 0.820 ± 0.010, error 0.006, lead 1.2 to 4.1, of splits 0.4 to 4.9."
        in built
    )
    assert chapters.compare(source) == []


def test_a_format_that_does_not_fit_a_sample_is_named():
    with pytest.raises(ValueError, match="score:digits"):
        glued.resolve("{glue:text}`score:digits`", {"score": Summary(1, 1, n=3)})
