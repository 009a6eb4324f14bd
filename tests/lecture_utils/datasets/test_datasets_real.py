"""The real data sets, from the folder that LECTURE_DATA_DIR names: what is in them, and the cost.

Facts that the appendix "data sets" states about them are counted here.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from lecture_utils import datasets
from lecture_utils.datasets import catalogue, prepared
from lecture_utils.datasets.dataset import Places

pytestmark = pytest.mark.skipif(
    not os.environ.get("LECTURE_DATA_DIR"),
    reason="LECTURE_DATA_DIR does not name a folder with the official files",
)
PREPARE = r"""
import json, pathlib, re, sys, time
from lecture_utils.datasets.__main__ import main
status = main(["fetch", sys.argv[1]])
cost = {"status": status, "seconds": time.process_time()}
report = pathlib.Path("/proc/self/status")  # getrusage would count the memory of the test suite
if report.exists():
    cost["peak_megabytes"] = int(re.search(r"VmHWM:\s+(\d+)", report.read_text())[1]) / 1024
print(json.dumps(cost))
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A new cache, shared with the other workers when pytest runs in parallel."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTURE_CACHE_DIR", str(folder))
        yield folder


@pytest.mark.parametrize("name", catalogue.CATALOGUE)
def test_first_use_is_affordable(cache, name):
    """Preparing takes under 1 GB and, whatever else the machine does, half a minute of its time."""
    if catalogue.locate(catalogue.CATALOGUE[name], Places.from_environment()) is None:
        pytest.skip(f"LECTURE_DATA_DIR does not hold {name}")
    finished = subprocess.run(
        [sys.executable, "-c", PREPARE, name], capture_output=True, encoding="utf-8", check=True
    )
    cost = json.loads(finished.stdout.splitlines()[-1])
    assert cost["status"] == 0
    assert cost.get("peak_megabytes", 0) < 1000
    assert cost["seconds"] < 30
    folder = Places.from_environment().prepared(catalogue.CATALOGUE[name])
    assert prepared.read_origin(folder).digest == catalogue.CATALOGUE[name].digest


def load(name, cache, loader, *arguments):
    assert Path(os.environ["LECTURE_CACHE_DIR"]) == cache
    if not datasets.is_available(name):
        pytest.skip(f"LECTURE_DATA_DIR does not hold {name}")
    return loader(*arguments)


def test_fashion_mnist(cache):
    (x_train, y_train), (x_test, y_test) = load("fashion_mnist", cache, datasets.load_fashion_mnist)
    assert x_train.shape == (60_000, 28, 28) and x_test.shape == (10_000, 28, 28)
    assert np.bincount(y_train).tolist() == [6000] * 10
    assert np.bincount(y_test).tolist() == [1000] * 10
    assert y_test[:10].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    images = {image.tobytes() for split in (x_train, x_test) for image in split}
    assert len(images) == 70_000  # no picture occurs twice
    sample = datasets.load_fashion_mnist(sample=True)
    for (images, labels), (all_images, all_labels) in zip(
        sample, ((x_train, y_train), (x_test, y_test)), strict=True
    ):
        position = {image.tobytes(): i for i, image in enumerate(all_images)}
        positions = [position[image.tobytes()] for image in images]
        assert positions == sorted(positions)  # the original order
        np.testing.assert_array_equal(all_labels[positions], labels)


def test_cifar100(cache):
    (x_train, y_train), (x_test, y_test) = load("cifar100", cache, datasets.load_cifar100)
    assert x_train.shape == (50_000, 32, 32, 3) and x_test.shape == (10_000, 32, 32, 3)
    assert y_train.shape == (50_000, 1) and y_test.shape == (10_000, 1)
    assert np.bincount(y_train[:, 0]).tolist() == [500] * 100
    assert np.bincount(y_test[:, 0]).tolist() == [100] * 100
    # The published means and standard deviations of the channels.
    levels = np.arange(256) / 255
    for channel, mean, deviation in ((0, 0.5071, 0.2673), (1, 0.4865, 0.2564), (2, 0.4409, 0.2762)):
        shares = np.bincount(x_train[..., channel].reshape(-1), minlength=256) / (50_000 * 32 * 32)
        assert shares @ levels == pytest.approx(mean, abs=5e-5)
        assert shares @ (levels - shares @ levels) ** 2 == pytest.approx(deviation**2, abs=5e-5)
    (_, coarse_train), (_, coarse_test) = datasets.load_cifar100("coarse")
    fine_to_coarse = np.array(datasets.CIFAR100_FINE_TO_COARSE)
    np.testing.assert_array_equal(fine_to_coarse[y_train], coarse_train)
    np.testing.assert_array_equal(fine_to_coarse[y_test], coarse_test)


