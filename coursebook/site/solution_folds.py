"""Name the fold of a solution for what it is: "Show the solution", not "Show code cell content"."""

from docutils import nodes
from sphinx.locale import _


def name_folds(app, doctree):
    """Set the words of every fold that hides a whole cell."""
    for cell in doctree.findall(nodes.container):
        if cell.get("hide_mode") == "all":  # tagged hide-cell, which only solutions are
            cell["prompt_show"] = _("Show the solution")
            cell["prompt_hide"] = _("Hide the solution")


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", name_folds)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
