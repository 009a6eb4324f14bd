"""A pytest plugin for nbval: its kernels have the environment of those that build the chapters."""

from nbval.plugin import IPyNbCell

from coursebook import kernel_environment


def pytest_itemcollected(item):
    """Have the notebook start its kernel in that environment."""
    notebook = item.parent
    if isinstance(item, IPyNbCell) and not hasattr(notebook, "lecture_environment"):
        notebook.lecture_environment = True
        setup = notebook.setup

        def setup_impersonal():
            with kernel_environment.applied(imitation=True):
                setup()

        notebook.setup = setup_impersonal
