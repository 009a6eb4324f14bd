"""The HTML of an explorable: on the site its scripts come later, in JupyterLab it brings them."""

import json
from collections.abc import Mapping
from html import escape
from importlib import resources
from typing import Any

from lecture_utils.explorables import kind, scripts, still, strings
from lecture_utils.language import translated

BROWSER = resources.files("lecture_utils.explorables") / "browser"


def frame(spec: Mapping[str, Any], language: str = "en") -> tuple[str, str, str]:
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
    if "layout" in shape:  # its controls stand beside the picture, or above it
        attributes["data-layout"] = shape["layout"]
    opened = "".join(f' {name}="{escape(text)}"' for name, text in attributes.items())
    after = (
        '</div><div class="explorable-controls"></div>'
        '<p class="explorable-answer" role="status"></p></div>'
    )
    return f'<div class="explorable"{opened}>', '<div class="explorable-stage">', after


def words_script(language: str = "en") -> str:
    """Return the script that holds all words of the explorables."""
    words = json.dumps(strings(language), ensure_ascii=False).replace("</", "<\\/")
    return (
        f"(globalThis.courseExplorables ??= {{ engine: {{}}, views: {{}} }}).strings = {words};\n"
    )


def whole(spec: Mapping[str, Any], language: str = "en") -> str:
    """Return an explorable that needs nothing else: style, scripts and picture are inside."""
    before, between, after = frame(spec, language)
    asked, said = (translated(spec[part], language) for part in ("question", "description"))
    picture = (
        f'<p class="explorable-question">{escape(asked)}</p>{between}'
        f'<img src="data:image/png;base64,{still(spec)}" '
        f'alt="{escape(said)}">'
    )
    files = [(BROWSER / name).read_text(encoding="utf-8") for name in scripts(spec["name"])]
    start = (
        'const root = document.currentScript.closest(".explorable");'
        "courseExplorables.mount(root, JSON.parse(root.dataset.spec));"
    )
    script = "".join([words_script(language), *files, f"(() => {{ {start} }})();"])
    style = (BROWSER / "explorables.css").read_text(encoding="utf-8")
    # JupyterLab would take the arrow keys for its cells.
    before = before.replace("<div ", '<div data-lm-suppress-shortcuts="true" ', 1)
    inside = f"<style>{style}</style><script>{script}</script></div>"
    return before + picture + after.removesuffix("</div>") + inside
