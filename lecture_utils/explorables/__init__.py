"""Figures that compute in the page: a reader changes a cause and sees its effect.

`explorable` makes one the last expression of a cell. The notebook stores its settings as data and
a still picture of how it starts, which GitHub, Colab and paper show. The site and a JupyterLab
that ran the cell make it live with the scripts in ``browser/``: an engine, whose numbers tests
compare with this package and with Keras, a view, and one script for each explorable.
"""

import importlib
import json
import os
from functools import cache
from importlib import resources
from typing import Any

from lecture_utils.language import ENGLISH, current

MIME_TYPE = "application/vnd.lecture.explorable+json"

#: One module and one script of ``browser/`` each.
NAMES = (
    "descent_1d",
    "descent_2d",
    "rate_lab",
    "schedule_race",
    "another_20_rows",
    "another_test_set",
    "bend",
    "backward",
    "ridge",
    "one_point_away",
    "stretch",
    "one_picture",
    "find_the_bug",
    "weigh_words",
    "ask_the_words",
    "drifting_stream",
    "mistakes",
    "set_the_alarm",
    "draw_a_shirt",
    "confusion_cells",
    "forty_labels",
)


class Explorable:
    """What `explorable` returns; shows itself.

    A Jupyter server names the notebook in ``JPY_SESSION_NAME`` of the kernels that it starts: there
    the output is live, as HTML that holds the scripts. Whatever runs a notebook without a server,
    the build of the course and nbval among them, stores data and a still picture.

    Attributes
    ----------
    spec : dict
        Stored in the notebook: name, settings, question, description.
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec

    def __repr__(self) -> str:
        """Return the question and the description."""
        return f"{self.spec['question']} {self.spec['description']}"

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        bundle = {MIME_TYPE: self.spec, "image/png": still(self.spec), "text/plain": repr(self)}
        if "JPY_SESSION_NAME" in os.environ:
            from lecture_utils.explorables.page import whole

            bundle["text/html"] = whole(self.spec, current())
        return bundle


def explorable(name: str, *, question: str, description: str, **settings: object) -> Explorable:
    """Return a figure in which a reader can try things out; the last expression of a cell.

    Parameters
    ----------
    name : str
        One of `NAMES`; the module of that name says what its settings are.
    question : str
        Stands above the picture: what a reader may try to find out.
    description : str
        What a blind reader needs to know of the picture; the alternative text.
    **settings
        What differs from the defaults of ``lecture_utils.explorables.NAME.settings``.

    Returns
    -------
    Explorable
        Shows itself: live on the site, a still picture elsewhere.

    Raises
    ------
    TypeError
        If a setting is unknown or not of its type.
    ValueError
        If there is no explorable of that name, a setting is out of range, or question or
        description is empty.

    Examples
    --------
    >>> explorable("descent_1d", question="Which rate is too large?",
    ...            description="A ball on a parabola.", rate=0.2)
    Which rate is too large? A ball on a parabola.
    """
    for part, text in {"question": question, "description": description}.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{part} must be a sentence, got {text!r}")
    full = kind(name).settings(**settings)
    return Explorable(
        {"name": name, "settings": full, "question": question, "description": description}
    )


def kind(name: str) -> Any:
    """Return the module of one explorable: its settings, scripts, proportions and still picture.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    if name not in NAMES:
        raise ValueError(f"an explorable is one of {', '.join(NAMES)}, got {name!r}")
    return importlib.import_module(f"lecture_utils.explorables.{name}")


@cache
def strings(language: str = ENGLISH) -> dict[str, dict[str, str]]:
    """Return all words that explorables show, by explorable; "common" holds what they share.

    What has no translation is in English.

    Raises
    ------
    FileNotFoundError
        If there is no translation into `language`.
    """
    file = resources.files(__name__) / f"strings_{language}.json"
    words = json.loads(file.read_text(encoding="utf-8"))
    if language == ENGLISH:
        return words
    return {name: {**english, **words.get(name, {})} for name, english in strings().items()}


def still(spec: dict[str, Any]) -> str:
    """Return the still picture of an explorable, a PNG in base64; its texts are English.

    Not every machine that builds the book has a font for other languages.
    """
    from lecture_utils.explorables.stills import picture  # Matplotlib takes its time

    name = spec["name"]
    return picture(kind(name).draw, spec["settings"], strings()[name])


def scripts(name: str) -> list[str]:
    """Return the files of ``browser/`` that an explorable needs, in the order of running."""
    return ["view.js", *kind(name).SCRIPTS, f"{name}.js"]