def test_cifar100_known_faults(cache):
    (x_train, y_train), (x_test, _) = load("cifar100", cache, datasets.load_cifar100)
    labels: dict[bytes, list[int]] = {}
    for image, label in zip(x_train, y_train[:, 0], strict=True):
        labels.setdefault(image.tobytes(), []).append(int(label))
    repeated = [classes for classes in labels.values() if len(classes) > 1]
    assert len(repeated) == 14
    assert sum(len(set(classes)) > 1 for classes in repeated) == 9
    test_images = Counter(image.tobytes() for image in x_test)
    assert sum(count > 1 for count in test_images.values()) == 2
    assert len(test_images.keys() & labels.keys()) == 10


def test_cifar100_first_images_are_a_fair_sample(cache):
    """The order shuffles: a tenth of the set is as bright as the whole, and has all classes."""
    (x_train, y_train), _ = load("cifar100", cache, datasets.load_cifar100)
    brightness = x_train.mean((1, 2, 3))
    standard_error = brightness.std() / np.sqrt(5000)
    for tenth in np.split(brightness, 10):
        assert abs(tenth.mean() - brightness.mean()) < 4 * standard_error
    assert set(y_train[:5000, 0]) == set(range(100))


def test_imdb_sequences(cache):
    (x_train, y_train), (x_test, y_test) = load("imdb", cache, datasets.load_imdb)
    for x, y in ((x_train, y_train), (x_test, y_test)):
        assert x.shape == y.shape == (25_000,)
        assert x.dtype == object and y.dtype == np.int64
        assert np.bincount(y).tolist() == [12_500, 12_500]
        assert {sequence[0] for sequence in x} == {1}
        assert max(map(max, x)) == 9_999
        assert 0.4 < y[:1000].mean() < 0.6  # shuffled
    full, _ = datasets.load_imdb(num_words=None)
    assert [len(sequence) for sequence in full[0]] == [len(sequence) for sequence in x_train]
    assert max(map(max, full[0])) == 88_582 + 3


def test_imdb_words(cache):
    """Published for the Keras tokenizer on these reviews: 88,582 words, "the" 336,148 times."""
    ranks = load("imdb", cache, datasets.imdb_word_index)
    assert len(ranks) == 88_582
    assert list(ranks)[:10] == ["the", "and", "a", "of", "to", "is", "br", "in", "it", "i"]
    assert list(ranks.values()) == list(range(1, 88_583))
    shifted = datasets.imdb_word_index(shifted=True)
    assert shifted["the"] == 4
    assert {word: shifted[word] for word in datasets.IMDB_RESERVED} == datasets.IMDB_RESERVED
    assert sorted(shifted.values()) == list(range(88_586))
    full, _ = datasets.load_imdb(num_words=None)
    assert sum(sequence.count(4) for sequence in full[0]) == 336_148


def test_imdb_text_belongs_to_the_sequences(cache):
    from lecture_utils.datasets.imdb_words import split_words

    texts = load("imdb", cache, datasets.load_imdb_text)
    sequences = datasets.load_imdb(num_words=None)
    index = datasets.imdb_word_index(shifted=True)
    for (x_text, y_text), (x, y) in zip(texts, sequences, strict=True):
        np.testing.assert_array_equal(y_text, y)
        for i in range(0, 25_000, 500):
            known = [index[word] for word in split_words(x_text[i]) if word in index]
            assert x[i] == [1, *known]


def test_imdb_known_faults(cache):
    (train, _), (test, _) = load("imdb", cache, datasets.load_imdb_text)
    assert len(train) - len(set(train)) == 96
    assert len(test) - len(set(test)) == 199
    assert len(set(train) & set(test)) == 123
