"""Write the numbers that a page takes from its cells into the text."""

import re
from collections.abc import Iterator

from myst_nb.core.variables import format_plain_text

from lecture_utils.evidence import Summary
from lecture_utils.records import PLAIN_TYPE, stored_summary

#: {glue:text}`name:format`; a role that names another document (with ::) is left to MyST-NB
ROLE = re.compile(r"\{glue:text\}`(?P<name>[^`:]+):(?P<format>[^`:]*)`")

#: In the metadata of a published notebook, under `lecture`.
KEPT = "guards"


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


def kept_outputs(notebook) -> list[list]:
    """Return what the cells gave that are not in a published notebook, see `coursebook.whole`."""
    return notebook.metadata.get("lecture", {}).get(KEPT, [])


def _outputs(notebook) -> Iterator:
    for cell in notebook.cells:
        yield from cell.get("outputs", [])
    for outputs in kept_outputs(notebook):
        yield from outputs
