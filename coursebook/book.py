"""The command that builds the site, for every stage, program and test that builds one."""

import sys
from pathlib import Path

#: All pages, every warning an error, and one error does not hide the next. The folder follows.
BUILD_BOOK = (
    Path(sys.executable).with_name("jupyter-book"),
    *("build", "--all", "-W", "--keep-going"),
)
