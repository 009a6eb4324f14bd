"""Serve MathJax from the book itself, to the pages that have formulas.

The package sphinx-mathjax-offline holds it, but its own extension copies 24 MB into every build;
what TeX input and HTML output need is 2 MB.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes

NEEDED = ("tex-chtml.js", "input/tex/extensions", "output/chtml/fonts")


def copy_mathjax(app):
    """Copy what the pages load into the book that is built."""
    if app.builder.format != "html":
        return
    source = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    target = Path(app.outdir, "_static", "mathjax")
    for name in NEEDED:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, dirs_exist_ok=True)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)


def drop_where_unused(app, pagename, templatename, context, doctree):
    """Take the script off a page without formulas: Sphinx gives it to the parents of one, too."""
    if doctree and not (doctree.next_node(nodes.math) or doctree.next_node(nodes.math_block)):
        path = app.config.mathjax_path
        context["script_files"] = [
            script for script in context["script_files"] if path not in str(script.filename)
        ]


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", copy_mathjax)
    app.connect("html-page-context", drop_where_unused, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
