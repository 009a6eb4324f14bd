"""The commands that build the site, for every stage, program and test that builds one."""

import os
import sys
from pathlib import Path

#: All pages, every warning an error, and one error does not hide the next. The folder follows.
BUILD_BOOK = (
    Path(sys.executable).with_name("jupyter-book"),
    *("build", "--all", "-W", "--keep-going"),
)

ROOT = Path(__file__).resolve().parent.parent
#: Languages of which there are editions beside the English book.
LANGUAGES = sorted(path.parent.name for path in (ROOT / "locale").glob("*/edition.yml"))
#: One command a language: its site, put into that of the English book.
BUILD_EDITIONS = [
    [sys.executable, ROOT / "scripts" / "translate.py", "--language", language, "site"]
    for language in LANGUAGES
]


def with_editions(environment=os.environ):
    """Return an environment in which the English pages lead to those of the editions."""
    return {**environment, "COURSE_EDITIONS": " ".join(LANGUAGES)}
