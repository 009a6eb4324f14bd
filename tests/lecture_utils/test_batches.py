"""Mini-batches visit every row, once an epoch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lecture_utils.batches import batch_order


@given(n_rows=st.integers(1, 60), n_steps=st.integers(1, 40), data=st.data())
def test_every_epoch_visits_different_rows(n_rows, n_steps, data):
    batch_size = data.draw(st.integers(1, n_rows))
    seed = data.draw(st.integers(0, 10))
    order = batch_order(
        n_rows, batch_size=batch_size, n_steps=n_steps, rng=np.random.default_rng(seed)
    )
    assert order.shape == (n_steps, batch_size)
    steps_per_epoch = n_rows // batch_size
    for start in range(0, n_steps, steps_per_epoch):
        epoch = order[start : start + steps_per_epoch].ravel()
        assert len(set(epoch)) == epoch.size
        assert set(epoch) <= set(range(n_rows))


def test_rows_left_out_differ_between_epochs():
    order = batch_order(10, batch_size=7, n_steps=30, rng=np.random.default_rng(0))
    assert len({tuple(sorted(epoch)) for epoch in order}) > 1


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"n_rows": 0}, ValueError, "n_rows must be at least 1, got 0"),
        ({"batch_size": 5}, ValueError, "batch_size must be at most n_rows = 4, got 5"),
        ({"n_steps": -1}, ValueError, "n_steps must be at least 1, got -1"),
        ({"n_steps": 1.5}, TypeError, "n_steps must be an integer, got 1.5"),
        ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator, got 0"),
    ],
)
def test_bad_input(change, error, message):
    arguments = {"n_rows": 4, "batch_size": 2, "n_steps": 3, "rng": np.random.default_rng(0)}
    arguments |= change
    with pytest.raises(error, match=message):
        batch_order(arguments.pop("n_rows"), **arguments)
