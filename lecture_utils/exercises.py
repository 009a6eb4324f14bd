"""Instant checks of the reader's answers."""

import copy
import sys
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from lecture_utils import answers
from lecture_utils.language import say, translated

UNANSWERED = "Not answered yet: put your answer in place of the dots."
RIGHT = "Correct."


def check(
    answer: object, expected: object = None, *, exercise: str | None = None, rtol: float = 1e-3
) -> None:
    """Print whether `answer` is right, and if not, in which way it is off.

    Parameters
    ----------
    answer : number, array_like, str, bool, callable or Ellipsis
        The reader's answer; ``...`` means that there is none yet.
    expected : number, array_like, str or bool
        The right answer. Text is compared without regard to case and outer blanks.
    exercise : str
        Instead of `expected`: the number of an exercise whose answer, tolerance and usual mistakes
        `lecture_utils.answers` knows. Expressions there see the variables of the caller.
    rtol : float
        Largest relative difference that still counts as right. Positive.

    Raises
    ------
    LookupError
        If there is no such exercise.

    Examples
    --------
    >>> check(..., expected=2.0)
    Not answered yet: put your answer in place of the dots.
    >>> check(1.9999, expected=2.0)
    Correct.
    >>> check(3, expected=2.0)
    Not yet: 3 is too large.
    >>> check([1, 2], expected=[1, 2, 3])
    Not yet: the shape is (2,), it should be (3,).
    """
    if exercise is not None:
        print(reply(answer, answers.entry(exercise), sys._getframe(1).f_globals))
    elif answer is ...:
        print(say(UNANSWERED))
    else:
        print(_verdict(_difference(answer, expected, rtol)))


def reply(answer: object, entry: Mapping, variables: Mapping) -> str:
    """Return what to say to an answer.

    Parameters
    ----------
    answer : object
        The reader's answer.
    entry : Mapping
        What is known of the exercise, see `lecture_utils.answers`.
    variables : Mapping
        The variables that expressions of the entry may name, besides ``np``.

    Examples
    --------
    >>> entry = {"expected": 3, "wrong": [{"answer": -1, "feedback": "the sign is missing"}]}
    >>> reply(3.0, entry, {}), reply(-1, entry, {})
    ('Correct.', 'Not yet: the sign is missing.')
    """
    if answer is ...:
        return say(UNANSWERED)
    problem = _problem(answer, entry, variables)
    if problem in ("", UNANSWERED):
        return _verdict(problem)
    for wrong in entry.get("wrong", []):
        if "when" in wrong:
            matches = _holds(wrong["when"], {**variables, "answer": answer})
        else:
            same = {"expected" if key == "answer" else key: value for key, value in wrong.items()}
            matches = not _problem(answer, {**_judging(entry), **same}, variables)
        if matches:
            return _verdict(translated(wrong["feedback"]))
    return _verdict(problem)


def rehearse(exercise: str, variables: Mapping) -> None:
    """Give every wrong answer that is known of an exercise, to see that it gets its feedback.

    A condition names no answer to give; a wrong answer that is right, or that gets the feedback of
    another one, is a fault of the file.

    Raises
    ------
    ValueError
        If an answer does not get its feedback; the message says which one.
    """
    entry = answers.entry(exercise)
    for wrong in entry.get("wrong", []):
        if "when" in wrong:
            continue
        given = (
            wrong["answer"]
            if "answer" in wrong
            else _value(wrong.get("expression") or wrong["function"], variables)
        )
        said = reply(given, entry, variables)
        if said != _verdict(translated(wrong["feedback"])):
            raise ValueError(f"exercise {exercise}: the wrong answer {given!r} gets {said!r}")


def _verdict(problem: str) -> str:
    """Return the sentence that a reader gets, "" being no problem."""
    if problem == UNANSWERED:
        return say(UNANSWERED)
    if not problem:
        return say(RIGHT)
    return say("Not yet: {problem}.", problem=problem.rstrip("."))


def _judging(entry: Mapping) -> Mapping:
    """Return how an entry judges, without what it expects."""
    return {key: entry[key] for key in ("rtol", "atol", "cases") if key in entry}


