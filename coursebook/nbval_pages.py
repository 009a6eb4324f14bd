"""A pytest plugin for nbval: it runs what the build ran, in the environment of the build.

For a lesson or a lab that is more than the notebook holds, see `coursebook.whole`.
"""

from collections import defaultdict

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, find_metadata_tags

from coursebook import kernel_environment, whole


class Page(IPyNbFile):
    """A notebook with the guards and solutions of its page, all run in one kernel."""

    def setup(self):
        """Start the kernel."""
        with kernel_environment.applied(imitation=True):
            super().setup()

    def collect(self):
        """Yield an item for each code cell."""
        self.nb = whole.read(self.path)
        code = [cell for cell in self.nb.cells if cell.cell_type == "code"]
        for number, cell in enumerate(code):
            options = defaultdict(bool, find_metadata_tags(cell.metadata))
            options.setdefault("check", self.compare_outputs)
            yield IPyNbCell.from_parent(
                self, name=f"Cell {number}", cell_num=number, cell=cell, options=options
            )


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Take the place of nbval's own collector."""
    collected = yield
    return [
        Page.from_parent(parent, path=file_path) if type(node) is IPyNbFile else node
        for node in collected
    ]
