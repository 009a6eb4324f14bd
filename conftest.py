"""Settings of the whole test suite; its plugins live in scripts/, which pyproject.toml names."""

import os

from lecture_utils.runtime import TENSORFLOW_ENVIRONMENT

pytest_plugins = ["pytester", "nbval_numbers", "nbval_costs"]

# Some module or other imports TensorFlow first: it must find what runtime.start would set.
os.environ.update(TENSORFLOW_ENVIRONMENT)
