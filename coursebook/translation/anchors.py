"""The anchors of a page: those of its site, and those that links in Markdown name."""

import re

from docutils import nodes

from coursebook import anatomy

HEADING = re.compile(r"^(#+) +(.+?)\s*$", re.M)


def headings(text: str) -> list[tuple[int, str]]:
    r"""Return level and text of every heading of a page.

    >>> headings("---\ntitle: a\n---\n# One\n\n```\n# a comment\n```\n\n## Two")
    [(1, 'One'), (2, 'Two')]
    """
    prose = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)
    found = HEADING.finditer(anatomy.FENCE.sub("", prose))
    return [(len(match[1]), match[2]) for match in found]


def ids(text: str) -> list[str]:
    r"""Return the anchors of all sections of an English page, as its site has them.

    >>> ids("# 01 Walk downhill\n\n## Who `runs`?")
    ['walk-downhill', 'who-runs']
    """
    return [nodes.make_id(_plain(title).replace("\\", "")) for _, title in headings(text)]


def slugs(text: str) -> list[str]:
    """Return the anchors that a link can name: those of the first three levels."""
    return [slug(title) for level, title in headings(text) if level <= 3]


def slug(title: str) -> str:
    """Return the anchor that JupyterLab, GitHub and MyST give a heading.

    >>> slug("The slope, *everywhere*"), slug("한 걸음 ([01](01.ipynb))")
    ('the-slope-everywhere', '한-걸음-01')
    """
    return re.sub(r"[^\w-]", "", _plain(title).lower().replace(" ", "-"))


def _plain(title: str) -> str:
    """Return a heading without marks, a link as its text."""
    return re.sub(r"[`*$]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title))
