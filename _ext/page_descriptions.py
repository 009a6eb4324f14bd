"""Give every page a description for search engines and link previews: its first paragraph."""

import textwrap
from html import escape

from docutils import nodes


def describe(app, pagename, templatename, context, doctree):
    paragraph = doctree.next_node(nodes.paragraph) if doctree else None
    if paragraph:
        text = textwrap.shorten(paragraph.astext(), 160, placeholder=" …")
        context["metatags"] += f'\n<meta name="description" content="{escape(text)}">'


def setup(app):
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
