"""A search over sections, in the page and without the network.

Sphinx' own search ranks whole pages, knows no misspelt word and reads its excerpts from other
pages, which a browser refuses from the disk. Here each section of a page is a document of
MiniSearch, with its words, its heading, its page and the kind of that page; the scripts are loaded
by the page of results alone. What learners type and the book calls otherwise is in `search.yml`.
"""

import json
from pathlib import Path

import yaml
from bs4 import BeautifulSoup, Tag
from sphinx.search.en import english_stopwords, js_porter_stemmer

from coursebook import anatomy

HERE = Path(__file__).resolve().parent
#: Not read by a search: menus, pictures' data, outputs that a program printed.
SILENT = (
    "script, style, annotation, .headerlink, .output, summary, .admonition-title, .place, button"
)
BLOCKS = ["p", "li", "dt", "dd", "td", "th", "figcaption", "br", "div"]
SCRIPTS = ("stemmer.js", "minisearch.js", "sections.js", "search.js")


def kind(docname):
    """Return what a page is to somebody who searches; the script ranks by it.

    >>> [kind(name) for name in ("chapters/02_lab", "first_network", "appendices/glossary")]
    ['lab', 'lesson', 'glossary']
    """
    folder, _, name = docname.rpartition("/")
    if folder == "chapters":
        return "lab" if anatomy.kind(name) == "lab" else "lesson"
    if docname in ("first_network", "appendices/glossary"):
        return {"first_network": "lesson"}.get(docname, "glossary")
    return "reference" if folder == "reference" else "appendix"


def words(node):
    """Return the text of a node in one line; what stands in blocks of its own is set apart.

    >>> words(BeautifulSoup("<p>Go <b>down</b>.</p><p>Stop.</p>", "html.parser"))
    'Go down. Stop.'
    """
    for block in node.find_all(BLOCKS):
        block.append(" ")
    return " ".join(node.get_text().split())


def sections(body):
    """Return what can be found on a page: its sections, terms and documented names, in order.

    Parameters
    ----------
    body : str
        HTML of a page's article.

    Returns
    -------
    list of dict
        ``id``, ``heading``, ``text``, and ``more``: code and what pictures show.

    >>> found = sections('<section id="a"><h1>Steps</h1><p>Go down.</p><pre>w -= g</pre>'
    ...                  '<section id="b"><h2>Far</h2><p>Too far.</p></section></section>')
    >>> [tuple(section.values()) for section in found]
    [('a', 'Steps', 'Go down.', 'w -= g'), ('b', 'Far', 'Too far.', '')]
    """
    soup = BeautifulSoup(body, "html.parser")
    for node in soup.select(SILENT):
        node.decompose()
    found = []
    # From the inside out: what is taken is gone from the section around it.
    for node in reversed(soup.select("section[id], dl.glossary, dl.py")):
        if node.name == "section":
            found += own_entry(node)
        else:
            found += reversed(entries(node))
        node.decompose()
    return found[::-1]


def own_entry(section):
    """Return a section without those that stood in it, in a list; nothing without a heading."""
    heading = section.find(["h1", "h2", "h3", "h4"])
    if heading is None:
        return []
    title = words(heading)
    heading.decompose()
    more = [image.get("alt", "") for image in section.find_all("img")]
    for code in section.find_all("pre"):
        more.append(words(code))
        code.decompose()
    entry = {"id": section["id"], "heading": title, "text": words(section)}
    return [{**entry, "more": " ".join(more)}]


def entries(definitions):
    """Return the terms of a list of definitions; one with several names has them all."""
    found, names = [], []
    for node in definitions.find_all(["dt", "dd"], recursive=False):
        if node.name == "dt":
            names.append(node)
        elif names and names[0].get("id"):
            found.append(
                {
                    "id": names[0]["id"],
                    "heading": " · ".join(name_of(name) for name in names),
                    "text": words(node),
                    "more": " ".join(name["id"] for name in names if name.get("id")),
                }
            )
            names = []
    return found


def name_of(term: Tag):
    """Return a term, or the name of a function without its signature."""
    name = term.select_one(".descname")
    return words(name if name is not None else term)


def keep(app, pagename, templatename, context, doctree):
    """Store what can be found on one page; a page that is not built again keeps what it had."""
    if doctree is None or app.builder.format != "html":
        return
    page = {
        "page": app.env.titles[pagename].astext(),
        "name": pagename,
        "address": app.builder.get_target_uri(pagename),
        "kind": kind(pagename),
        "inEnglish": pagename in app.edition.get("stubs", ()),
        "sections": sections(context["body"]),
    }
    file = Path(app.doctreedir, "search", f"{pagename}.json")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")


def add_page(app):
    """Name the page of results; Sphinx would add it with an index that nothing reads."""
    yield "search", {}, "search.html"


def write(app, exception):
    """Write what the page of results loads, beside its script."""
    if exception or app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static", "search")
    kept = Path(app.doctreedir, "search")
    pages = [
        json.loads(file.read_text(encoding="utf-8"))
        for name in sorted(app.env.found_docs)
        if (file := kept / f"{name}.json").exists()
    ]
    known = yaml.safe_load((HERE / "search.yml").read_text(encoding="utf-8"))
    data = {"pages": pages, "stopWords": sorted(english_stopwords), **known}
    folder.mkdir(parents=True, exist_ok=True)
    # A script and not JSON: from the disk a page may load the one and not the other.
    (folder / "sections.js").write_text(
        f"window.searchData = {json.dumps(data, ensure_ascii=False)};\n", encoding="utf-8"
    )
    (folder / "stemmer.js").write_text(js_porter_stemmer, encoding="utf-8")


def no_index(app):
    """Leave out Sphinx' own index and its page."""
    if app.builder.format == "html":
        app.builder.search = False


def offer_scripts(app, pagename, templatename, context, doctree):
    """Name the scripts to the page of results."""
    context["search_scripts"] = [f"_static/search/{name}" for name in SCRIPTS]


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", no_index)
    app.connect("html-collect-pages", add_page)
    app.connect("html-page-context", offer_scripts)
    app.connect("html-page-context", keep, priority=970)  # after page_speed, formulas and links
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
