"""The answers beside a page: what they may hold, and what is said to a reader."""

import numpy as np
import pytest

from lecture_utils import answers
from lecture_utils.exercises import UNANSWERED, check, rehearse, reply

TEXT = """
"42.1":
  expected: 3
  wrong:
    - {answer: -1, feedback: the sign is missing.}
    - {when: answer > 100, feedback: that is far too large}
"42.2":
  expression: 2 * width
  rtol: 0.1
"42.3":
  function: "lambda x: x**2"
  cases: "[(1.0,), (3.0,)]"
  wrong:
    - {function: "lambda x: 2 * x", feedback: "that doubles, and does not square"}
"""


@pytest.fixture
def known(tmp_path, monkeypatch):
    (tmp_path / "42_squares.answers.yml").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return answers.entry


@pytest.mark.parametrize(
    ("exercise", "given", "said"),
    [
        ("42.1", ..., UNANSWERED),
        ("42.1", 3.0, "Correct."),
        ("42.1", -1, "Not yet: the sign is missing."),
        ("42.1", 1000, "Not yet: that is far too large."),
        ("42.1", 4, "Not yet: 4 is too large."),
        ("42.1", [1, 2], "Not yet: the shape is (2,), it should be ()."),
        ("42.1", abs, "Not yet: it is a function, not its result."),
        ("42.2", 10.5, "Correct."),
        ("42.2", 12, "Not yet: 12 is too large."),
        ("42.3", np.square, "Correct."),
        ("42.3", lambda x: ..., UNANSWERED),
        ("42.3", lambda x: 2 * x, "Not yet: that doubles, and does not square."),
        ("42.3", lambda x: x, "Not yet: for (3.0,), 3.0 is too small."),
        ("42.3", 9, "Not yet: 9 is not a function."),
    ],
)
def test_what_is_said_to_an_answer(known, exercise, given, said):
    assert reply(given, known(exercise), {"width": 5}) == said


def test_an_exercise_sees_the_variables_of_the_page(known, capsys):
    code = compile("check(10, exercise='42.2')", "page", "exec")
    exec(code, {"check": check, "width": 5})
    assert capsys.readouterr().out == "Correct.\n"


def test_a_wrong_answer_that_gets_other_words_is_a_fault(known):
    rehearse("42.1", {})
    known("42.1")["wrong"].append({"answer": 3.0, "feedback": "too large"})
    with pytest.raises(ValueError, match=r"exercise 42.1: the wrong answer 3.0 gets 'Correct.'"):
        rehearse("42.1", {})
    answers.read.cache_clear()


def test_an_exercise_that_is_not_there_is_named_with_those_that_are(known, tmp_path):
    with pytest.raises(LookupError, match=r"no exercise '42.9'; there are: 42.1, 42.2, 42.3"):
        known("42.9")
    with pytest.raises(LookupError, match="needs the rest of the course beside it"):
        known("77.1")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('"42.1": {expected: 1, expression: x}', "exactly one of expected"),
        ('"42.1": {expected: 1, tolerance: 2}', "must have some of"),
        ('"42.1": {function: abs}', "judged by its cases"),
        ('"42.1": {expected: 1, wrong: [{answer: 2}]}', "needs feedback"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path, text, fault):
    (tmp_path / "42_squares.answers.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"42_squares.answers.yml, exercise 42.1: .*{fault}"):
        answers.entry("42.1", folders=[tmp_path])
