"""Data sets: reading, numbering words, the sample, the tables of names, the command line."""

import bz2
import gzip
import lzma
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from loopback_server import BODY, IDX, VALUES, impatient_places, noise_dataset
from tiny_cifar import cifar_records, write_cifar

from coursebook import fashion_sample
from lecture_utils import datasets
from lecture_utils.datasets import __main__ as command_line
from lecture_utils.datasets import catalogue, fashion_mnist, prepared
from lecture_utils.datasets.cifar100 import read_cifar100
from lecture_utils.datasets.dataset import Places
from lecture_utils.datasets.errors import DamagedFileError, DataUnavailableError
from lecture_utils.datasets.imdb import number_words, read_imdb
from lecture_utils.datasets.imdb_words import (
    apply_ranks,
    cut_texts,
    encode,
    join_texts,
    rank_words,
    split_words,
)
from lecture_utils.datasets.sources import locate, obtain
from lecture_utils.datasets.unwrap import iterate_members, open_unwrapped, read_idx

WRAPPERS = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress, ".bz2": bz2.compress}
SAMPLE_FOLDER = fashion_sample.TARGET
plain_arrays = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    hnp.arrays(
        st.sampled_from([np.uint8, np.int32, np.int64, np.float64]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
)


# Prepared folders


@settings(max_examples=50, deadline=None)
@given(plain_arrays)
def test_prepared_folder_gives_back_what_it_was_given(arrays):
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        origin = prepared.Origin(prepared.content_digest(arrays), tuple(arrays), "a test")
        prepared.write(folder, arrays, origin)
        assert prepared.read_origin(folder) == origin
        for name, array in prepared.read(folder).items():
            assert type(array) is np.ndarray and not array.flags.writeable
            np.testing.assert_array_equal(array, arrays[name], strict=True)
            del array  # Windows cannot delete a mapped file


@given(plain_arrays)
def test_digest_depends_on_content_only(arrays):
    digest = prepared.content_digest(arrays)
    reordered = {name: np.array(arrays[name], order="F") for name in sorted(arrays, reverse=True)}
    assert prepared.content_digest(reordered) == digest
    for name, array in arrays.items():
        assert prepared.content_digest(arrays | {name: array[np.newaxis]}) != digest
        if array.size:
            changed = array.copy()
            changed.reshape(-1).view(np.uint8)[0] ^= 1
            assert prepared.content_digest(arrays | {name: changed}) != digest


def test_objects_are_not_written_because_they_would_be_pickled(tmp_path):
    arrays = {"lists": np.array([[1], [1, 2]], dtype=object)}
    with pytest.raises(TypeError, match="lists holds Python objects"):
        prepared.write(tmp_path, arrays, prepared.Origin("", (), ""))
    assert not list(tmp_path.iterdir())


def test_prepared_arrays_are_mapped_not_read(tmp_path):
    prepared.write(tmp_path, {"x": np.arange(5)}, prepared.Origin("", ("x",), ""))
    assert isinstance(prepared.read(tmp_path)["x"].base, np.memmap)


def test_other_layout_counts_as_damaged(tmp_path, monkeypatch):
    prepared.write(tmp_path, {"x": np.arange(5)}, prepared.Origin("", ("x",), ""))
    monkeypatch.setattr(prepared, "_FORMAT", 2)
    with pytest.raises(DamagedFileError, match="manifest"):
        prepared.read(tmp_path)


# Wrappers and archives


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_wrapper_is_recognised_by_content(tmp_path, wrapper):
    path = tmp_path / "misleading.gz"
    path.write_bytes(WRAPPERS[wrapper](IDX))
    np.testing.assert_array_equal(read_idx(path, VALUES.shape), VALUES)


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("subfolder", ["", "noises"])
def test_official_file_is_found_under_any_wrapper(tmp_path, wrapper, subfolder):
    folder = tmp_path / "data" / subfolder
    folder.mkdir(parents=True)
    (folder / f"noise-idx1-ubyte{wrapper}").write_bytes(WRAPPERS[wrapper](IDX))
    dataset = noise_dataset(subfolder="noises")
    places = impatient_places(tmp_path, tmp_path / "data")
    assert locate(dataset, places) == f"LECTURE_DATA_DIR: {folder}"
    np.testing.assert_array_equal(obtain(dataset, places)["noise"], VALUES)


def test_system_package_comes_after_the_named_folder(tmp_path):
    for name in ("system", "data"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "noise-idx1-ubyte.gz").write_bytes(BODY)
    dataset = noise_dataset(system_folders=(tmp_path / "system",))
    places = impatient_places(tmp_path, tmp_path / "data")
    assert locate(dataset, places).startswith("LECTURE_DATA_DIR")
    without = replace(places, data=None)
    assert locate(dataset, without) == f"system package: {tmp_path / 'system'}"
    np.testing.assert_array_equal(obtain(dataset, without)["noise"], VALUES)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(WRAPPERS)), st.integers(1, len(IDX) // 2))
def test_truncated_file_is_damaged_under_any_wrapper(wrapper, n_missing):
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "noise")
        path.write_bytes(WRAPPERS[wrapper](IDX)[:-n_missing])
        with pytest.raises(DamagedFileError):
            read_idx(path, VALUES.shape)


