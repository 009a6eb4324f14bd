"""The network that ships with the package is whole, small, safe to load, and what its page says."""

import zipfile

import keras
import numpy as np
import pytest

from lecture_utils.datasets import CIFAR100_FINE_TO_COARSE, pretrained
from lecture_utils.datasets.errors import DamagedFileError
from lecture_utils.datasets.pretrained import WEIGHTS_FILE, content_digest, load_cifar100_network
from lecture_utils.results import load_results


@pytest.fixture(scope="module")
def network():
    return load_cifar100_network()


def by_hand(network, images):
    """The scores, by the description in the docstring and NumPy only."""
    x = images / 64 - 2
    for k in (1, 2, 3):
        kernel = network[f"convolution_{k}_kernel"]
        size, n_outputs = kernel.shape[0], x.shape[1] // 2
        border = 2 * (n_outputs - 1) + size - x.shape[1]
        edges = (border // 2, border - border // 2)
        x = np.pad(x, ((0, 0), edges, edges, (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
        x = np.einsum("nhwcij,ijcf->nhwf", windows[:, ::2, ::2], kernel, optimize=True)
        scale, shift, mean, variance = (
            network[f"normalization_{k}_{part}"] for part in ("scale", "shift", "mean", "variance")
        )
        x = np.maximum(scale * (x - mean) / np.sqrt(variance + 0.001) + shift, 0)
    return x.reshape(len(x), -1) @ network["head_kernel"] + network["head_bias"]


def keras_model():
    layers = [keras.Input((32, 32, 3)), keras.layers.Rescaling(1 / 64, offset=-2)]
    for n_filters, size in ((16, 4), (48, 3), (96, 3)):
        layers += [
            keras.layers.Conv2D(n_filters, size, strides=2, padding="same", use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
        ]
    return keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(80)])


def test_the_description_is_the_keras_model(network):
    model = keras_model()
    model.set_weights([v for name, v in network.items() if name != "source_classes"])
    images = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3)).astype(np.float32)
    np.testing.assert_allclose(model(images).numpy(), by_hand(network, images), atol=1e-3)


def test_arrays_are_plain_finite_numbers(network):
    *weights, source_classes = network.values()
    assert len(weights) == 17
    assert {w.dtype for w in weights} == {np.dtype(np.float32)}
    assert all(np.isfinite(w).all() for w in weights)
    assert all(w.min() > 0 for name, w in network.items() if name.endswith("_variance"))
    first = {CIFAR100_FINE_TO_COARSE.index(coarse) for coarse in range(20)}
    assert source_classes.tolist() == sorted({*range(100)} - first)


def test_half_precision_loses_nothing_on_the_way(network):
    with np.load(WEIGHTS_FILE) as stored:
        assert all((stored[name] == array).all() for name, array in network.items())


def test_the_file_is_small_and_holds_arrays_only():
    assert WEIGHTS_FILE.stat().st_size < 400_000
    with zipfile.ZipFile(WEIGHTS_FILE) as archive:
        assert all(name.endswith(".npy") for name in archive.namelist())
        assert archive.testzip() is None


def test_the_readme_tells_the_measured_accuracy():
    text = (WEIGHTS_FILE.parent / "README.md").read_text(encoding="utf-8")
    source = load_results("15_transfer_learning")["results"]["source"]
    assert f"{source['test']:.3f}" in text


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DamagedFileError, match=r"none\.npz cannot be read"):
        load_cifar100_network(tmp_path / "none.npz")


@pytest.mark.parametrize("n_bytes", [0, 100, 10_000])
def test_a_truncated_file_is_refused(tmp_path, n_bytes):
    file = tmp_path / "weights.npz"
    file.write_bytes(WEIGHTS_FILE.read_bytes()[:n_bytes])
    with pytest.raises(DamagedFileError, match="cannot be read"):
        load_cifar100_network(file)


def test_a_pickle_is_refused(tmp_path):
    file = tmp_path / "weights.npz"
    np.savez(file, head_bias=np.array([{}], dtype=object))
    with pytest.raises(DamagedFileError, match="cannot be read"):
        load_cifar100_network(file)


@pytest.mark.parametrize("change", ["value", "order", "missing", "type"])
def test_other_content_is_refused(tmp_path, change):
    with np.load(WEIGHTS_FILE) as stored:
        arrays = {name: stored[name] for name in stored.files}
    assert content_digest(arrays) == pretrained.DIGEST
    if change == "value":
        arrays["head_bias"][0] += 1
    elif change == "order":
        arrays = dict(reversed(arrays.items()))
    elif change == "missing":
        del arrays["head_bias"]
    else:
        arrays["head_bias"] = arrays["head_bias"].astype(np.float32)
    file = tmp_path / "weights.npz"
    np.savez(file, **arrays)
    with pytest.raises(DamagedFileError, match="not the published one"):
        load_cifar100_network(file)


def test_another_archive_of_the_same_arrays_is_fine(tmp_path, network):
    with np.load(WEIGHTS_FILE) as stored:
        np.savez_compressed(tmp_path / "weights.npz", **stored)
    again = load_cifar100_network(tmp_path / "weights.npz")
    assert all((again[name] == array).all() for name, array in network.items())
