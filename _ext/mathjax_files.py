"""Serve MathJax from the book itself.

The package sphinx-mathjax-offline holds it, but its own extension copies 24 MB into every build;
what TeX input and HTML output need is 2 MB.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path

NEEDED = ("tex-chtml.js", "input/tex/extensions", "output/chtml/fonts")


def copy_mathjax(app, exception):
    """Copy what the pages load into the built book."""
    if exception or app.builder.format != "html":
        return
    source = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    target = Path(app.outdir, "_static", "mathjax")
    for name in NEEDED:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, dirs_exist_ok=True)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
