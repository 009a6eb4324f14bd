"""Show the interactive chart of a chapter on another page, as its notebook stores it.

    ```{stored-figure} chapters/02_learning_rate
    A caption of its own, which may hold links.
    ```

The chart and its alternative text are read from the notebook when the book is built, so that
there is no second copy, and what the page shows is what the run measured.
"""

import os
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.util.docutils import SphinxDirective
from vega_figures import draw, live_data

from lecture_utils.interactive import MIME_TYPE


def stored_chart(notebook):
    """Return the Vega-Lite specification of the only interactive chart of a notebook.

    Raises
    ------
    ValueError
        If the notebook stores no such chart, or several.
    """
    cells = nbformat.read(notebook, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    found = [output.data[MIME_TYPE] for output in outputs if MIME_TYPE in output.get("data", {})]
    if len(found) != 1:
        raise ValueError(f"{Path(notebook).name} must store one chart, not {len(found)}")
    return found[0]


class StoredFigure(SphinxDirective):
    """The directive: its argument is a chapter, its content the caption."""

    required_arguments = 1
    has_content = True

    def run(self):
        """Return the figure: a still picture, the data that make it live, the caption."""
        self.assert_has_content()
        notebook = Path(self.env.srcdir, f"{self.arguments[0]}.ipynb")
        self.env.note_dependency(str(notebook))
        spec = stored_chart(notebook)
        picture = nodes.image(uri=self.write(draw(spec)), alt=spec["description"])
        caption = nodes.caption()
        (paragraph,) = self.parse_content_to_nodes()
        caption += paragraph.children
        figure = nodes.figure("", picture, live_data(spec), caption)
        for node in (figure, picture, caption):
            self.set_source_info(node)
        return [figure]

    def write(self, svg):
        """Write the picture where those of the notebooks are; return its path for Sphinx."""
        name = f"{self.arguments[0].replace('/', '-')}-chart.svg"
        folder = Path(self.env.doctreedir).parent / "jupyter_execute"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(svg, encoding="utf-8")
        here = Path(self.env.doc2path(self.env.docname)).parent
        return Path(os.path.relpath(folder / name, here)).as_posix()


def setup(app):
    """Register with Sphinx."""
    app.add_directive("stored-figure", StoredFigure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
