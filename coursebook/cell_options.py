"""The options of a code cell have one form: a caption is one line, however long it is.

JupyterLab, when it saves a page, breaks the lines of all captions; `in_one_form` joins them, so
that a comparison of versions shows what somebody changed and nothing else.
"""

import math
import re

import yaml
from jupytext import myst

OPTIONS = re.compile(r"(?<=\{code-cell\} ipython3\n)---\n.*?^---\n", re.M | re.S)


class _OneLine(yaml.SafeDumper):
    """Writes ``{alt: "Some text", ...}``: text in quotes, since a comma would end it."""


def _text(dumper, value):
    style = '"' if re.search(r"[^\w-]", value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)


_OneLine.add_representer(str, _text)


def in_one_form(page: str) -> str:
    """Return the Markdown of a page with the options of its code cells in that form.

    Options without a structure, such as ``:tags: [exercise]``, have the form of JupyterLab.

    >>> cell = "```{code-cell} ipython3{0}---{0}mystnb:{0}  figure:{0}    caption: A, b{0}---{0}```"
    >>> print(in_one_form(cell.replace("{0}", chr(10))))
    ```{code-cell} ipython3
    ---
    mystnb:
      figure: {caption: "A, b"}
    ---
    ```
    """
    return OPTIONS.sub(lambda found: _in_one_form(found[0]), page)


def _in_one_form(block: str) -> str:
    try:
        options = next(yaml.safe_load_all(block))
    except yaml.YAMLError:  # whoever reads the page says more
        return block
    if not isinstance(options, dict) or not isinstance(options.get("mystnb", {}), dict):
        return block
    written = myst.dump_yaml_blocks(options)
    if written.startswith(":"):
        return written
    lines = []
    for name, value in options.items():
        if name == "mystnb":
            lines += ["mystnb:", *(f"  {part}: {_in_one_line(of)}" for part, of in value.items())]
        else:
            lines.append(f"{name}: {_in_one_line(value)}")
    return "\n".join(["---", *lines, "---", ""])


def _in_one_line(value) -> str:
    written = yaml.dump(
        value,
        Dumper=_OneLine,
        default_flow_style=True,
        sort_keys=False,
        allow_unicode=True,
        width=math.inf,
    )
    return written.removesuffix("\n").removesuffix("\n...")
