"""Converted models answer like the model they come from, in every precision."""

import os

import keras
import numpy as np
import pytest
import tensorflow as tf

from lecture_utils.studies.litert import PRECISIONS, LiteRT, convert, gzipped_size, quiet
from lecture_utils.studies.quantization import fold_normalization, quantize
from lecture_utils.studies.small_networks import build_small_network


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return build_small_network((4, 8, 16))


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, size=(40, 28, 28, 1)).astype(np.uint8)


@pytest.fixture(scope="module")
def contents(model, images):
    rows = {"int8": images}
    return {p: convert(model, precision=p, calibration=rows.get(p)) for p in PRECISIONS}


def test_answers_are_those_of_keras(model, images, contents):
    expected = model.predict(images, verbose=0)
    spread = expected.max() - expected.min()
    for precision, limit in (("float32", 1e-5), ("dynamic", 0.02), ("int8", 0.05)):
        found = LiteRT(contents[precision]).outputs(images)
        assert found.shape == expected.shape and found.dtype == np.float32
        assert np.abs(found - expected).max() < limit * spread, precision


def test_int8_weights_take_fewer_bytes(contents):
    assert len(contents["dynamic"]) < len(contents["float32"])
    assert len(contents["int8"]) < len(contents["float32"])


def test_calibration_on_another_range_is_noticed(model, images):
    broken = LiteRT(convert(model, precision="int8", calibration=images / 255)).outputs(images)
    expected = model.predict(images, verbose=0)
    assert np.abs(broken - expected).max() > 0.3 * (expected.max() - expected.min())


def test_weights_in_the_file_are_those_of_quantize(model, contents):
    convolution, normalization = model.layers[1:3]  # the division by 255 comes before
    gain, shift, mean, variance = normalization.get_weights()
    kernel, _ = fold_normalization(
        convolution.get_weights()[0] / 255,
        gain=gain,
        shift=shift,
        mean=mean,
        variance=variance,
        epsilon=normalization.epsilon,
    )
    codes, scale = quantize(kernel, bits=8, axis=-1)
    interpreter = LiteRT(contents["int8"]).interpreter
    (stored,) = (t for t in interpreter.get_tensor_details() if tuple(t["shape"]) == (4, 3, 3, 1))
    theirs = np.moveaxis(interpreter.get_tensor(stored["index"]), 0, -1)
    assert np.abs(theirs.astype(int) - codes).max() <= 1
    np.testing.assert_allclose(
        stored["quantization_parameters"]["scales"], scale.ravel(), rtol=1e-4
    )


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_batches_give_the_answers_of_single_rows(model, images, contents, precision):
    rows = images if precision == "int8" else None
    batched = convert(model, precision=precision, calibration=rows, batch_size=20)
    expected = LiteRT(contents[precision]).outputs(images)
    spread = expected.max() - expected.min()
    np.testing.assert_allclose(LiteRT(batched).outputs(images), expected, atol=0.02 * spread)
    with pytest.raises(ValueError, match="inputs must fill whole batches of 20, got 15"):
        LiteRT(batched).outputs(images[:15])


def test_wrong_arguments_are_refused(model, images):
    with pytest.raises(ValueError, match=r"precision must be one of .*, got 'int4'"):
        convert(model, precision="int4")
    for arguments in (
        {"precision": "int8"},
        {"precision": "int8", "calibration": images[:0]},
        {"precision": "dynamic", "calibration": images},
    ):
        with pytest.raises(ValueError, match="calibration rows belong to"):
            convert(model, **arguments)
    with pytest.raises(ValueError, match="must fill batches of 30, got 40"):
        convert(model, precision="int8", calibration=images, batch_size=30)
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        convert(model, batch_size=0)


def test_nothing_is_printed_or_logged(model, images, capfd, caplog, monkeypatch):
    logger = tf.get_logger()
    monkeypatch.setattr(logger, "propagate", True)
    logger.setLevel("INFO")
    LiteRT(convert(model, precision="int8", calibration=images)).outputs(images)
    assert capfd.readouterr() == ("", "") and not caplog.records
    logger.info("heard again")
    assert [record.message for record in caplog.records] == ["heard again"]


def test_standard_error_comes_back_after_an_error(capfd):
    with pytest.raises(ZeroDivisionError), quiet():
        os.write(2, b"not seen")
        1 / 0  # noqa: B018
    os.write(2, b"seen")
    assert capfd.readouterr().err == "seen"


def test_gzip_finds_zeros_and_nothing_in_random_bytes():
    rng = np.random.default_rng(0)
    assert gzipped_size(bytes(10_000)) < 100
    assert gzipped_size(rng.bytes(10_000)) > 10_000
