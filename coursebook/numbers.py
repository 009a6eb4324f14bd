"""Write the numbers that a page takes from its cells into the text."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from myst_nb.core.variables import format_plain_text

from lecture_utils.evidence import Summary
from lecture_utils.records import PLAIN_TYPE, stored_summary

#: {glue:text}`name:format`; a role that names another document (with ::) is left to MyST-NB
ROLE = re.compile(r"\{glue:text\}`(?P<name>[^`:]+):(?P<format>[^`:]*)`")
#: The same with the notebook of another document.
OTHER_ROLE = re.compile(
    r"\{glue:text\}`(?P<notebook>[^`:]+\.ipynb)::(?P<name>[^`:]+):(?P<format>[^`]*)`"
)


def recorded(notebook) -> dict[str, str | Summary]:
    """Return the values recorded by the cells of an executed notebook, by name: text or a sample.

    Raises
    ------
    ValueError
        If two cells record the same name.
    """
    values = {}
    for output in _outputs(notebook):
        name = output.get("metadata", {}).get("scrapbook", {}).get("name")
        if name is not None and PLAIN_TYPE in output.get("data", {}):
            if name in values:
                raise ValueError(f"two values are recorded under the name {name!r}")
            values[name] = stored_summary(output["data"]) or output["data"][PLAIN_TYPE]
    return values


def resolve(source, values: dict[str, str | Summary]):
    """Return `source` (text, or a dict or list with text in it) with every role replaced.

    Raises
    ------
    ValueError
        If a role has no format, names a value that no cell recorded, or does not fit it.
    """
    if isinstance(source, dict):
        return {key: resolve(value, values) for key, value in source.items()}
    if isinstance(source, list):
        return [resolve(value, values) for value in source]
    if not isinstance(source, str):
        return source

    def number(role: re.Match) -> str:
        if role["name"] not in values:
            raise ValueError(f"no cell records {role['name']!r}, which the text uses")
        if not role["format"]:
            raise ValueError(f"{role[0]} needs a format, as in {{glue:text}}`name:.2f`")
        value = values[role["name"]]
        try:
            if isinstance(value, Summary):
                return format(value, role["format"])
            return format_plain_text(value, role["format"])
        except ValueError as error:
            raise ValueError(f"{role[0]}: {error}") from error

    return ROLE.sub(number, source)


def with_samples(text: str, folder: Path) -> str:
    """Return `text` with the samples of other documents' notebooks written into it.

    MyST-NB resolves the other roles; it knows no spread.

    Parameters
    ----------
    text : str
        A page.
    folder : Path
        Where it lies; the roles name notebooks relative to it.

    Raises
    ------
    ValueError
        If a format does not fit a sample.
    """
    values = {}

    def number(role: re.Match) -> str:
        path = folder / role["notebook"]
        if path not in values and path.is_file():
            values[path] = recorded(nbformat.read(path, as_version=4))
        value = values.get(path, {}).get(role["name"])
        if not isinstance(value, Summary):
            return role[0]
        try:
            return format(value, role["format"])
        except ValueError as error:
            raise ValueError(f"{role[0]}: {error}") from error

    return OTHER_ROLE.sub(number, text)


def _outputs(notebook) -> Iterator:
    for cell in notebook.cells:
        yield from cell.get("outputs", [])
