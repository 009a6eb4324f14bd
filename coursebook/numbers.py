"""Write the numbers that a page takes from its cells into the text."""

import re
from collections.abc import Iterator

from myst_nb.core.variables import format_plain_text

#: {glue:text}`name:format`; a role that names another document (with ::) is left to MyST-NB
ROLE = re.compile(r"\{glue:text\}`(?P<name>[^`:]+):(?P<format>[^`:]*)`")
MIME_TYPE = "application/papermill.record/text/plain"


def recorded(notebook) -> dict[str, str]:
    """Return the values recorded by the cells of an executed notebook, by name, as text.

    Raises
    ------
    ValueError
        If two cells record the same name.
    """
    values = {}
    for output in _outputs(notebook):
        name = output.get("metadata", {}).get("scrapbook", {}).get("name")
        if name is not None and MIME_TYPE in output.get("data", {}):
            if name in values:
                raise ValueError(f"two values are recorded under the name {name!r}")
            values[name] = output["data"][MIME_TYPE]
    return values


def resolve(source, values: dict[str, str]):
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
        try:
            return format_plain_text(values[role["name"]], role["format"])
        except ValueError as error:
            raise ValueError(f"{role[0]}: {error}") from error

    return ROLE.sub(number, source)


def _outputs(notebook) -> Iterator:
    for cell in notebook.cells:
        yield from cell.get("outputs", [])
