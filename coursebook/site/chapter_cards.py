"""A card for every chapter of the contents: title, question, minutes, and what it builds on.

    ```{chapter-cards}
    ```

Before them, in one paragraph, how much there is: chapters, hours, and the parts with links to
their cards.

    ```{course-size}
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


class ContentsDirective(SphinxDirective):
    """What the directives share: they take no arguments and read the contents."""

    def parts(self):
        """Return (caption, names of its chapters) of each part of the contents with chapters."""
        parts = [
            (part.caption, [str(item) for item in part.items if str(item).startswith(FOLDER)])
            for part in self.env.external_site_map.root.subtrees
        ]
        return [(caption, names) for caption, names in parts if names]

    def first_lines(self, name):
        """Return what `first_lines` does; a change of the chapter will change this page."""
        notebook = Path(self.env.srcdir, f"{name}.ipynb")
        self.env.note_dependency(str(notebook))
        return first_lines(notebook)


class CourseSize(ContentsDirective):
    """How many chapters and hours, and the parts."""

    def run(self):
        """Return a paragraph."""
        parts = self.parts()
        minutes = [self.first_lines(name)[2] for _, names in parts for name in names]
        text = (
            f"{len(minutes)} chapters of {min(minutes)} to {max(minutes)} minutes, "
            f"{round(sum(minutes) / 60)} hours in all: "
        )
        size = nodes.paragraph("", text)
        for k, (caption, _) in enumerate(parts):
            size += nodes.Text(" · " if k else "")
            size += nodes.reference("", caption, refid=f"part-{k + 1}", internal=True)
        self.set_source_info(size)
        return [size]


class ChapterCards(ContentsDirective):
    """The cards."""

    def run(self):
        """Return a heading and a list of cards for each part of the contents with chapters."""
        made = []
        for k, (title, names) in enumerate(self.parts()):
            caption = nodes.paragraph("", "", nodes.strong(text=title), ids=[f"part-{k + 1}"])
            cards = nodes.bullet_list(classes=["chapter-cards"])
            cards += [self.card(name) for name in names]
            made += [caption, cards]
        for node in made:
            self.set_source_info(node)
        return made

    def card(self, name):
        """Return the card of one chapter."""
        title, question, minutes, needed = self.first_lines(name)
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
    app.add_directive("course-size", CourseSize)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
