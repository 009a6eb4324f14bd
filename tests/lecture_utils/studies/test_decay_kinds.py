"""Kinds of decay begin at 1 and fall to their end; a seed decides start and order."""

import numpy as np
import pytest

from lecture_utils.studies.decay_kinds import KINDS, relative_rates, starts_and_batches


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", [0.5, 0.01])
def test_every_kind_begins_at_one_and_falls_to_its_end(kind, end):
    rates = relative_rates(kind, n_steps=10_000, end=end)
    assert rates[0] == 1
    assert (np.diff(rates) <= 1e-15).all()
    assert rates[-1] == pytest.approx(end, rel=0.02)
    assert rates[-1] >= end * (1 - 1e-12)


@pytest.mark.parametrize("kind", ["constant", *KINDS])
def test_an_end_of_one_is_a_constant_rate(kind):
    np.testing.assert_array_equal(relative_rates(kind, n_steps=5), np.ones(5))


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"kind": "stairs", "end": 0.1}, "kind must be constant, step, .*got 'stairs'"),
        ({"kind": "linear", "end": 0}, "end must be above 0 and at most 1, got 0"),
        ({"kind": "linear", "n_steps": 0}, "n_steps must be at least 1, got 0"),
    ],
)
def test_settings_are_checked(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        relative_rates(**{"n_steps": 10} | settings)


def test_a_seed_decides_alone_and_a_longer_run_begins_alike():
    sizes = {"n_rows": 50, "batch_size": 10}
    weights, batches = starts_and_batches([3, 4], n_steps=20, **sizes)
    alone, shorter = starts_and_batches([4], n_steps=5, **sizes)
    np.testing.assert_array_equal(weights[0][1], alone[0][0])
    np.testing.assert_array_equal(batches[1, :5], shorter[0])
