"""Put the explorables of `lecture_utils.explorables` into the pages.

A page holds the question, the still picture with its alternative text, and room for the rest.
``loader.js`` brings the rest when the page is idle, at the latest when a reader touches it.
"""

from pathlib import Path

from docutils import nodes
from myst_nb.core import render

from lecture_utils.explorables import MIME_TYPE, still
from lecture_utils.explorables.page import BROWSER, frame, words_script
from lecture_utils.language import translated

FOLDER = "explorables"  # in _static


class ExplorableRenderer:
    """A renderer as MyST-NB defines it: a mime type to document nodes."""

    mime_priority_overrides = (("*", MIME_TYPE, 1),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        """Return the parts of an explorable, None for any other output."""
        if data.mime_type != MIME_TYPE:
            return None
        spec = data.content
        language = renderer.renderer.sphinx_env.config.language
        image = render.MimeData("image/png", still(spec), line=data.line)
        (picture,) = renderer.render_image(image)
        parts = with_picture(spec, language, picture)
        renderer.renderer.add_line_and_source_path(parts[1], None)
        return parts


def with_picture(spec, language, picture):
    """Return the nodes of an explorable: its frame, its question, its still picture."""
    picture["alt"] = translated(spec["description"], language)
    asked = translated(spec["question"], language)
    question = nodes.paragraph(asked, asked)
    question["classes"] = ["explorable-question"]
    before, between, after = frame(spec, language)
    return [html(before), question, html(between), picture, html(after)]


def html(text):
    """Return a node of HTML."""
    return nodes.raw("", text, format="html")


def write_scripts(app):
    """Write the scripts in a folder of their own: what lies in _static goes into every page."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", FOLDER)
    target.mkdir(parents=True, exist_ok=True)
    for file in BROWSER.iterdir():
        (target / file.name).write_bytes(file.read_bytes())
    language = app.config.language
    (target / f"strings_{language}.js").write_text(words_script(language), encoding="utf-8")


def add_files(app, pagename, templatename, context, doctree):
    """Load style and loader on the pages that have an explorable."""
    if 'class="explorable"' in context.get("body", ""):
        app.add_css_file(f"{FOLDER}/explorables.css")
        app.add_js_file(f"{FOLDER}/loader.js", loading_method="defer")


def setup(app):
    """Register with Sphinx; MyST-NB finds the renderer by its entry point."""
    app.connect("builder-inited", write_scripts)
    app.connect("html-page-context", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
