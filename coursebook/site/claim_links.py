"""Link the number of a claim, as in C07, to its row on the page of claims."""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

from coursebook.site.glossary_links import inside

CLAIMS = "appendices/claims"
NUMBER = re.compile(r"\bC\d\d\b")
CLOSED = (nodes.reference, nodes.literal, nodes.literal_block, nodes.title, nodes.math, nodes.raw)


def name_rows(app, doctree):
    """Give each row of the page of claims the number of its claim as an anchor."""
    if app.env.docname != CLAIMS:
        return
    for row in doctree.findall(nodes.row):
        number = NUMBER.fullmatch(row.next_node(nodes.entry).astext().strip())
        if number:
            row.next_node(nodes.paragraph)["ids"].append(number[0].lower())


class ClaimLinks(SphinxPostTransform):
    """Make the links of one page."""

    default_priority = 510
    formats = ("html",)

    def run(self, **kwargs):
        """Replace each number by a link."""
        page = self.env.docname
        if page == CLAIMS or CLAIMS not in self.env.found_docs or page.startswith("reference/"):
            return
        for text in list(self.document.findall(nodes.Text)):
            if NUMBER.search(text) and not inside(text, CLOSED):
                text.parent.replace(text, self.linked(text.astext(), page))

    def linked(self, text, page):
        """Return a text as nodes, its numbers as links."""
        made, done = [], 0
        for found in NUMBER.finditer(text):
            shown = nodes.inline("", found[0])
            anchor = found[0].lower()
            link = make_refnode(self.app.builder, page, CLAIMS, anchor, shown)
            made += [nodes.Text(text[done : found.start()]), link]
            done = found.end()
        return [*made, nodes.Text(text[done:])]


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", name_rows)
    app.add_post_transform(ClaimLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
