"""Give other pages the numbers of lessons and labs, whose notebooks keep them in their metadata.

MyST-NB takes numbers from outputs of cells; so it is handed a notebook with one more cell, which it
does not show.
"""

import nbformat

from coursebook import anatomy
from coursebook.numbers import kept_outputs


def read(text):
    """Return the notebook in a text, with a cell for what its guards recorded."""
    notebook = nbformat.reads(text, as_version=4)
    outputs = [output for outputs in kept_outputs(notebook) for output in outputs]
    if outputs:
        cell = nbformat.v4.new_code_cell(outputs=outputs, metadata={"tags": [anatomy.GUARD]})
        notebook.cells.append(cell)
    return notebook


def use_reader(app, config):
    """Have MyST-NB read notebooks by `read`."""
    config.nb_custom_formats[".ipynb"] = [f"{__name__}.read", {}, False]


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", use_reader, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
