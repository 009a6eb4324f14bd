"""Everything that can go wrong on the way to a data set: a clear error or a repair, no loss.

The server is a real one on the loopback interface, the processes are real processes, and the limits
on writing are set by the operating system (see `limited`).
"""

import io
import re
import signal
import subprocess
import sys
import tarfile
import time
import warnings
from functools import partial
from pathlib import Path

import loopback_server
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback_server import (
    BODY,
    FILE_NAME,
    IDX,
    VALUES,
    impatient_places,
    noise_dataset,
    serving,
)

from lecture_utils.datasets import DamagedFileError, DataUnavailableError, prepared
from lecture_utils.datasets.cifar100 import read_cifar100
from lecture_utils.datasets.imdb import read_imdb
from lecture_utils.datasets.sources import locate, obtain

#: Where the processes that the tests start find the server.
SUPPORT = str(Path(loopback_server.__file__).parent)
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits and signals")
#: Guards against hanging only.
HANGS_AFTER_S = 600


def assert_right(arrays):
    np.testing.assert_array_equal(arrays["noise"], VALUES)
    np.testing.assert_array_equal(arrays["doubled"], VALUES * np.int32(2))
    assert not arrays["noise"].flags.writeable


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def filled(tmp_path):
    """Places with a prepared cache and no official file; what they were filled from is gone."""
    official = tmp_path / "official"
    official.mkdir()
    (official / FILE_NAME).write_bytes(BODY)
    obtain(noise_dataset(), impatient_places(tmp_path, official))
    (official / FILE_NAME).unlink()
    return impatient_places(tmp_path)


def test_download_is_kept_and_not_repeated(tmp_path):
    places = impatient_places(tmp_path)
    with serving() as server:
        dataset = noise_dataset(server.url)
        assert locate(dataset, places) is None
        assert_right(obtain(dataset, places))
        assert_right(obtain(dataset, places))
        assert server.requests.total() == 1
    assert locate(dataset, places).startswith("prepared cache")


def test_progress_is_drawn(tmp_path, capsys):
    places = impatient_places(tmp_path)
    places = type(places)(places.cache, patience=type(places.patience)(retries=0))
    with serving() as server:
        obtain(noise_dataset(server.url), places)
    assert "100%" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("not found", "404"),
        ("stall", "timed out"),
        ("truncated", "IncompleteRead|broken"),
        ("wrong bytes", "not the published file"),
    ],
)
def test_broken_download_is_a_clear_error_and_leaves_nothing(tmp_path, fault, message):
    places = impatient_places(tmp_path)
    with serving(fault) as server:
        dataset = noise_dataset(server.url)
        with pytest.raises(DataUnavailableError, match=message) as caught:
            obtain(dataset, places)
        assert server.requests.total() == 1
        left = [path for path in places.cache.rglob("*") if path.is_file()]
        assert [path.suffix for path in left] in ([], [".lock"])
        assert_right(obtain(dataset, places))  # the fault is over: nothing stands in the way
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_a_connection_that_cannot_be_trusted_names_the_file_of_certificates(tmp_path):
    with serving() as server:
        untrusted = noise_dataset(server.url.replace("http:", "https:"))
        with pytest.raises(DataUnavailableError, match="set REQUESTS_CA_BUNDLE"):
            obtain(untrusted, impatient_places(tmp_path))


def test_refused_connection_names_the_three_ways(tmp_path):
    with pytest.raises(DataUnavailableError) as caught:
        obtain(noise_dataset(), impatient_places(tmp_path))
    message = str(caught.value)
    assert "127.0.0.1" in message and "refused" in message
    assert "1. Set LECTURE_DATA_DIR" in message and FILE_NAME in message
    assert "2. With a network" in message
    assert "python -m lecture_utils.datasets fetch noise" in message
    assert "3. Run that command on another machine" in message
    assert str(tmp_path / "cache") in message


@pytest.mark.parametrize("fault", ["not found", "stall", "truncated", "wrong bytes"])
def test_download_is_tried_again(tmp_path, fault):
    with serving(fault) as server:
        assert_right(obtain(noise_dataset(server.url), impatient_places(tmp_path, retries=1)))
        assert server.requests.total() == 2


