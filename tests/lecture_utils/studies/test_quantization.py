"""Rounded weights are close to the weights, and folding changes nothing but the layers."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lecture_utils.studies.quantization import fold_normalization, quantize

WEIGHTS = arrays(
    np.float32,
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    elements=st.floats(-100, 100, width=32),
)


def test_codes_and_scale_of_a_small_example():
    codes, scale = quantize(np.array([[1.0, -30.0], [-127.0, 60.0]]), bits=8)
    assert codes.tolist() == [[1, -30], [-127, 60]] and scale.tolist() == [[1.0]]
    codes, scale = quantize(np.array([[1.0, -30.0], [-127.0, 60.0]]), bits=2, axis=1)
    assert codes.tolist() == [[0, 0], [-1, 1]] and scale.tolist() == [[127.0, 60.0]]


@given(weights=WEIGHTS, bits=st.integers(2, 16), axis=st.sampled_from([None, 0, 1, -1]))
def test_no_weight_moves_by_more_than_half_a_scale(weights, bits, axis):
    codes, scale = quantize(weights, bits=bits, axis=axis)
    assert np.abs(codes).max() <= 2 ** (bits - 1) - 1
    assert (np.abs(codes * scale - weights) <= scale / 2 * (1 + 1e-9)).all()
    assert (codes[weights == 0] == 0).all()


@given(weights=WEIGHTS)
def test_a_scale_for_each_channel_is_that_of_the_channel_alone(weights):
    codes, scale = quantize(weights, bits=8, axis=1)
    for channel in range(weights.shape[1]):
        alone = quantize(weights[:, channel], bits=8)
        np.testing.assert_array_equal(codes[:, channel], alone[0])
        np.testing.assert_array_equal(scale[:, channel], alone[1])


def test_weights_that_are_all_zero_have_a_scale():
    codes, scale = quantize(np.zeros(3), bits=4)
    assert codes.tolist() == [0, 0, 0] and scale.tolist() == [1.0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weights": [1.0], "bits": 1}, "bits must be from 2 to 16, got 1"),
        ({"weights": [1.0], "bits": 17}, "bits must be from 2 to 16, got 17"),
        ({"weights": [1.0], "bits": 8, "axis": 1}, "axis must be one of 1 axes, got 1"),
        ({"weights": [np.nan], "bits": 8}, "weights must be finite"),
        ({"weights": [], "bits": 8}, "weights must not be empty"),
    ],
)
def test_wrong_values_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        quantize(**arguments)


def test_bits_must_be_whole():
    with pytest.raises(TypeError, match="bits must be an integer"):
        quantize(np.ones(2), bits=8.0)


def test_folded_layers_do_what_keras_does_with_both():
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    convolution = keras.layers.Conv2D(4, 3, use_bias=False)
    normalization = keras.layers.BatchNormalization()
    model = keras.Sequential([keras.Input((8, 8, 2)), convolution, normalization])
    gain, shift, mean = rng.normal(size=(3, 4))
    variance = rng.uniform(0.1, 2, size=4)
    normalization.set_weights([gain, shift, mean, variance])
    kernel, bias = fold_normalization(
        convolution.get_weights()[0],
        gain=gain,
        shift=shift,
        mean=mean,
        variance=variance,
        epsilon=normalization.epsilon,
    )
    one = keras.layers.Conv2D(4, 3)
    images = rng.normal(size=(5, 8, 8, 2)).astype(np.float32)
    one.build(images.shape)
    one.set_weights([kernel, bias])
    np.testing.assert_allclose(one(images), model.predict(images, verbose=0), atol=1e-4)


def test_folding_refuses_what_does_not_belong_together():
    parts = dict.fromkeys(("gain", "shift", "mean", "variance"), np.ones(3))
    with pytest.raises(ValueError, match=r"must have shape \(2,\)"):
        fold_normalization(np.ones((3, 2)), **parts, epsilon=1e-3)
    with pytest.raises(ValueError, match="epsilon must be above 0"):
        fold_normalization(np.ones((2, 3)), **parts, epsilon=0)
