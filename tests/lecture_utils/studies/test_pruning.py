"""The smallest weights go, as many as asked for, and the schedule rises to its end."""

import numpy as np
import pytest

from lecture_utils.studies.pruning import gradual_sparsity, magnitude_masks


@pytest.mark.parametrize("sparsity", [0.0, 0.3, 0.875, 1.0])
def test_the_smallest_go_over_all_layers(sparsity):
    rng = np.random.default_rng(0)
    kernels = [rng.normal(size=(3, 3, 2, 5)), 0.1 * rng.normal(size=(40, 10))]
    masks = magnitude_masks(kernels, sparsity=sparsity)
    assert [mask.shape for mask in masks] == [kernel.shape for kernel in kernels]
    gone = np.concatenate([np.abs(k[~m]) for k, m in zip(kernels, masks, strict=True)])
    stays = np.concatenate([np.abs(k[m]) for k, m in zip(kernels, masks, strict=True)])
    assert gone.size == round(sparsity * 490)
    assert gone.max(initial=0) <= stays.min(initial=np.inf)


def test_a_layer_of_smaller_weights_loses_more_unless_it_is_pruned_alone():
    large, small = np.arange(1.0, 11), np.arange(1.0, 11) / 20
    both = magnitude_masks([large, small], sparsity=0.5)
    assert [mask.sum() for mask in both] == [10, 0]
    (alone,) = magnitude_masks([small], sparsity=0.5)
    assert alone.tolist() == [False] * 5 + [True] * 5


def test_among_equal_weights_the_number_is_still_right():
    (mask,) = magnitude_masks([np.ones(10)], sparsity=0.7)
    assert mask.tolist() == [False] * 7 + [True] * 3


@pytest.mark.parametrize(
    ("kernels", "sparsity", "message"),
    [
        ([], 0.5, "kernels must not be empty"),
        ([np.array([1.0, np.inf])], 0.5, "kernels must be finite"),
        ([np.ones(3)], 1.1, "sparsity must be at least 0 and at most 1, got 1.1"),
    ],
)
def test_wrong_values_are_refused(kernels, sparsity, message):
    with pytest.raises(ValueError, match=message):
        magnitude_masks(kernels, sparsity=sparsity)


def test_schedule_follows_its_formula_and_stays_at_the_end():
    shares = gradual_sparsity(np.arange(200), final=0.9, n_steps=100)
    assert shares[0] == 0 and (shares[100:] == 0.9).all()
    assert shares[20] == pytest.approx(0.9 * (1 - 0.8**3))
    steps = np.diff(shares[:101])
    assert (steps > 0).all() and (np.diff(steps) < 0).all()  # fast first, then slow


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"step": [-1]}, "step must not be negative, got -1"),
        ({"final": 1.5}, "final must be at least 0 and at most 1"),
        ({"n_steps": 0}, "n_steps must be at least 1"),
    ],
)
def test_schedule_refuses_wrong_values(change, message):
    with pytest.raises(ValueError, match=message):
        gradual_sparsity(**{"step": [1], "final": 0.5, "n_steps": 10, **change})
