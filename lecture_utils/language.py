"""The language of the edition whose notebook runs, and what this package says in it.

A notebook of another language has the same code as its English twin. It lies in a folder of its
edition, which `MARK` names, or the environment variable LECTURE_LANGUAGE says which one it is.
"""

import json
import os
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

ENGLISH = "en"
VARIABLE = "LECTURE_LANGUAGE"
#: A file of this name says ``language: xx`` in its first line, in the folder of an edition.
MARK, SAID = "edition.yml", "language: "


def current() -> str:
    """Return the code of the language, as in ``"ko"``; ``"en"`` if nothing says another.

    The mark of an edition is looked for in the working directory and in the folder above it.
    """
    if named := os.environ.get(VARIABLE):
        return named
    for folder in (Path.cwd(), Path.cwd().parent):
        mark = folder / MARK
        if mark.is_file():
            first = mark.read_text(encoding="utf-8").split("\n")[0]
            if first.startswith(SAID):
                return first.removeprefix(SAID).strip()
    return ENGLISH


@cache
def words(language: str) -> Mapping[str, str]:
    """Return what the package says in a language, by the English text; empty if it is unknown."""
    file = resources.files("lecture_utils") / f"words_{language}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def translated(text: str, language: str | None = None) -> str:
    """Return a text in a language, the current one by default; in English if it is not known.

    >>> translated("the minus sign is missing", "en")
    'the minus sign is missing'
    """
    return words(language or current()).get(text, text)


def say(text: str, **values: object) -> str:
    """Return a text in the current language, with values for its ``{names}``.

    >>> say("the shape is {given}", given=(2,))
    'the shape is (2,)'
    """
    return translated(text).format(**values)
