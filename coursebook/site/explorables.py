"""Put the explorables of `lecture_utils.explorables` into the pages.

A page holds the question, the still picture with its alternative text, and room for the rest.
``loader.js`` brings the rest when the page is idle, at the latest when a reader touches it.
"""

import json
from html import escape
from importlib import resources
from pathlib import Path

from docutils import nodes
from myst_nb.core import render

from lecture_utils.explorables import MIME_TYPE, kind, scripts, still, strings

FOLDER = "explorables"  # in _static


class ExplorableRenderer:
    """A renderer as MyST-NB defines it: a mime type to document nodes."""

    mime_priority_overrides = (("html", MIME_TYPE, 1),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        """Return the parts of an explorable, None for any other output."""
        if data.mime_type != MIME_TYPE:
            return None
        spec = data.content
        language = renderer.renderer.sphinx_env.config.language
        image = render.MimeData("image/png", still(spec, language), line=data.line)
        (picture,) = renderer.render_image(image)
        picture["alt"] = spec["description"]
        question = nodes.paragraph(spec["question"], spec["question"])
        question["classes"] = ["explorable-question"]
        renderer.renderer.add_line_and_source_path(question, None)
        before, between, after = frame(spec, language)
        return [html(before), question, html(between), picture, html(after)]


def html(text):
    """Return a node of HTML."""
    return nodes.raw("", text, format="html")


def frame(spec, language):
    """Return the HTML before the question, between question and picture, and after the picture."""
    shape = kind(spec["name"]).SHAPE
    live = {"name": spec["name"], "settings": spec["settings"]}
    live["scripts"] = [f"strings_{language}.js", *scripts(spec["name"])]
    attributes = {
        "data-spec": json.dumps(live, ensure_ascii=False, separators=(",", ":")),
        "data-loading": strings(language)["common"]["loading"],
        "data-failed": strings(language)["common"]["failed"],
        "style": (
            f"--wide:{shape['wide']};--narrow:{shape['narrow']};"
            f"--controls:{shape['controls']}rem;--narrow-controls:{shape['narrow_controls']}rem"
        ),
    }
    opened = "".join(f' {name}="{escape(text)}"' for name, text in attributes.items())
    after = (
        '</div><div class="explorable-controls"></div>'
        '<p class="explorable-answer" role="status"></p></div>'
    )
    return f'<div class="explorable"{opened}>', '<div class="explorable-stage">', after


def write_scripts(app):
    """Write the scripts in a folder of their own: what lies in _static goes into every page."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", FOLDER)
    target.mkdir(parents=True, exist_ok=True)
    for file in (resources.files("lecture_utils.explorables") / "browser").iterdir():
        (target / file.name).write_bytes(file.read_bytes())
    language = app.config.language
    words = json.dumps(strings(language), ensure_ascii=False)
    (target / f"strings_{language}.js").write_text(
        f"(globalThis.courseExplorables ??= {{ engine: {{}}, views: {{}} }}).strings = {words};\n",
        encoding="utf-8",
    )


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
