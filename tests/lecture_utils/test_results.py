"""Results of long runs are stored whole, and belong to the code that is there now."""

import json
import multiprocessing
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from lecture_utils import results
from lecture_utils.results import LongRun, load_results, save_results
from lecture_utils.used_code import PACKAGE_FOLDER, code_digest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(ROOT.glob("experiments/[0-9][0-9]_*.py"))
RESULTS = sorted(results.RESULTS_FOLDER.glob("*.json"))


def assert_current(stored, script, package=PACKAGE_FOLDER):
    """Fail when results were made by other code than the one that is there now."""
    assert stored["digest"] == code_digest(script, package=package), (
        f"the code behind {script.name} has changed since its results were stored: "
        f"`python scripts/restamp.py {script.stem}` keeps them if old and new code agree; else "
        f"run `python experiments/{script.name}` again and commit what it writes"
    )


def test_every_script_has_results_and_every_result_a_script():
    assert SCRIPTS
    assert [p.stem for p in SCRIPTS] == [p.stem for p in RESULTS]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_results_belong_to_the_current_code(script):
    assert_current(load_results(script.stem), script)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_stale_results_are_noticed(script, tmp_path):
    package = tmp_path / "lecture_utils"
    ignored = shutil.ignore_patterns("__pycache__", "fashion_mnist_sample")
    shutil.copytree(PACKAGE_FOLDER, package, ignore=ignored)
    changed = tmp_path / script.name
    changed.write_text(script.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
    assert_current(load_results(script.stem), changed, package)
    changed.write_text(script.read_text(encoding="utf-8") + "\nprint(1)\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="has changed"):
        assert_current(load_results(script.stem), changed, package)


@pytest.mark.parametrize("path", RESULTS, ids=lambda p: p.stem)
def test_results_say_how_they_were_made(path):
    stored = load_results(path.stem)
    assert set(stored) == {
        *("settings", "seeds", "results"),
        *("digest", "machine", "versions", "wall_s", "cpu_s"),
    }
    assert len(set(stored["seeds"])) >= 5
    assert {"python", "numpy"} <= set(stored["versions"])


def test_saved_results_come_back(tmp_path):
    script = tmp_path / "01_x.py"
    script.write_text("x = 1\n")
    path = save_results(
        script,
        settings={"rate": 0.1, "name": "é"},
        seeds=range(2),
        results={
            "curve": np.array([[0.5, 1 / 3], [1.0, 2.0]]),
            "counts": np.arange(3),
            "mean": np.float32(0.1),
            "diverged": [None, True],
            "empty": {},
        },
        wall_s=1.5,
        cpu_s=1.25,
        folder=tmp_path / "results",
    )
    assert [p.name for p in path.parent.iterdir()] == ["01_x.json"]
    stored = load_results("01_x", folder=path.parent)
    assert stored["results"] == {
        "curve": [[0.5, 0.333333], [1.0, 2.0]],
        "counts": [0, 1, 2],
        "mean": 0.1,
        "diverged": [None, True],
        "empty": {},
    }
    assert (stored["settings"], stored["seeds"]) == ({"rate": 0.1, "name": "é"}, [0, 1])
    assert stored["digest"] == code_digest(script)
    assert stored["machine"]["cores"] >= 1
    assert (stored["wall_s"], stored["cpu_s"]) == (1.5, 1.25)
    text = path.read_bytes()
    assert b"\r" not in text
    assert b"\n      [0.5, 0.333333],\n      [1.0, 2.0]\n" in text
    assert list(stored) == sorted(stored)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (float("nan"), ValueError, "results/a/0 is nan"),
        (np.float32("inf"), ValueError, "results/a/0 is inf"),
        (object(), TypeError, "results/a/0 cannot be stored"),
        (b"bytes", TypeError, "results/a/0 cannot be stored"),
    ],
)
def test_what_json_cannot_hold_is_refused(tmp_path, value, error, message):
    script = tmp_path / "01_x.py"
    script.write_text("x = 1\n")
    with pytest.raises(error, match=message):
        save_results(
            script,
            settings={},
            seeds=[0],
            results={"a": [value]},
            wall_s=0,
            cpu_s=0,
            folder=tmp_path,
        )
    assert not list(tmp_path.glob("*.json"))


def test_a_failed_write_keeps_the_old_results(tmp_path, monkeypatch):
    script = tmp_path / "01_x.py"
    script.write_text("x = 1\n")
    saved = {"settings": {}, "seeds": [0], "wall_s": 0, "cpu_s": 0, "folder": tmp_path}
    path = save_results(script, results={"a": 1}, **saved)
    before = path.read_bytes()

    def no_space(self, *args, **kwargs):
        self.write_bytes(b'{"half')
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", no_space)
    with pytest.raises(OSError, match="No space left"):
        save_results(script, results={"a": 2}, **saved)
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["01_x.json", "01_x.py"]


def test_unknown_name_lists_the_known_ones(tmp_path):
    (tmp_path / "02_y.json").write_text(json.dumps({}))
    with pytest.raises(FileNotFoundError, match=r"no results named '02_x'; there are: 02_y"):
        load_results("02_x", folder=tmp_path)


def test_import_needs_no_tensorflow():
    code = "import sys, lecture_utils.results; print({'keras', 'tensorflow'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == "set()"


@pytest.fixture
def script(tmp_path, monkeypatch):
    """A script, and a temporary folder of its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = tmp_path / "01_x.py"
    path.write_text("x = 1\n")
    return path


def test_a_stopped_run_goes_on_and_knows_its_seconds(script, tmp_path):
    def work():
        time.sleep(0.2)
        return {"values": np.arange(2), "mean": np.float64(1 / 3)}

    LongRun(script).part("one", work)  # and then it is stopped
    run = LongRun(script)
    assert run.part("one", lambda: pytest.fail("it ran again")) == {"values": [0, 1], "mean": 1 / 3}
    assert run.part("two", lambda: sum(range(2_000_000))) == 1999999000000
    path = run.save(settings={}, seeds=[0], results={}, folder=tmp_path / "results")
    stored = load_results("01_x", folder=path.parent)
    assert 0.2 < stored["wall_s"] < 20
    assert 0 < stored["cpu_s"] < stored["wall_s"]


def test_other_code_starts_again(script):
    LongRun(script).part("one", lambda: 1)
    script.write_text("x = 2\n")
    assert LongRun(script).part("one", lambda: 2) == 2


def test_a_part_that_fails_is_not_kept(script):
    with pytest.raises(ZeroDivisionError):
        LongRun(script).part("one", lambda: 1 / 0)
    assert LongRun(script).part("one", lambda: 1) == 1


def test_parts_side_by_side_count_with_their_processes(script):
    run, tasks = LongRun(script), {f"part {n}": partial(sum, range(5_000_000)) for n in (1, 2)}
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        assert run.parts(tasks, pool) == dict.fromkeys(tasks, sum(range(5_000_000)))
    kept = [json.loads(path.read_text()) for path in run.folder.glob("*.json")]
    assert len(kept) == 2
    assert run.seconds()[1] >= sum(part["cpu_s"] for part in kept)
