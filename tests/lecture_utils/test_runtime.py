"""A chapter's first cell."""

import os
import subprocess
import sys

import numpy as np
import pytest

from lecture_utils import exercises, records, runtime


def python(code: str, **settings: str) -> subprocess.CompletedProcess:
    """Run `code` in a fresh interpreter without the settings of this one."""
    ours = {*runtime.TENSORFLOW_ENVIRONMENT, *runtime.THREAD_VARIABLES}
    environment = {k: v for k, v in os.environ.items() if k not in ours} | settings
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env=environment,
    )


def test_starting_prints_nothing_and_repeats():
    code = (
        "from lecture_utils import runtime; runtime.start_keras(seed=3)\n"
        "import keras, random, numpy as np\n"
        "print(keras.random.uniform(()).numpy(), random.random(), np.random.rand())"
    )
    first, second = python(code), python(code)
    assert first.stderr == ""
    assert first.stdout == second.stdout != ""


def test_keras_computes_with_tensorflow_whatever_a_person_prefers():
    code = (
        "from lecture_utils import runtime; runtime.start_keras(seed=3)\n"
        "import keras; print(keras.backend.backend())"
    )
    run = python(code, KERAS_BACKEND="jax")
    assert run.stdout == "tensorflow\n", run.stderr


def test_too_late_is_an_error():
    run = python("import tensorflow\nfrom lecture_utils import runtime; runtime.start(seed=3)")
    assert "TensorFlow was imported before lecture_utils.runtime could set" in run.stderr


def test_a_page_without_keras_starts_without_it():
    code = (
        "import sys\n"
        "from lecture_utils import runtime; runtime.start(seed=3)\n"
        "print({'keras', 'tensorflow'} & set(sys.modules))"
    )
    assert python(code).stdout == "set()\n"


#: Half of the libraries are loaded before the page starts, half after it.
POOLS = """
from lecture_utils import runtime
runtime.start(seed=3)
import sklearn.cluster
from threadpoolctl import threadpool_info
print(sorted((pool["user_api"], pool["num_threads"]) for pool in threadpool_info()))
"""


@pytest.mark.parametrize("personal", [{}, {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}])
def test_a_reader_has_the_threads_of_the_build(personal):
    one, two = (python(POOLS, **personal, **asked) for asked in ({}, {"LECTURE_THREADS": "2"}))
    assert "('blas', 1)" in one.stdout and "('openmp', 1)" in one.stdout and "2)" not in one.stdout
    assert two.stdout == one.stdout.replace("1)", "2)")


@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ValueError), (2**32, ValueError), (1.5, TypeError), (True, TypeError)]
)
def test_bad_seeds_are_named(seed, error):
    with pytest.raises(error, match=str(seed).replace("*", ".")):
        runtime.start(seed=seed)


@pytest.mark.parametrize("value", [np.float32(0.5), np.array(0.5), 0.5])
def test_numbers_are_recorded_plainly(value, capsys):
    records.record(x=value)
    assert capsys.readouterr().out.endswith("'0.5'}\n")


@pytest.mark.parametrize(
    ("value", "error"),
    [(float("nan"), ValueError), (np.inf, ValueError), ([1.0], TypeError), (True, TypeError)],
)
def test_what_is_not_a_number_is_not_recorded(value, error):
    with pytest.raises(error, match="x must be"):
        records.record(x=value)


@pytest.mark.parametrize(
    ("answer", "expected", "printed"),
    [
        (..., 1, exercises.UNANSWERED),
        (1, 1, "Correct."),
        (np.array([1.0, 2.0]), [1, 2], "Correct."),
        (" Adam ", "adam", "Correct."),
        ("sgd", "adam", "Not yet: it is not 'sgd'."),
        (False, True, "Not yet: it is not False."),
        ("many", 3, "Not yet: 'many' is not a number."),
        (0.5, 1, "Not yet: 0.5 is too small."),
        (float("nan"), 1, "Not yet: it is not a number (nan)."),
        ([1, 3], [1, 2], "Not yet: 1 of 2 values are off, the first at index (1,)."),
    ],
)
def test_answers_are_judged(answer, expected, printed, capsys):
    exercises.check(answer, expected)
    assert capsys.readouterr().out == printed + "\n"


def test_an_answer_that_works_in_place_is_right(capsys):
    def doubled(values):
        values *= 2
        return values

    exercises.check_function(doubled, lambda values: 2 * values, [(np.array([1.0, 2.0]),)] * 2)
    assert capsys.readouterr().out == "Correct.\n"


def test_an_answer_that_raises_is_told_so(capsys):
    exercises.check_function(lambda x: x / 0, np.sqrt, [(4.0,)])
    assert "it raises ZeroDivisionError" in capsys.readouterr().out