@pytest.mark.parametrize("shape", [(60_001,), (59_999,), (200, 300)])
def test_idx_of_another_shape_is_refused(tmp_path, shape):
    (tmp_path / "noise").write_bytes(IDX)
    with pytest.raises(DamagedFileError):
        read_idx(tmp_path / "noise", shape)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2", "folder", "wrapped folder"])
def test_members_are_the_same_packed_or_not(tmp_path, mode):
    folder = tmp_path / "set"
    (folder / "sub").mkdir(parents=True)
    wrap = gzip.compress if mode == "wrapped folder" else bytes
    suffix = ".gz" if mode == "wrapped folder" else ""
    for name in ("1", "2"):
        (folder / "sub" / f"{name}.txt{suffix}").write_bytes(wrap(name.encode()))
    (folder / "notes").write_text("not asked for")
    path = folder
    if mode.startswith("w:") or mode == "w":
        path = tmp_path / "packed"
        with tarfile.open(path, mode) as archive:
            archive.add(folder, arcname="./set")
    wanted = re.compile(r"set/sub/(\d)\.txt")
    members = {name: stream.read() for (name,), stream in iterate_members(path, wanted)}
    assert members == {"1": b"1", "2": b"2"}


def test_errors_of_the_reader_are_not_disguised(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    with pytest.raises(KeyError), open_unwrapped(tmp_path / "file"):
        raise KeyError


# CIFAR-100


def test_cifar100_order_is_one_of_content(tmp_path):
    records = cifar_records(20, seed=1)
    records[5] = records[3]  # an exact duplicate, and the same picture with other classes
    records[7, 2:] = records[6, 2:]
    one = read_cifar100(write_cifar(tmp_path / "1", records, records[:4]), 20, 4)
    shuffled = np.random.default_rng(2).permutation(records)
    two = read_cifar100(write_cifar(tmp_path / "2", shuffled, records[3::-1]), 20, 4)
    assert prepared.content_digest(one) == prepared.content_digest(two)
    original = Counter(record.tobytes() for record in records)
    restored = np.column_stack(
        [
            one["coarse_train"],
            one["fine_train"],
            one["x_train"].transpose(0, 3, 1, 2).reshape(20, -1),
        ]
    )
    assert Counter(record.tobytes() for record in restored) == original


@pytest.mark.parametrize("n_train", [19, 21])
def test_cifar100_of_another_size_is_refused(tmp_path, n_train):
    records = cifar_records(20, seed=1)
    with pytest.raises(DamagedFileError, match=r"train\.bin"):
        read_cifar100(write_cifar(tmp_path, records, records), n_train, 20)


def test_cifar100_without_test_split_is_refused(tmp_path):
    folder = write_cifar(tmp_path, cifar_records(2, seed=1), cifar_records(2, seed=1))
    (folder / "test.bin").unlink()
    with pytest.raises(DamagedFileError, match=r"holds no test\.bin"):
        read_cifar100(folder, 2, 2)


def test_tables_of_names():
    assert len(set(datasets.FASHION_MNIST_CLASSES)) == 10
    assert len(set(datasets.CIFAR100_FINE_CLASSES)) == 100
    assert len(set(datasets.CIFAR100_COARSE_CLASSES)) == 20
    # Five fine classes in each coarse one.
    assert set(Counter(datasets.CIFAR100_FINE_TO_COARSE).values()) == {5}
    assert sorted(set(datasets.CIFAR100_FINE_TO_COARSE)) == list(range(20))


# IMDB


def write_imdb(folder: Path, reviews: dict[str, list[bytes]]) -> Path:
    for place, texts in reviews.items():
        for number, text in enumerate(texts):
            path = folder / "aclImdb" / place / f"{number}_5.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
    return folder / "aclImdb"


REVIEWS = {
    "train/pos": [b"Good, good film.", b"I liked it"],
    "train/neg": [b"Bad film.", "Café: bad.".encode()],
    "test/pos": [b"good unseen film", b""],
    "test/neg": [b"I hated it", b"bad"],
}


def test_imdb_order_is_one_of_content(tmp_path):
    turned = {place: texts[::-1] for place, texts in reversed(REVIEWS.items())}
    one = read_imdb(write_imdb(tmp_path / "1", REVIEWS), 2)
    two = read_imdb(write_imdb(tmp_path / "2", turned), 2)
    assert prepared.content_digest(one) == prepared.content_digest(two)
    texts = cut_texts(one["text_train"], one["text_ends_train"])
    labelled = {text.encode(): label for text, label in zip(texts, one["y_train"], strict=True)}
    assert labelled == dict.fromkeys(REVIEWS["train/pos"], 1) | dict.fromkeys(
        REVIEWS["train/neg"], 0
    )


def test_imdb_ignores_what_is_no_labelled_review(tmp_path):
    folder = write_imdb(tmp_path, REVIEWS | {"train/unsup": [b"?"] * 3})
    (folder / "train" / "pos" / "urls.txt").write_text("x")
    assert len(read_imdb(folder, 2)["y_train"]) == 4


def test_imdb_with_a_missing_review_is_refused(tmp_path):
    folder = write_imdb(tmp_path, REVIEWS)
    (folder / "test" / "neg" / "0_5.txt").unlink()
    with pytest.raises(DamagedFileError, match=r"2 \+ 1 reviews"):
        read_imdb(folder, 2)


def test_imdb_that_is_not_utf8_is_refused(tmp_path):
    folder = write_imdb(tmp_path, REVIEWS | {"train/pos": [b"\xff", b"ok"]})
    with pytest.raises(DamagedFileError, match="UTF-8"):
        number_words(read_imdb(folder, 2))


@given(st.lists(st.text("ab c'.", max_size=20)), st.lists(st.text("ab cd", max_size=20)))
def test_ranks_are_by_frequency_then_by_code_point(train, test):
    words, ranks, ends = rank_words(train)
    counts = Counter(word for text in train for word in split_words(text))
    assert words == sorted(counts, key=lambda word: (-counts[word], word))
    expected = [[words.index(word) + 1 for word in split_words(text)] for text in train]
    assert [r.tolist() for r in np.split(ranks, ends)[: len(train)]] == expected
    ranks, ends = apply_ranks(test, words)
    expected = [
        [words.index(word) + 1 for word in split_words(text) if word in words] for text in test
    ]
    assert [r.tolist() for r in np.split(ranks, ends)[: len(test)]] == expected


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"))))
def test_joined_texts_can_be_cut_again(texts):
    assert list(cut_texts(*join_texts([text.encode() for text in texts]))) == texts


def test_none_keeps_all_words():
    assert encode(np.array([1, 50]), np.array([2]), num_words=None).tolist() == [[1, 4, 53]]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"num_words": -1}, ValueError, "num_words must be at least 1, not -1"),
        ({"num_words": 1e4}, TypeError, "num_words must be a whole number or None, not 10000.0"),
        ({"num_words": True}, TypeError, "num_words"),
        ({"index_from": None}, TypeError, "index_from must be a whole number, not None"),
        ({"oov_char": -2}, ValueError, "oov_char must be at least 0, not -2"),
    ],
)
def test_load_imdb_names_the_bad_value(arguments, error, message):
    with pytest.raises(error, match=message):
        datasets.load_imdb(**arguments)