def test_genuine_file_rules_over_the_digest(tmp_path):
    """A file with the published hash is genuine, even if its content has another digest."""
    with serving() as server:
        dataset = noise_dataset(server.url, digest="0" * 64)
        places = impatient_places(tmp_path)
        assert_right(obtain(dataset, places))
    (places.downloads(dataset) / FILE_NAME).rename(tmp_path / FILE_NAME)
    elsewhere = impatient_places(tmp_path / "elsewhere", data=tmp_path)
    assert_right(obtain(dataset, elsewhere))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), which=st.integers(0, 2))
def test_flipped_bit_in_the_cache_is_noticed(filled, where, bit, which):
    folder = filled.prepared(noise_dataset())
    path = sorted(folder.iterdir())[which]
    good = path.read_bytes()
    bad = bytearray(good)
    bad[int(where * len(good))] ^= 1 << bit
    path.write_bytes(bad)
    try:
        with pytest.raises(DamagedFileError):
            prepared.read(folder)
        with pytest.raises(DataUnavailableError, match="prepared cache"):
            obtain(noise_dataset(), filled)
        assert path.read_bytes() == bad  # no source to repair from: nothing is thrown away
    finally:
        path.write_bytes(good)


def test_manifest_with_a_swapped_name_is_noticed(filled):
    """One flipped bit turns x into y: two entries of one name, and an array would be missing."""
    path = filled.prepared(noise_dataset()) / prepared.MANIFEST
    path.write_text(path.read_text().replace('"doubled"', '"noise"'))
    with pytest.raises(DamagedFileError, match="changed"):
        prepared.read(path.parent)


