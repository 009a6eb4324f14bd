"""A card for every lesson of the contents: title, question, minutes, what it builds on, its lab.

    ```{chapter-cards}
    ```

Before them, in one paragraph, how much there is: chapters, hours, and the parts with links to
their cards.

    ```{course-size}
    ```

Everything on a card is read from the page itself, so that there is no second copy.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx import addnodes
from sphinx.locale import _
from sphinx.util.docutils import SphinxDirective

from coursebook import anatomy

FOLDER = "chapters/"


@dataclass
class Facts:
    """What a card says of a page; minutes to read it and minutes for its exercises."""

    title: str
    question: str
    reading: int
    exercises: int
    needed: list[str]


def facts(notebook):
    """Return the facts of a page, whose title begins with its number.

    Raises
    ------
    ValueError
        If the notebook does not begin as a page does.
    """
    name = Path(notebook).stem
    page = nbformat.read(notebook, as_version=4)
    title, question = anatomy.title_and_question(page)
    known = page.metadata.get("lecture", {})
    needed = known["needs"] if "needs" in known else anatomy.needed(page)
    if "minutes" in known:  # of a page in another language, whose words are not counted
        minutes = known["minutes"]
    elif anatomy.kind(name) == "chapter":  # it promises both in one number
        promised = re.search(rf"^{re.escape(anatomy.NEED)}.*?about (\d+) minutes",
                             anatomy.markdown(page), re.M)  # fmt: skip
        minutes = (int(promised[1]), 0) if promised else None
    else:
        minutes = anatomy.minutes(page)
    if not (title and question and minutes):
        raise ValueError(f"{name}.ipynb must begin with a title, a question and its minutes")
    return Facts(title, question, *minutes, needed)


class ContentsDirective(SphinxDirective):
    """What the directives share: they take no arguments and read the contents."""

    def parts(self):
        """Return (caption, names of its lessons) of each part of the contents with lessons."""
        parts = [
            (part.caption, [str(item) for item in part.items if str(item).startswith(FOLDER)])
            for part in self.env.external_site_map.root.subtrees
        ]
        return [(caption, names) for caption, names in parts if names]

    def labs(self, name):
        """Return the names of the pages below a lesson."""
        below = self.env.external_site_map[name].subtrees
        return [str(item) for part in below for item in part.items]

    def facts(self, name):
        """Return what `facts` does; a change of the page will change this one."""
        notebook = Path(self.env.srcdir, f"{name}.ipynb")
        self.env.note_dependency(str(notebook))
        return facts(notebook)


class CourseSize(ContentsDirective):
    """How many chapters and hours, and the parts."""

    def run(self):
        """Return a paragraph."""
        parts = self.parts()
        lessons = [name for _, names in parts for name in names]
        labs = [lab for name in lessons for lab in self.labs(name)]
        minutes = [(found.reading + found.exercises) for found in map(self.facts, lessons)]
        total = sum(minutes) + sum(
            found.reading + found.exercises for found in map(self.facts, labs)
        )
        number = len({name[: len(FOLDER) + 2] for name in lessons})
        text = _("{number} chapters of {least} to {most} minutes, {hours} hours in all: ")
        if labs:
            text = _(
                "{number} chapters of {least} to {most} minutes, {labs} of them with a lab, "
                "{hours} hours in all: "
            )
        text = text.format(
            number=number,
            least=min(minutes),
            most=max(minutes),
            labs=len(labs),
            hours=round(total / 60),
        )
        size = nodes.paragraph("", text)
        for k, caption in enumerate(caption for caption, names in parts):
            size += nodes.Text(" · " if k else "")
            size += nodes.reference("", caption, refid=f"part-{k + 1}", internal=True)
        self.set_source_info(size)
        return [size]


class ChapterCards(ContentsDirective):
    """The cards."""

    def run(self):
        """Return a heading and a list of cards for each part of the contents with lessons."""
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
        """Return the card of one lesson, with its labs."""
        found = self.facts(name)
        cost = self.cost(found)
        for k, other in enumerate(found.needed):
            cost += nodes.Text(", " if k else _(", after "))
            cost += self.link(FOLDER + other, other[:2])
        title = nodes.paragraph("", "", self.link(name, found.title), classes=["chapter-name"])
        labs = [self.lab(lab) for lab in self.labs(name)]
        return nodes.list_item("", title, nodes.paragraph("", found.question), cost, *labs)

    def cost(self, found):
        """Return a paragraph with the minutes."""
        text = _("{reading} minutes")
        if found.exercises:
            text = _("{reading} minutes to read, {exercises} for the exercises")
        text = text.format(reading=found.reading, exercises=found.exercises)
        return nodes.paragraph("", text, classes=["chapter-cost"])

    def lab(self, name):
        """Return a paragraph that leads to a lab."""
        found = self.facts(name)
        cost = nodes.Text(", " + _("{reading} minutes").format(reading=found.reading))
        classes = ["chapter-cost", "chapter-lab"]
        return nodes.paragraph("", "", self.link(name, found.title), cost, classes=classes)

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