# The sample


def test_sample_is_stratified_and_small():
    (x_train, y_train), (x_test, y_test) = datasets.load_fashion_mnist(sample=True)
    assert x_train.shape == (5000, 28, 28) and x_test.shape == (1000, 28, 28)
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert np.bincount(y_train).tolist() == [500] * 10
    assert np.bincount(y_test).tolist() == [100] * 10
    assert not any(a.flags.writeable for a in (x_train, y_train, x_test, y_test))


def test_sample_loads_within_50_ms():
    durations = []
    for _ in range(5):
        begin = time.perf_counter()
        datasets.load_fashion_mnist(sample=True)
        durations.append(time.perf_counter() - begin)
    assert min(durations) < 0.05


def test_sample_needs_nothing_but_the_package(tmp_path):
    code = """
import socket, sys
socket.socket.connect = None
from lecture_utils import datasets
datasets.load_fashion_mnist(sample=True)
assert not {"tensorflow", "keras", "torch", "jax"} & sys.modules.keys()
"""
    nowhere = str(tmp_path / "nowhere")
    environment = os.environ | {"LECTURE_CACHE_DIR": nowhere, "LECTURE_DATA_DIR": nowhere}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert not Path(nowhere).exists()


@pytest.mark.skipif(
    not datasets.is_available("fashion_mnist"),
    reason="Fashion-MNIST is not here: set LECTURE_DATA_DIR or install dataset-fashion-mnist",
)
def test_sample_is_what_the_script_draws(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LECTURE_CACHE_DIR", str(tmp_path / "cache"))
    fashion_sample.main(tmp_path / "drawn")
    drawn = {path.name: path.read_bytes() for path in (tmp_path / "drawn").iterdir()}
    shipped = {path.name: path.read_bytes() for path in SAMPLE_FOLDER.iterdir()}
    assert shipped.keys() == drawn.keys() | {"LICENSE", "README.md"}
    assert drawn == {name: shipped[name] for name in drawn}
    assert fashion_mnist._SAMPLE_DIGEST in capsys.readouterr().out


@pytest.mark.parametrize("damage", ["flip", "missing", "replaced"])
def test_damaged_sample_is_noticed(tmp_path, monkeypatch, damage):
    folder = tmp_path / "sample"
    shutil.copytree(SAMPLE_FOLDER, folder)
    monkeypatch.setattr(fashion_mnist, "_SAMPLE_FOLDER", folder)
    if damage == "flip":
        content = bytearray((folder / "x_test.npy").read_bytes())
        content[-1] ^= 1
        (folder / "x_test.npy").write_bytes(content)
    elif damage == "missing":
        shutil.rmtree(folder)
    else:
        prepared.write(folder, {"x_test": np.zeros(3)}, prepared.Origin("", ("x_test",), ""))
    with pytest.raises(DamagedFileError):
        datasets.load_fashion_mnist(sample=True)


# Places and the command line


def test_places_come_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("LECTURE_CACHE_DIR", str(tmp_path / "c"))
    monkeypatch.setenv("LECTURE_DATA_DIR", "~/d")
    assert Places.from_environment().cache == tmp_path / "c"
    assert Places.from_environment().data == Path("~/d").expanduser()
    monkeypatch.setenv("LECTURE_CACHE_DIR", "")
    monkeypatch.delenv("LECTURE_DATA_DIR")
    assert "lecture_utils" in str(Places.from_environment().cache)
    assert Places.from_environment().data is None


@pytest.fixture
def one_data_set(tmp_path, monkeypatch):
    """The command line with a single data set, whose file is in LECTURE_DATA_DIR."""
    monkeypatch.setenv("LECTURE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("LECTURE_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "noise-idx1-ubyte").write_bytes(IDX)
    monkeypatch.setattr(catalogue, "CATALOGUE", {"noise": noise_dataset()})
    monkeypatch.setattr(command_line, "CATALOGUE", catalogue.CATALOGUE)
    return tmp_path


def test_command_line_from_fetch_to_repair(one_data_set, capsys):
    folder = one_data_set / "cache" / "noise-v1"
    assert datasets.is_available("noise")
    assert command_line.main(["list"]) == 0
    assert f"LECTURE_DATA_DIR: {one_data_set / 'data'}" in capsys.readouterr().out
    assert command_line.main(["verify"]) == 0
    assert "noise: not prepared" in capsys.readouterr().out
    assert command_line.main(["verify", "noise"]) == 1
    assert command_line.main(["fetch", "noise"]) == 0
    assert f"noise: ready in {folder}" in capsys.readouterr().out
    assert command_line.main(["verify", "noise"]) == 0
    assert "noise: intact (from LECTURE_DATA_DIR" in capsys.readouterr().out
    content = (folder / "doubled.npy").read_bytes()
    (folder / "doubled.npy").write_bytes(content[:-1] + b"\x55")
    assert command_line.main(["verify"]) == 1
    assert "DAMAGED" in capsys.readouterr().out
    with pytest.warns(UserWarning, match="changed"):
        assert command_line.main(["fetch"]) == 0
    assert command_line.main(["verify"]) == 0


def test_verify_knows_other_data_that_is_consistent_in_itself(one_data_set, capsys):
    folder = one_data_set / "cache" / "noise-v1"
    other = {"noise": np.zeros(3, np.uint8)}
    prepared.write(folder, other, prepared.Origin("wrong", ("noise",), "elsewhere"))
    assert command_line.main(["verify", "noise"]) == 1
    assert "holds other data" in capsys.readouterr().out
    digest = prepared.content_digest(other)
    prepared.write(folder, other, prepared.Origin(digest, ("noise",), "elsewhere"))
    assert command_line.main(["verify", "noise"]) == 0
    assert "not the ones that the course was measured on" in capsys.readouterr().out


def test_command_line_fails_without_a_source(one_data_set, capsys):
    (one_data_set / "data" / "noise-idx1-ubyte").unlink()
    assert not datasets.is_available("noise")
    assert command_line.main(["list"]) == 0
    assert "to be downloaded" in capsys.readouterr().out
    assert command_line.main(["fetch"]) == 1
    assert "Any one of these helps" in capsys.readouterr().err


def test_fetch_fails_when_nothing_can_be_kept(one_data_set, capsys):
    (one_data_set / "cache").write_text("not a folder")
    with pytest.warns(UserWarning, match="prepared in memory"):
        assert command_line.main(["fetch"]) == 1
    assert "could not be kept" in capsys.readouterr().err


def test_unknown_names(capsys):
    with pytest.raises(SystemExit, match="2"):
        command_line.main(["fetch", "mnist"])
    assert "there are fashion_mnist, imdb, cifar100" in capsys.readouterr().err
    with pytest.raises(ValueError, match="'mnist'"):
        datasets.is_available("mnist")


def test_error_of_every_data_set_tells_how_to_get_it(tmp_path):
    places = impatient_places(tmp_path)
    for dataset in catalogue.CATALOGUE.values():
        nowhere = tuple(replace(f, url=f"http://127.0.0.1:9/{f.name}") for f in dataset.files)
        with pytest.raises(DataUnavailableError) as caught:
            obtain(replace(dataset, files=nowhere, system_folders=()), places)
        for file in dataset.files:
            assert file.name in str(caught.value)
        assert f"fetch {dataset.name}" in str(caught.value)
        assert dataset.alternative in str(caught.value)


def test_the_module_runs(tmp_path):
    finished = subprocess.run(
        [sys.executable, "-m", "lecture_utils.datasets", "list"],
        env=os.environ | {"LECTURE_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    for name in catalogue.CATALOGUE:
        assert name in finished.stdout