def _problem(answer: object, entry: Mapping, variables: Mapping) -> str:
    """Return how an answer is off, "" if it is right, UNANSWERED if the function is yet to come."""
    rtol, atol = entry.get("rtol", 1e-3), entry.get("atol", 0)
    if "function" not in entry:
        expected = entry.get("expected")
        if "expression" in entry:
            expected = _value(entry["expression"], variables)
        return _difference(answer, expected, rtol, atol)
    if not callable(answer):
        return say("{answer} is not a function", answer=repr(answer))
    reference = _value(entry["function"], variables)
    return _function_problem(answer, reference, _value(entry["cases"], variables), rtol, atol)


def _holds(condition: str, variables: Mapping) -> bool:
    """Return whether a condition holds; one that does not fit the answer's type does not."""
    try:
        return bool(_value(condition, variables))
    except (TypeError, ValueError):
        return False


def _value(expression: object, variables: Mapping) -> object:
    """Return the value of an expression; what is no text is a value already."""
    if not isinstance(expression, str):
        return expression
    return eval(expression, {"np": np, **variables})


def check_function(
    answer: Callable | None,
    reference: Callable,
    cases: Iterable[tuple],
    *,
    rtol: float = 1e-6,
) -> None:
    """Print whether the reader's function returns what `reference` returns, for every case.

    Parameters
    ----------
    answer : callable
        The reader's function. One that returns ``...`` counts as not written yet.
    reference : callable
        A function known to be right.
    cases : iterable of tuple
        Positional arguments to try, one tuple a call. Each function gets copies of its own, so that
        one that works in place is judged by what it returns.
    rtol : float
        Largest relative difference that still counts as right. Positive.

    Examples
    --------
    >>> check_function(lambda x: ..., np.square, [(2.0,)])
    Not answered yet: put your answer in place of the dots.
    >>> check_function(lambda x: x * x, np.square, [(2.0,), (-3.0,)])
    Correct.
    >>> check_function(lambda x: 2 * x, np.square, [(2.0,), (-3.0,)])
    Not yet: for (-3.0,), -6.0 is too small.
    """
    print(_verdict(_function_problem(answer, reference, cases, rtol)))


def _function_problem(
    answer: Callable, reference: Callable, cases: Iterable[tuple], rtol: float, atol: float = 0
) -> str:
    """Say where a function differs from `reference`; UNANSWERED if it returns ``...``."""
    for case in cases:
        try:
            given = answer(*copy.deepcopy(case))
        except Exception as error:  # whatever the reader's code raises is part of the answer
            raised = f"{type(error).__name__}: {error}"
            return say("for {case}, it raises {raised}", case=case, raised=raised)
        if given is ...:
            return UNANSWERED
        problem = _difference(given, reference(*copy.deepcopy(case)), rtol, atol)
        if problem:
            return say("for {case}, {problem}", case=case, problem=problem)
    return ""


def _difference(answer: object, expected: object, rtol: float, atol: float = 0) -> str:
    """Say how `answer` differs from `expected`; an empty string when it does not."""
    if callable(answer):
        return say("it is a function, not its result")
    if isinstance(expected, str | bool):
        if isinstance(expected, str) and isinstance(answer, str):
            same = answer.strip().lower() == expected.lower()
        else:
            same = answer is expected
        return "" if same else say("it is not {answer}", answer=repr(answer))
    try:
        given = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        return say("{answer} is not a number", answer=repr(answer))
    wanted = np.asarray(expected, dtype=float)
    if given.shape != wanted.shape:
        return say(
            "the shape is {given}, it should be {wanted}", given=given.shape, wanted=wanted.shape
        )
    wrong = ~np.isclose(given, wanted, rtol=rtol, atol=atol, equal_nan=True)
    if not wrong.any():
        return ""
    if given.ndim:
        first = tuple(int(i) for i in np.argwhere(wrong)[0])
        return say(
            "{wrong} of {all} values are off, the first at index {first}",
            wrong=wrong.sum(),
            all=given.size,
            first=first,
        )
    if np.isnan(given):
        return say("it is not a number (nan)")
    if given > wanted:
        return say("{answer} is too large", answer=answer)
    return say("{answer} is too small", answer=answer)
