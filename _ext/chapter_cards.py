"""A card for every chapter of the contents: title, question, minutes, and what it builds on.

    ```{chapter-cards}
    ```

Everything on a card is read from the chapter's own first lines, so that there is no second copy.
"""

import re
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

FOLDER = "chapters/"


def first_lines(notebook):
    """Return (title, question, minutes, names of the chapters needed) of a chapter.

    Raises
    ------
    ValueError
        If the notebook does not begin as a chapter does.
    """
    cells = nbformat.read(notebook, as_version=4).cells
    text = cells[0].source if cells else ""
    title = re.search(r"^# (.+)$", text, re.M)
    question = re.search(r"^# .+\n+(.+)$", text, re.M)
    needed = re.search(r"^\*\*You need\*\*.*$", text, re.M)
    minutes = re.search(r"about (\d+) minutes", needed[0]) if needed else None
    if not (title and question and minutes):
        raise ValueError(
            f"{Path(notebook).name} must begin with a title, a question and, after "
            "'**You need**', 'about ... minutes'"
        )
    return title[1], question[1], int(minutes[1]), re.findall(r"\]\((\w+)\.ipynb\)", needed[0])


class ChapterCards(SphinxDirective):
    """The directive; it takes no arguments."""

    def run(self):
        """Return a heading and a list of cards for each part of the contents with chapters."""
        made = []
        for part in self.env.external_site_map.root.subtrees:
            names = [str(item) for item in part.items if str(item).startswith(FOLDER)]
            if names:
                caption = nodes.paragraph("", "", nodes.strong(text=part.caption))
                cards = nodes.bullet_list(classes=["chapter-cards"])
                cards += [self.card(name) for name in names]
                made += [caption, cards]
        for node in made:
            self.set_source_info(node)
        return made

    def card(self, name):
        """Return the card of one chapter."""
        notebook = Path(self.env.srcdir, f"{name}.ipynb")
        self.env.note_dependency(str(notebook))
        title, question, minutes, needed = first_lines(notebook)
        number = name.removeprefix(FOLDER).partition("_")[0]
        cost = nodes.paragraph("", f"{minutes} minutes", classes=["chapter-cost"])
        for k, other in enumerate(needed):
            cost += nodes.Text(", " if k else ", after ")
            cost += self.link(FOLDER + other, other.partition("_")[0])
        return nodes.list_item(
            "",
            nodes.paragraph("", "", self.link(name, f"{number} {title}"), classes=["chapter-name"]),
            nodes.paragraph("", question),
            cost,
        )

    def link(self, document, text):
        """Return a link to another page."""
        reference = addnodes.pending_xref(
            refdomain="std", reftype="doc", reftarget=f"/{document}", refexplicit=True,
            refdoc=self.env.docname, refwarn=True,
        )  # fmt: skip
        reference += nodes.inline(text=text)
        return reference


def setup(app):
    """Register with Sphinx."""
    app.add_directive("chapter-cards", ChapterCards)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
