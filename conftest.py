"""The plugins of the test suite; they live in scripts/, which pyproject.toml puts on the path."""

pytest_plugins = ["pytester", "nbval_numbers", "nbval_costs"]
