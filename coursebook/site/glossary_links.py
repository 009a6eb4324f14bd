"""Lead from a term to its meaning: the first use on each page links to the glossary.

The pages are plain Markdown without roles, so the links are made when a page is written, after
translation, from whatever terms the glossary of the book then has. Terms that are everyday words
as well stand under `everyday` at the top of the glossary and are not linked.
"""

import re
import textwrap

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

from coursebook.translation.languages.particles import ENDING

GLOSSARY = "appendices/glossary"
WITHOUT = ("reference/", GLOSSARY, "appendices/notation", "appendices/bibliography")
#: Text in these keeps to itself.
CLOSED = (nodes.title, nodes.reference, nodes.literal, nodes.literal_block, nodes.math,
          nodes.math_block, nodes.raw, nodes.caption, nodes.term, nodes.citation,
          nodes.footnote, addnodes.desc, addnodes.toctree)  # fmt: skip


WORD = re.compile(r"[\w'’-]+")
SPACE = re.compile(r"\s+")


def spellings(term):
    """Return a term, its plural, and both as they begin a sentence.

    >>> sorted(spellings("penalty"))
    ['Penalties', 'Penalty', 'penalties', 'penalty']
    >>> sorted(spellings("AUC"))
    ['AUC', 'AUCs']
    """
    forms = {term}
    if re.search(r"[^aeiou]y$", term):
        forms.add(f"{term[:-1]}ies")
    elif not term.endswith("s"):
        forms.add(f"{term}{'es' if re.search('(x|ch|sh)$', term) else 's'}")
    if term == term.lower():
        forms |= {form[0].upper() + form[1:] for form in forms}
    return forms


class Terms:
    """The terms of a glossary, and where they are used in a text.

    Parameters
    ----------
    entries : list of (list of str, str, str)
        The names of an entry, its anchor and its meaning.
    everyday : set of str
        Names of the entries that are not linked.

    >>> terms = Terms([(["learning rate"], "a", ""), (["rate"], "b", "")], set())
    >>> text = "A learning rate, a rate and two learning rates."
    >>> [text[start:end] for start, end, _ in terms.first_uses(text, set())]
    ['learning rate', 'rate']
    >>> terms = Terms([(["경사 하강법", "gradient descent"], "a", "")], set())
    >>> text = "경사 하강법은 gradient descent입니다."
    >>> [text[start:end] for start, end, _ in terms.first_uses(text, set())]
    ['경사 하강법']
    """

    def __init__(self, entries, everyday):
        self.entries = entries
        self.numbers = {
            form: number
            for number, (names, _, _) in enumerate(entries)
            for name in names
            for form in spellings(name)
        }
        self.closed = {self.numbers[name] for name in everyday}
        self.longest = max((form.count(" ") + 1 for form in self.numbers), default=0)

    def number(self, text):
        """Return the number of the entry that a text names, None if it names none."""
        return self.numbers.get(SPACE.sub(" ", text).replace("’", "'"))

    def first_uses(self, text, seen):
        """Yield start, end and number of the entries in a text not yet `seen`, and add them."""
        words = list(WORD.finditer(text))
        at = 0
        while at < len(words):
            for last in range(min(at + self.longest, len(words)) - 1, at - 1, -1):
                start, end = words[at].start(), words[last].end()
                number = self.number(text[start:end])
                if number is None and (found := ENDING.search(text[start:end])):
                    end = start + found.start()
                    number = self.number(text[start:end]) if end - start > 1 else None
                if number is not None:
                    if number not in seen | self.closed:
                        seen.add(number)
                        yield start, end, number
                    at = last
                    break
            at += 1


def read_terms(env):
    """Return the terms of the book's glossary."""
    if GLOSSARY not in env.found_docs:  # the small books of the tests
        return Terms([], set())
    entries = []
    for item in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        names = [node.astext() for node in item.findall(nodes.term)]
        anchor = item.next_node(nodes.term)["ids"][0]
        meaning = SPACE.sub(" ", item.next_node(nodes.definition).astext())
        entries.append((names, anchor, textwrap.shorten(meaning, 200, placeholder=" …")))
    everyday = env.metadata[GLOSSARY].get("everyday", "")
    return Terms(entries, {word.strip() for word in everyday.split(",") if word.strip()})


class GlossaryLinks(SphinxPostTransform):
    """Make the links of one page."""

    default_priority = 500
    formats = ("html",)

    def run(self, **kwargs):
        """Replace each first use by a link."""
        page = self.env.docname
        if page.startswith(WITHOUT):
            return
        if not hasattr(self.app, "glossary_terms"):
            self.app.glossary_terms = read_terms(self.env)
        seen = set()
        for text in list(self.document.findall(nodes.Text)):
            if not inside(text, CLOSED):
                link_first_uses(text, self.app.glossary_terms, seen, self.app.builder, page)


def inside(node, kinds):
    """Return whether a node has a parent of one of the kinds."""
    while node.parent is not None:
        node = node.parent
        if isinstance(node, kinds):
            return True
    return False


def link_first_uses(text, terms, seen, builder, page):
    """Replace a text node by text and links."""
    made, done = [], 0
    for start, end, number in terms.first_uses(text.astext(), seen):
        _, anchor, meaning = terms.entries[number]
        shown = nodes.inline("", text[start:end])
        link = make_refnode(builder, page, GLOSSARY, anchor, shown, meaning)
        link["classes"].append("glossary-link")
        made += [nodes.Text(text[done:start]), link]
        done = end
    if made:
        text.parent.replace(text, [*made, nodes.Text(text[done:])])


def setup(app):
    """Register with Sphinx."""
    app.add_post_transform(GlossaryLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
