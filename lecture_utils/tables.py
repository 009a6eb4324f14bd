"""Tables as the last expression of a cell: drawn as HTML, stored as text that can be compared.

JupyterLab, GitHub and the site draw the HTML, which has no style sheet and no script of its own.
What compares notebooks reads the text, in which no column's width depends on a digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from numbers import Integral, Real
from typing import Any

#: Characters that a number gets in the text form, whatever its digits; more if it has a spread.
NUMBER_WIDTH, SPREAD_WIDTH = 9, 15


@dataclass(frozen=True, repr=False)
class Table:
    """What `table` returns; it shows itself.

    Attributes
    ----------
    header : tuple of str
        The columns' names.
    cells : tuple of tuple of str
        The printed cells, row by row.
    widths : tuple of int
        Characters of each column in the text form.
    is_text : tuple of bool
        Which columns hold words, and stand on the left.
    row_headers : int
        How many of the first columns name the row.
    caption : str
        Empty if there is none.
    """

    header: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    is_text: tuple[bool, ...]
    row_headers: int
    caption: str

    def __repr__(self) -> str:
        """Return the text form."""
        lines = [self.caption] if self.caption else []
        for row in (self.header, *self.cells):
            padded = (
                text.ljust(width) if words else text.rjust(width)
                for text, width, words in zip(row, self.widths, self.is_text, strict=True)
            )
            lines.append(" | ".join(padded).rstrip())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        # The class gives it the colours of a table, not of a picture, in the site's dark mode.
        lines = ['<table class="dataframe">']
        if self.caption:
            lines.append(f"<caption>{escape(self.caption)}</caption>")
        lines += ["<thead>", f"<tr>{self._row(self.header, 'col')}</tr>", "</thead>", "<tbody>"]
        lines += [f"<tr>{self._row(row, 'row')}</tr>" for row in self.cells]
        return "\n".join([*lines, "</tbody>", "</table>"])

    def _row(self, row: Sequence[str], scope: str) -> str:
        written = []
        for number, (text, words) in enumerate(zip(row, self.is_text, strict=True)):
            header = text and (scope == "col" or number < self.row_headers)
            tag, attributes = ("th", f' scope="{scope}"') if header else ("td", "")
            side = "left" if words else "right"
            written.append(f'<{tag}{attributes} style="text-align: {side}">{escape(text)}</{tag}>')
        return "".join(written)


def table(
    rows: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    corner: str = "",
    formats: Mapping[str, str] | None = None,
    row_headers: int = 1,
    caption: str = "",
) -> Table:
    """Return a table to be shown as the last expression of a cell.

    Parameters
    ----------
    rows : mapping or sequence of mapping
        One of

        - a list of rows, each a mapping from the column's name to the cell;
        - a mapping from the row's name to such a row: the names become the first column;
        - a mapping from the column's name to a sequence of cells, all of one length.

        A cell is a number, a text, a sample of runs (`lecture_utils.evidence.Sample`, printed as
        mean ± standard deviation), or None for an empty cell. A name says the unit:
        ``"time (ms)"``.
    corner : str
        Name of the first column where the rows are named by a mapping.
    formats : mapping of str to str, optional
        Format of a column, as in ``{"rate": "g", "accuracy": ".1%"}``. Otherwise a fraction is
        printed with three significant digits, or more before the point, everything else by
        ``str``. Of a sample ``".2f"`` shows the mean alone, ``"±.2f"`` mean and spread.
    row_headers : int
        How many of the first columns say what a row is about.
    caption : str
        A title above the table, if the sentence before it does not say enough.

    Returns
    -------
    Table
        Shows itself.

    Raises
    ------
    TypeError
        If `rows` is none of the above.
    ValueError
        If there is no row, the rows have different columns, the columns different lengths, a
        format does not fit its column or names none, or `row_headers` is not possible.

    Examples
    --------
    >>> losses = {0.01: 0.8123, 0.1: 0.4567, 1.0: None}
    >>> table([{"rate": rate, "loss after 5 epochs": loss} for rate, loss in losses.items()])
         rate | loss after 5 epochs
         0.01 |               0.812
          0.1 |               0.457
            1 |

    >>> timings = {"NumPy": {"time (ms)": 3.14159, "memory (MB)": 200},
    ...            "Keras": {"time (ms)": 27.1828, "memory (MB)": 900}}
    >>> table(timings, corner="library", formats={"time (ms)": ".1f"})
    library | time (ms) | memory (MB)
    NumPy   |       3.1 |         200
    Keras   |      27.2 |         900
    """
    columns = _columns(rows, corner)
    unknown = sorted(set(formats or {}) - set(columns))
    if unknown:
        raise ValueError(f"formats names {unknown[0]!r}; the columns are {list(columns)}")
    if not 0 <= row_headers <= len(columns):
        raise ValueError(f"row_headers must be from 0 to {len(columns)}, got {row_headers!r}")
    printed = {name: _printed(name, cells, formats) for name, cells in columns.items()}
    return Table(
        header=tuple(columns),
        cells=tuple(zip(*printed.values(), strict=True)),
        widths=tuple(
            max([len(name), *map(_width, cells, printed[name])]) for name, cells in columns.items()
        ),
        is_text=tuple(any(isinstance(cell, str) for cell in cells) for cells in columns.values()),
        row_headers=row_headers,
        caption=caption,
    )


def _columns(rows: object, corner: str) -> dict[str, list[Any]]:
    """Return the cells of each column, whichever way `rows` holds them."""
    if isinstance(rows, Mapping):
        if rows and not any(isinstance(row, Mapping) for row in rows.values()):
            return _of_one_length(rows)
        rows = [{corner: name, **row} for name, row in rows.items()]
    if isinstance(rows, str) or not isinstance(rows, Sequence):
        raise TypeError(f"rows must be a mapping or a sequence of mappings, got {rows!r:.80}")
    if not rows:
        raise ValueError("a table needs at least one row")
    for row in rows:
        if not isinstance(row, Mapping):
            raise TypeError(f"a row must be a mapping from column to cell, got {row!r:.80}")
        if list(row) != list(rows[0]):
            raise ValueError(f"all rows need the columns {list(rows[0])}, one has {list(row)}")
    return {name: [row[name] for row in rows] for name in rows[0]}


def _of_one_length(columns: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the columns as lists, which must be equally long."""
    for name, cells in columns.items():
        if isinstance(cells, str) or not hasattr(cells, "__len__"):
            raise TypeError(f"the column {name!r} must be a sequence of cells, got {cells!r:.80}")
    lengths = {name: len(cells) for name, cells in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"all columns need the same number of cells, got {lengths}")
    if not any(lengths.values()):
        raise ValueError("a table needs at least one row")
    return {name: list(cells) for name, cells in columns.items()}


def _printed(name: str, cells: Sequence[Any], formats: Mapping[str, str] | None) -> list[str]:
    """Return the cells of one column as they are shown."""
    wanted = (formats or {}).get(name, "")
    try:
        return ["" if cell is None else format(cell, wanted or _usual(cell)) for cell in cells]
    except (TypeError, ValueError) as error:
        raise ValueError(f"the format {wanted!r} does not fit the column {name!r}: {error}") from (
            error
        )


def _usual(cell: object) -> str:
    """Return the format of a cell for whose column none was given."""
    if not _is_number(cell) or isinstance(cell, Integral):
        return ""
    return ".0f" if 1e3 <= abs(cell) < 1e7 else ".3g"


def _is_number(cell: object) -> bool:
    return isinstance(cell, Real) and not isinstance(cell, bool)


def _width(cell: object, text: str) -> int:
    """Return the characters to keep for a cell: as many for any digits, and what words need."""
    if isinstance(cell, str) or cell is None:
        return len(text)
    if isinstance(cell, Integral):
        return max(len(text), 1)
    return NUMBER_WIDTH if _is_number(cell) else SPREAD_WIDTH
