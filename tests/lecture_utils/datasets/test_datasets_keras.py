"""Oracle: given the same data in its own files, `keras.datasets` returns the same."""

import pickle
import sys

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.text import text_to_word_sequence
from tiny_cifar import cifar_records, write_cifar

from lecture_utils import datasets
from lecture_utils.datasets.cifar100 import read_cifar100
from lecture_utils.datasets.fashion_mnist import FASHION_MNIST
from lecture_utils.datasets.imdb_words import encode, split_words


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_words_are_split_as_keras_splits_them(text):
    assert split_words(text) == text_to_word_sequence(text)


@pytest.mark.parametrize("num_words", [1, 2, 6, 10, 1000])
@pytest.mark.parametrize("start_char", [1, 5, None])
@pytest.mark.parametrize("oov_char", [2, 0, None])
@pytest.mark.parametrize("index_from", [0, 3])
def test_sequences_are_those_of_keras(
    tmp_path, monkeypatch, num_words, start_char, oov_char, index_from
):
    rng = np.random.default_rng(0)
    rows = {split: [rng.integers(1, 12, size=n) for n in (5, 3, 8)] for split in ("train", "test")}
    arrays = {}
    for split, ranks in rows.items():
        arrays[f"x_{split}"] = np.empty(3, dtype=object)
        arrays[f"x_{split}"][:] = [row.tolist() for row in ranks]
        arrays[f"y_{split}"] = np.array([0, 1, 1])
    np.savez(tmp_path / "imdb.npz", **arrays)
    module = sys.modules["keras.src.datasets.imdb"]
    monkeypatch.setattr(module, "get_file", lambda **_: str(tmp_path / "imdb.npz"))
    (x_train, _), (x_test, _) = keras.datasets.imdb.load_data(
        num_words=num_words, start_char=start_char, oov_char=oov_char, index_from=index_from
    )
    shuffle = np.random.RandomState(113)
    for split, expected in (("train", x_train), ("test", x_test)):
        order = np.arange(3)
        shuffle.shuffle(order)
        ranks = [rows[split][i] for i in order]
        flat, ends = np.concatenate(ranks), np.cumsum([len(row) for row in ranks])
        ours = encode(flat, ends, num_words, start_char, oov_char, index_from)
        assert ours.tolist() == expected.tolist()
        assert ours.dtype == expected.dtype == object
        assert {type(sequence) for sequence in ours} == {list}


def test_cifar100_has_the_shapes_types_and_meaning_of_keras(tmp_path, monkeypatch):
    records = cifar_records(6, seed=3)
    python_release = tmp_path / "cifar-100-python"
    python_release.mkdir()
    batch = {
        b"data": records[:, 2:],
        b"fine_labels": records[:, 1].tolist(),
        b"coarse_labels": records[:, 0].tolist(),
    }
    for split in ("train", "test"):
        (python_release / split).write_bytes(pickle.dumps(batch, protocol=4))
    module = sys.modules["keras.src.datasets.cifar100"]
    monkeypatch.setattr(module, "get_file", lambda **_: str(tmp_path))
    arrays = read_cifar100(write_cifar(tmp_path, records, records), 6, 6)
    monkeypatch.setattr("lecture_utils.datasets.cifar100.obtain", lambda *_: arrays)
    for label_mode in ("fine", "coarse"):
        keras_splits = keras.datasets.cifar100.load_data(label_mode)
        for ours, theirs in zip(datasets.load_cifar100(label_mode), keras_splits, strict=True):
            by_pixels = {image.tobytes(): label for image, label in zip(*theirs, strict=True)}
            for image, label in zip(*ours, strict=True):
                assert label == by_pixels[image.tobytes()]
            for our_array, their_array in zip(ours, theirs, strict=True):
                assert our_array.shape == their_array.shape
                assert our_array.dtype == their_array.dtype


def test_fashion_mnist_is_that_of_keras(tmp_path, monkeypatch):
    monkeypatch.setenv("LECTURE_CACHE_DIR", str(tmp_path))
    folders = [folder for folder in FASHION_MNIST.system_folders if folder.is_dir()]
    if not folders:
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    module = sys.modules["keras.src.datasets.fashion_mnist"]
    monkeypatch.setattr(module, "get_file", lambda name, **_: str(folders[0] / name))
    keras_splits = keras.datasets.fashion_mnist.load_data()
    for ours, theirs in zip(datasets.load_fashion_mnist(), keras_splits, strict=True):
        for our_array, their_array in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(our_array, their_array, strict=True)
