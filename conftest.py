"""Settings of the whole test suite, and its plugins."""

import os

from lecture_utils.runtime import TENSORFLOW_ENVIRONMENT, THREAD_VARIABLES

pytest_plugins = [
    "pytester",
    "coursebook.nbval_pages",
    "coursebook.nbval_numbers",
    "coursebook.nbval_costs",
    "coursebook.nbval_executed",
    "coursebook.nbval_rounding",
]

# Some module or other imports TensorFlow first: it must find what runtime.start would set.
os.environ.update(TENSORFLOW_ENVIRONMENT | dict.fromkeys(THREAD_VARIABLES, "1"))
# Settings of the person who tests: a window for every figure, signed commits, another first branch.
os.environ.update(MPLBACKEND="agg", GIT_CONFIG_GLOBAL=os.devnull)
