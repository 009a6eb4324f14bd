"""Results are kept when old and new code agree to the last bit, and only then."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from coursebook.restamp import ROOT, SHORT_RUNS, NotTheSame, restamp
from lecture_utils.used_code import PACKAGE_FOLDER, code_digest

SCRIPT = '''"""Divide."""
import argparse
import os
import time

from lecture_utils.results import save_results
from lecture_utils.numbers import quotient

SETTINGS = {"numerator": 2, "inner": {"denominators": [3, 7]}}
LARGEST = max(SETTINGS["inner"]["denominators"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    seeds = list(range(parser.parse_args().seeds))
    values = [quotient(SETTINGS["numerator"], d) for d in SETTINGS["inner"]["denominators"]]
    save_results(
        __file__,
        settings=SETTINGS,
        seeds=seeds,
        results={"values": values, "largest": LARGEST, "cpu_s": time.time()},
        wall_s=1.0,
        cpu_s=1.0,
    )


if __name__ == "__main__":
    main()
'''
NUMBERS = """def quotient(a, b):
    return a / b
"""


def git(root, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True)


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """A course with one experiment, run and committed."""
    root = tmp_path_factory.mktemp("committed")
    (root / "experiments").mkdir(parents=True)
    (root / "lecture_utils").mkdir()
    for name in ("__init__", "machine", "names_in_code", "results", "used_code"):
        shutil.copy(PACKAGE_FOLDER / f"{name}.py", root / "lecture_utils")
    (root / "lecture_utils/numbers.py").write_text(NUMBERS)
    script = root / "experiments/01_divide.py"
    script.write_text(SCRIPT)
    run(script)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Divide")
    return root


@pytest.fixture
def course(committed, tmp_path):
    """A copy of it."""
    return Path(shutil.copytree(committed, tmp_path / "course"))


def run(script):
    environment = os.environ | {"PYTHONPATH": str(script.parents[1])}
    subprocess.run([sys.executable, str(script)], check=True, env=environment)


def script_of(course):
    return course / "experiments/01_divide.py"


def stored(course):
    return json.loads((course / "experiments/results/01_divide.json").read_text())


def digest_of(course):
    return code_digest(script_of(course), package=course / "lecture_utils")


def test_results_of_the_present_code_are_left_alone(course):
    before = (course / "experiments/results/01_divide.json").read_bytes()
    assert "present code" in restamp(script_of(course), changes={}, root=course)
    assert (course / "experiments/results/01_divide.json").read_bytes() == before


@pytest.mark.parametrize("changes", [{}, {"seeds": 2, "numerator": 5, "inner.denominators": [9]}])
def test_other_code_that_computes_the_same_keeps_the_results(course, changes):
    before = stored(course)
    (course / "lecture_utils/numbers.py").write_text(NUMBERS.replace("a / b", "float(a) / b"))
    assert "last bit" in restamp(script_of(course), changes=changes, root=course)
    assert stored(course)["digest"] == digest_of(course) != before["digest"]
    assert stored(course) | {"digest": ""} == before | {"digest": ""}


def test_a_difference_in_the_last_bit_is_noticed(course):
    before = stored(course)
    code = NUMBERS.replace("a / b", "a / b * (1 + 2.3e-16)")
    (course / "lecture_utils/numbers.py").write_text(code)
    with pytest.raises(NotTheSame, match="results/values/0 was 0"):
        restamp(script_of(course), changes={}, root=course)
    assert stored(course) == before


def test_a_place_that_differs_from_run_to_run_may_be_left_out(course):
    (course / "lecture_utils/numbers.py").write_text(NUMBERS.replace("a / b", "a / (b + 1)"))
    left_out = {"not_compared": ["results/values/1"]}
    with pytest.raises(NotTheSame, match="in 1 places: results/values/0"):
        restamp(script_of(course), changes=left_out, root=course)


def test_a_setting_that_changed_is_noticed(course):
    script_of(course).write_text(
        SCRIPT.replace('{"numerator": 2, ', '{"more": 1, "numerator": 2, ')
    )
    with pytest.raises(NotTheSame, match="settings/more was nothing, is 1"):
        restamp(script_of(course), changes={}, root=course)


def test_results_that_were_not_made_by_their_commit_are_refused(course):
    (course / "lecture_utils/numbers.py").write_text(NUMBERS.replace("a / b", "a + b"))
    path = course / "experiments/results/01_divide.json"
    path.write_text(json.dumps(stored(course) | {"digest": "0" * 64}))
    with pytest.raises(NotTheSame, match="git has no commit"):
        restamp(script_of(course), changes={}, root=course)
    git(course, "commit", "--quiet", "--all", "--message", "Forge")
    with pytest.raises(NotTheSame, match="has their code"):
        restamp(script_of(course), changes={}, root=course)


def test_a_stamp_may_be_rebased_onto_other_code(course):
    git(course, "rm", "--quiet", "--cached", "experiments/results/01_divide.json")
    git(course, "commit", "--quiet", "--amend", "--message", "Not stored yet")
    (course / "lecture_utils/numbers.py").write_text(NUMBERS.replace("a / b", "float(a) / b"))
    git(course, "add", "--all")
    git(course, "commit", "--quiet", "--message", "Other code, and a stamp of the first")
    assert "last bit" in restamp(script_of(course), changes={}, root=course)


def test_a_new_form_of_the_digest_needs_no_run(course):
    path = course / "lecture_utils/used_code.py"
    text = path.read_text()
    other = text.replace("json.dumps(_Reach", "json.dumps(1) + json.dumps(_Reach")
    assert other != text
    path.write_text(other)
    run(script_of(course))
    git(course, "commit", "--quiet", "--all", "--message", "The digest as it was before")
    path.write_text(text)
    (course / "lecture_utils/numbers.py").write_text(f"{NUMBERS}\n\ndef unused():\n    pass\n")
    assert "only the form" in restamp(script_of(course), changes={}, root=course)
    assert stored(course)["digest"] == digest_of(course)


def test_every_experiment_has_a_short_run():
    short = tomllib.loads((ROOT / SHORT_RUNS).read_text(encoding="utf-8"))
    assert sorted(short) == sorted(path.stem for path in ROOT.glob("experiments/[0-9]*.py"))
