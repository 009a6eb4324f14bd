"""What is special about a language: a module named by its code, if it needs one.

A module may define ``finished(text)``, which a translated text goes through when its numbers are
in it, ``complaints(message, text)`` and ``advice(message, text, terms)``, which yield what is wrong
with a translation and what a person should look at.
"""

import importlib
import importlib.util
from collections.abc import Iterable
from types import ModuleType, SimpleNamespace


def rules(language: str) -> ModuleType | SimpleNamespace:
    """Return the module of a language, or rules that ask for nothing."""
    name = f"{__name__}.{language}"
    if importlib.util.find_spec(name):
        return importlib.import_module(name)
    return SimpleNamespace(finished=lambda text: text, complaints=_none, advice=_none)


def _none(*_: object) -> Iterable[str]:
    return ()
