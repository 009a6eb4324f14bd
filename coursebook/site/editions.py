"""Editions of the site in other languages, side by side: English at the root, Korean in ``ko/``.

The switch in the header leads to the same page and section of the other language. A page that an
edition does not have is a stub there: every link to it leads to the English page, and says so. The
headings of a translated page keep the anchors of the English ones.

The site of an edition knows from ``edition.yml`` what it is; the English site has switches if the
environment variable COURSE_EDITIONS names the languages that stand beside it.
"""

import json
import os
import posixpath
from pathlib import Path

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.locale import _
from sphinx.transforms import SphinxTransform

from coursebook import anatomy
from coursebook.site import repository_links
from lecture_utils.language import ENGLISH, MARK

VARIABLE = "COURSE_EDITIONS"
SETTINGS = "locale/{language}/edition.yml"
SWITCH = "language-switch.html"
#: What the scripts of the site say; each finds it by the English text.
SCRIPT_WORDS = (
    "Check the answer",
    "Choose an answer first.",
    "In the glossary",
    "Hints and solutions",
)


def facts(folder):
    """Return what an edition says of itself, {} for the English book."""
    file = Path(folder, MARK)
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}


def beside(app):
    """Return the settings of the editions that stand beside this one, by language."""
    own = facts(app.srcdir)
    if own:
        return {ENGLISH: {"name": "English", "published": own["published"]}}
    return {
        language: yaml.safe_load(
            (anatomy.ROOT / SETTINGS.format(language=language)).read_text(encoding="utf-8")
        )
        for language in os.environ.get(VARIABLE, "").split()
    }


def folder(language):
    """Return the folder of a language on the site."""
    return "" if language == ENGLISH else f"{language}/"


def relative(page, here, there):
    """Return the address of a page in another edition, seen from the same page in this one.

    >>> relative("chapters/02_lab", "en", "ko"), relative("index", "ko", "en")
    ('../ko/chapters/02_lab.html', '../index.html')
    """
    start = posixpath.dirname(folder(here) + page)
    return posixpath.relpath(f"{folder(there)}{page}.html", start or ".")


def prepare(app, config):
    """Add the switch to the header, and the words of an edition's scripts."""
    app.edition = facts(app.srcdir)
    app.editions_beside = beside(app)
    if app.editions_beside:
        config.html_theme_options["article_header_end"] = [SWITCH, "article-header-buttons.html"]


def lead_to_english(app):
    """Let every link to a stub lead to the page that it stands for."""
    stubs = set(app.edition.get("stubs", ()))
    if not stubs or app.builder.format != "html":
        return
    own = app.builder.get_target_uri

    def get_target_uri(docname, typ=None):
        address = own(docname, typ)
        return f"../{address}" if docname in stubs else address

    app.builder.get_target_uri = get_target_uri


def link_english(app, doctree):
    """Let a link of a stub to the English page, which is outside of this book, lead to it."""
    for link in list(doctree.findall(addnodes.pending_xref)):
        page = link["reftarget"].removeprefix("../")
        if app.edition and page != link["reftarget"]:
            page = posixpath.splitext(page)[0]
            address = relative(page, app.config.language, ENGLISH)
            link.replace_self(nodes.reference("", "", *link.children, refuri=address))


def name_english(app, doctree, docname):
    """Say after a link in the text that it leads to an English page."""
    if app.builder.format != "html":
        return
    stubs = {app.builder.get_relative_uri(docname, stub) for stub in app.edition.get("stubs", ())}
    for link in doctree.findall(nodes.reference):
        if link.get("refuri", "").partition("#")[0] in stubs:
            said = app.edition["texts"]["english"]
            if not link.astext().endswith(said):
                link += nodes.Text(f" {said}")


class EnglishAnchors(SphinxTransform):
    """Give the sections of a translated page the anchors of the English one.

    Docutils makes no anchor of other letters than Latin, but ``id1``, ``id2``, which change with
    every new heading.
    """

    default_priority = 8  # before titles and labels are collected

    def apply(self, **kwargs):
        """Change the sections of one page."""
        known = self.app.edition.get("anchors", {}).get(self.env.docname, ())
        slugs = getattr(self.document, "myst_slugs", {})
        for section, anchor in zip(self.document.findall(nodes.section), known, strict=False):
            if not anchor or self.document.ids.get(anchor, section) is not section:
                continue
            old = section["ids"]
            section["ids"] = [anchor, *(name for name in old if name != anchor)]
            self.document.ids[anchor] = section
            for slug, (line, name, title) in slugs.items():
                if name in old:
                    slugs[slug] = (line, anchor, title)


def offer_switch(app, pagename, templatename, context, doctree):
    """Name the other editions to the header and to search engines."""
    here = app.config.language
    others = {
        language: settings["name"]
        for language, settings in app.editions_beside.items()
        if pagename in settings["published"]
    }
    context["other_languages"] = [
        {"code": language, "name": name, "href": relative(pagename, here, language)}
        for language, name in others.items()
    ]
    root = repository_links.site_address(app.config.html_theme_options)
    if others and root:
        # Search engines read whole addresses only.
        context["metatags"] = context.get("metatags", "") + "".join(
            f'\n<link rel="alternate" hreflang="{language}" '
            f'href="{root}{folder(language)}{pagename}.html">'
            for language in (here, *others)
        )
    if pagename in app.edition.get("stubs", ()):
        address = relative(pagename, here, ENGLISH)
        context["metatags"] = (
            context.get("metatags", "")
            + '\n<meta name="robots" content="noindex">'
            + f'\n<meta http-equiv="refresh" content="0; url={address}">'
        )


def offer_words(app):
    """Hand the scripts their words, before they run."""
    words = {text: said for text in SCRIPT_WORDS if (said := str(_(text))) != text}
    if words:
        said = json.dumps(words, ensure_ascii=False)
        app.add_js_file(None, body=f"window.courseWords = {said};", priority=100)


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", prepare)
    app.connect("builder-inited", lead_to_english)
    app.connect("builder-inited", offer_words)
    app.add_transform(EnglishAnchors)
    app.connect("doctree-read", link_english)
    app.connect("doctree-resolved", name_english)
    # Below 500, or the theme takes the switch for an empty template and drops it.
    app.connect("html-page-context", offer_switch, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