@pytest.mark.parametrize("damage", ["flip", "truncate", "delete", "manifest", "pickle"])
def test_damaged_cache_is_repaired_without_network(tmp_path, damage):
    places = impatient_places(tmp_path)
    with serving() as server:
        dataset = noise_dataset(server.url)
        obtain(dataset, places)
    folder = places.prepared(dataset)
    good = contents(folder)
    path = folder / "noise.npy"
    if damage == "flip":
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
    elif damage == "truncate":
        path.write_bytes(path.read_bytes()[:1000])
    elif damage == "delete":
        path.unlink()
    elif damage == "manifest":
        (folder / prepared.MANIFEST).write_text("{")
    else:
        np.save(path, np.array([print], dtype=object), allow_pickle=True)
    with pytest.warns(UserWarning, match=r"Used instead: earlier download"):
        assert_right(obtain(dataset, places))
    repaired = contents(folder)
    assert {n: b for n, b in repaired.items() if n.endswith("npy")} == {
        n: b for n, b in good.items() if n.endswith("npy")
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_right(obtain(dataset, places))


def test_damaged_download_is_fetched_again(tmp_path):
    places = impatient_places(tmp_path)
    with serving() as server:
        dataset = noise_dataset(server.url)
        obtain(dataset, places)
        (places.downloads(dataset) / FILE_NAME).write_bytes(BODY[:-100])
        (places.prepared(dataset) / prepared.MANIFEST).unlink()
        with pytest.warns(UserWarning, match="damaged"):
            assert_right(obtain(dataset, places))
    assert (places.downloads(dataset) / FILE_NAME).read_bytes() == BODY


@pytest.mark.parametrize(
    "content", [b"", b"no idx file", BODY[:500], IDX[:-1], IDX + b"x", IDX[:-1] + b"?"]
)
def test_wrong_official_file_is_passed_over_with_a_warning(tmp_path, content):
    official = tmp_path / "official"
    official.mkdir()
    (official / FILE_NAME).write_bytes(content)
    with serving() as server, pytest.warns(UserWarning, match="Used instead: download"):
        assert_right(obtain(noise_dataset(server.url), impatient_places(tmp_path, official)))


def test_unreadable_official_file_says_why(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(BODY[:500])
    with pytest.raises(DataUnavailableError, match=r"LECTURE_DATA_DIR: .* is damaged"):
        obtain(noise_dataset(), impatient_places(tmp_path / "other", data=tmp_path))


def limited(limit: str, folder: Path, url: str, data: str = "None") -> subprocess.CompletedProcess:
    """Load in a process that the operating system limits.

    A full disk: RLIMIT_FSIZE, with which the kernel refuses to let a file grow (EFBIG where a full
    disk gives ENOSPC; the code treats both as OSError). A read-only folder: mode bits, and the
    superuser, whom they do not stop, first gives up the right to ignore them.
    """
    script = f"""
import ctypes, os, pathlib, resource, sys, warnings
sys.path.insert(0, {SUPPORT!r})
import numpy as np
from loopback_server import VALUES, impatient_places, noise_dataset
from lecture_utils.datasets import DataUnavailableError
from lecture_utils.datasets.sources import obtain
{limit}
places = impatient_places(pathlib.Path({str(folder)!r}), {data})
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    try:
        arrays = obtain(noise_dataset({url!r}), places)
        assert (arrays["noise"] == VALUES).all()
        assert (arrays["doubled"] == VALUES * np.int32(2)).all()
        assert not arrays["noise"].flags.writeable
        print("loaded")
    except DataUnavailableError as error:
        print(error)
for warning in caught:
    print("warning:", warning.message)
"""
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        encoding="utf-8",
        timeout=HANGS_AFTER_S,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result


NO_ROOM = "resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))"
NO_PRIVILEGE = """
if os.geteuid() == 0:  # Linux: drop all capabilities, CAP_DAC_OVERRIDE among them
    header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert ctypes.CDLL(None).capset(header, nothing) == 0
"""


@needs_posix
def test_full_disk_while_preparing_works_from_memory(filled, tmp_path):
    good = contents(filled.prepared(noise_dataset()))
    path = filled.prepared(noise_dataset()) / "doubled.npy"
    path.unlink()
    (tmp_path / "official").mkdir(exist_ok=True)
    (tmp_path / "official" / FILE_NAME).write_bytes(BODY)
    data = f"pathlib.Path({str(tmp_path / 'official')!r})"
    # Room for the 60 kB of one array, not for the 240 kB of the other.
    result = limited(NO_ROOM.format(100_000), tmp_path, "http://127.0.0.1:9", data)
    assert result.stdout.startswith("loaded")
    assert "prepared in memory" in result.stdout and "File too large" in result.stdout
    left = contents(filled.prepared(noise_dataset()))
    assert left == {name: good[name] for name in good if name != "doubled.npy"}


@needs_posix
def test_full_disk_while_downloading_is_a_clear_error(tmp_path):
    with serving() as server:
        result = limited(NO_ROOM.format(10_000), tmp_path, server.url)
    assert "download: " in result.stdout and "File too large" in result.stdout
    assert not [
        path for path in (tmp_path / "cache").rglob("*") if path.suffix not in ("", ".lock")
    ]


@needs_posix
def test_read_only_cache_is_used(tmp_path):
    places = impatient_places(tmp_path)
    with serving() as server:
        obtain(noise_dataset(server.url), places)
        for path in places.cache.rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        places.cache.chmod(0o555)
        try:
            result = limited(NO_PRIVILEGE, tmp_path, server.url)
            assert result.stdout == "loaded\n"
            path = places.prepared(noise_dataset()) / "noise.npy"
            path.chmod(0o644)
            path.write_bytes(path.read_bytes()[:-1] + b"\0")
            result = limited(NO_PRIVILEGE, tmp_path, server.url)
            assert result.stdout.startswith("loaded")
            assert "prepared in memory" in result.stdout
            assert server.requests.total() == 1  # repaired from the download that was kept
        finally:
            places.cache.chmod(0o755)
            for path in places.cache.rglob("*"):
                path.chmod(0o755)


@needs_posix
def test_read_only_folder_downloads_and_works_from_memory(tmp_path):
    (tmp_path / "cache").mkdir(mode=0o555)
    with serving() as server:
        result = limited(NO_PRIVILEGE, tmp_path, server.url)
        assert result.stdout.startswith("loaded")
        assert "Permission denied" in result.stdout and "LECTURE_CACHE_DIR" in result.stdout
        assert server.requests.total() == 1
    (tmp_path / "cache").chmod(0o755)
    assert not list((tmp_path / "cache").iterdir())


def test_cache_below_a_file_works_from_memory(tmp_path):
    (tmp_path / "cache").write_text("not a folder")
    with serving() as server, pytest.warns(UserWarning, match="prepared in memory"):
        assert_right(obtain(noise_dataset(server.url), impatient_places(tmp_path)))
    assert (tmp_path / "cache").read_text() == "not a folder"


def start_loading(folder: Path, url: str, stall: float = 0.5) -> subprocess.Popen:
    script = f"""
import pathlib, sys
sys.path.insert(0, {SUPPORT!r})
from loopback_server import VALUES, noise_dataset
from lecture_utils.datasets.dataset import Places
from lecture_utils.datasets.download import Patience
from lecture_utils.datasets.sources import obtain
patience = Patience(retries=0, stall={stall}, progressbar=False)
places = Places(pathlib.Path({str(folder / "cache")!r}), patience=patience)
print("ready", flush=True)
sys.stdin.readline()
assert (obtain(noise_dataset({url!r}), places)["noise"] == VALUES).all()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout.readline() == "ready\n"
    return process


def test_two_processes_at_once_download_once(tmp_path):
    with serving() as server:
        processes = [start_loading(tmp_path, server.url) for _ in range(2)]
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            process.communicate(timeout=HANGS_AFTER_S)
        assert [process.returncode for process in processes] == [0, 0]
        assert server.requests.total() == 1


@needs_posix
def test_killed_process_leaves_no_lock_and_no_litter(tmp_path):
    places = impatient_places(tmp_path)
    with serving("stall") as server:
        dataset = noise_dataset(server.url)
        process = start_loading(tmp_path, server.url, stall=30)
        process.stdin.write("go\n")
        process.stdin.flush()
        litter = places.downloads(dataset)
        deadline = time.monotonic() + HANGS_AFTER_S
        while not server.requests:  # the file to write to is opened before the request is made
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=HANGS_AFTER_S)
        assert list(litter.iterdir())
        (places.prepared(dataset) / "unfinished-abc").mkdir(parents=True)
        assert_right(obtain(dataset, places))
    assert [path.name for path in litter.iterdir()] == [FILE_NAME]
    names = sorted(path.name for path in places.prepared(dataset).iterdir())
    assert names == ["doubled.npy", "manifest.json", "noise.npy"]


def hostile_archive(path: Path, members: dict[str, bytes]) -> None:
    """An archive that, if extracted, would write beside its folder, through a link, and to /."""
    with tarfile.open(path, "w:gz") as archive:
        for kind, name in ((tarfile.SYMTYPE, "cifar-100-binary"), (tarfile.SYMTYPE, "aclImdb/x")):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = kind, "../../outside"
            archive.addfile(link)
        for name in ("../evil.txt", "aclImdb/../../evil.txt", "/evil.txt"):
            members = {**members, name: b"evil"}
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def test_archive_cannot_write_outside(tmp_path, monkeypatch):
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    record = bytes([4, 0]) + bytes(3072)
    hostile_archive(
        inside / "cifar.tar.gz",
        {f"cifar-100-binary/{split}.bin": record for split in ("train", "test")},
    )
    reviews = {
        f"aclImdb/{split}/{label}/0_1.txt": b"Fine."
        for split in ("train", "test")
        for label in ("neg", "pos")
    }
    hostile_archive(inside / "imdb.tar.gz", reviews)
    before = contents(tmp_path)
    assert read_cifar100(inside / "cifar.tar.gz", 1, 1)["x_test"].shape == (1, 32, 32, 3)
    assert read_imdb(inside / "imdb.tar.gz", n_per_class=1)["y_test"].tolist() == [0, 1]
    assert contents(tmp_path) == before
    assert not Path("/evil.txt").exists()


def test_hostile_archive_instead_of_the_data_is_refused(tmp_path):
    official = tmp_path / "official"
    official.mkdir()
    hostile_archive(official / "noise.tar.gz", {})
    template = noise_dataset().files[0]
    file = type(template)("http://127.0.0.1:9/noise.tar.gz", template.md5, 1, "noise")
    dataset = noise_dataset(files=(file,), read=partial(read_imdb, n_per_class=1))
    with pytest.raises(DataUnavailableError, match=re.escape("0 + 0 reviews")):
        obtain(dataset, impatient_places(tmp_path, official))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "official"]
