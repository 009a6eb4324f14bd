"""Lead from the old address of a section to where it went, as `_moved.yml` says.

    chapters/01_gradient_descent#rounding: chapters/01_lab#rounding

What stands after # never reaches a server, so the old page has a script that leads on.
"""

import json
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)
FILE = "_moved.yml"


def read(folder):
    """Return for each page that lost sections: anchor to (page, anchor)."""
    path = Path(folder, FILE)
    moved = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    pages = {}
    for old, new in (moved or {}).items():
        page, _, anchor = old.partition("#")
        pages.setdefault(page, {})[anchor] = tuple(new.split("#", 1))
    return pages


def warn_of_addresses(app, env):
    """Warn of an old address that still exists, and of a new one that does not."""
    for page, anchors in read(app.srcdir).items():
        if page not in env.found_docs:  # the small books of the tests
            continue
        for anchor, (target, section) in anchors.items():
            if anchor in anchors_of(env, page):
                logger.warning("%s: %s#%s did not move", FILE, page, anchor)
            if target not in env.found_docs or section not in anchors_of(env, target):
                logger.warning("%s: there is no %s#%s", FILE, target, section)


def anchors_of(env, page):
    """Return the ids that a page has."""
    return {name for node in env.get_doctree(page).findall(nodes.Element) for name in node["ids"]}


def lead_on(app, pagename, templatename, context, doctree):
    """Add the script to a page that lost sections."""
    moved = read(app.srcdir).get(pagename)
    if moved:
        addresses = {
            anchor: f"{app.builder.get_relative_uri(pagename, target)}#{section}"
            for anchor, (target, section) in moved.items()
        }
        context["metatags"] += (
            f"\n<script>{{const to = {json.dumps(addresses)}[location.hash.slice(1)];"
            " if (to) location.replace(to);}</script>"
        )


def setup(app):
    """Register with Sphinx."""
    app.connect("env-check-consistency", warn_of_addresses)
    app.connect("html-page-context", lead_on)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
