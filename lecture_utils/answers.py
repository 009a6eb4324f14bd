"""What the course knows of its exercises: right answers, usual wrong ones, what to say to them.

They stand beside each page, in ``chapters/NN_name.answers.yml``, so that no cell shows what it
expects. An entry is named by the number of the exercise::

    "01.1":
      expected: 3              # the right answer: a number, a text, a list
      wrong:
        - answer: -1
          feedback: that step went uphill; the minus sign is missing
    "01.4":
      expression: 1 / np.max(curvatures)     # instead: computed in the notebook
      rtol: 0.01               # relative, 0.001 if nothing is said; atol is absolute, 0
      wrong:
        - when: answer > 1     # a condition on what the reader gave
          feedback: that is far past the border
    "02.2":
      function: "lambda table: largest_stable_rate(table / table.max(axis=0))"
      cases: "[(stock_rows(),)]"             # calls to compare, computed in the notebook
      wrong:
        - function: "lambda table: largest_stable_rate(table)"
          feedback: the columns are not divided yet

The right answer is one of ``expected``, ``expression`` and ``function``; a wrong one is named by
``answer``, ``expression``, ``function`` or ``when``.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
RIGHT = ("expected", "expression", "function")
WRONG = ("answer", "expression", "function", "when")
KEYS = {*RIGHT, "cases", "rtol", "atol", "wrong"}


def entry(exercise: str, *, folders: Sequence[Path] | None = None) -> Mapping:
    """Return what is known of an exercise.

    Parameters
    ----------
    exercise : str
        Its number, as in ``"01.1"``.
    folders : sequence of Path
        Where files of answers lie; the working directory and the folders of the course by default.

    Raises
    ------
    LookupError
        If there is no such exercise; the message lists those of the chapter that there are, or says
        where their file was looked for.
    ValueError
        If the entry is not of the form above.
    """
    chapter = exercise.partition(".")[0]
    folders = folders or (Path.cwd(), ROOT / "chapters", ROOT)
    known = {}
    for folder in folders:
        for file in sorted(folder.glob("*.answers.yml")):
            if file.name.startswith(f"{chapter}_") or not file.name[0].isdigit():
                known = {**read(file), **known}
    if exercise not in known:
        others = sorted(number for number in known if number.startswith(f"{chapter}."))
        if others:
            raise LookupError(f"no exercise {exercise!r}; there are: {', '.join(others)}")
        raise LookupError(
            f"the answers of chapter {chapter} are not in {' or '.join(map(str, folders))}: "
            "a notebook needs the rest of the course beside it"
        )
    return known[exercise]


@cache
def read(file: Path) -> Mapping[str, Mapping]:
    """Return the entries of a file of answers, by number.

    Raises
    ------
    ValueError
        If an entry is not of the form above; the message names file and exercise.
    """
    entries = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    for number, found in entries.items():
        fault = _fault(found)
        if fault:
            raise ValueError(f"{file.name}, exercise {number}: {fault}")
    return entries


def _fault(found: Mapping) -> str:
    """Return what is wrong with the form of an entry, "" if nothing is."""
    if not isinstance(found, Mapping) or set(found) - KEYS:
        return f"it must have some of {', '.join(sorted(KEYS))}, not {found!r}"
    if sum(key in found for key in RIGHT) != 1:
        return f"it needs exactly one of {', '.join(RIGHT)}"
    if ("function" in found) != ("cases" in found):
        return "a function is judged by its cases, and only a function is"
    for wrong in found.get("wrong", []):
        if not wrong.get("feedback") or sum(key in wrong for key in WRONG) != 1:
            return f"a wrong answer needs feedback and exactly one of {', '.join(WRONG)}: {wrong!r}"
    return ""
