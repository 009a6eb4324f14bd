"""Tables: what is drawn, what is compared, what is refused; test_shown.py looks at the page."""

import numpy as np
import pytest
from bs4 import BeautifulSoup

from coursebook.comparison import Tolerant
from lecture_utils.evidence import Sample
from lecture_utils.tables import table

ROWS = {
    "SGD & co.": {"rate": 0.1, "loss": 0.8123, "epochs": 12},
    "Adam": {"rate": 0.003, "loss": 0.79, "epochs": 3},
}


def drawn(shown):
    return BeautifulSoup(shown._repr_html_(), "html.parser")


def test_every_column_and_row_has_a_header_that_says_so():
    soup = drawn(table(ROWS, corner="optimizer"))
    assert [th.text for th in soup.select('thead th[scope="col"]')] == [
        "optimizer", "rate", "loss", "epochs"]  # fmt: skip
    assert [th.text for th in soup.select('tbody th[scope="row"]')] == list(ROWS)
    assert [td.text for td in soup.select("tbody td")] == [
        "0.1",
        "0.812",
        "12",
        "0.003",
        "0.79",
        "3",
    ]


def test_a_corner_without_a_name_is_no_header():
    assert [th.text for th in drawn(table(ROWS)).select("thead th")] == ["rate", "loss", "epochs"]


def test_two_columns_can_name_a_row():
    soup = drawn(table([{"data": "lab", "rule": "SGD", "loss": 0.5}], row_headers=2))
    assert [th.text for th in soup.select('th[scope="row"]')] == ["lab", "SGD"]


def test_nothing_in_it_is_lost_where_html_is_sanitised():
    soup = drawn(table(ROWS, caption="a < b"))
    assert soup.caption.text == "a < b"
    assert not soup.select("style, script, [id], [onclick]")


def test_words_stand_on_the_left_and_numbers_on_the_right():
    soup = drawn(table([{"rule": "SGD", "loss": 0.5}]))
    sides = {tag.text: tag["style"].partition(": ")[2] for tag in soup.select("th, td")}
    assert sides == {"rule": "left", "SGD": "left", "loss": "right", "0.5": "right"}


def test_rows_and_columns_give_the_same_table():
    by_rows = table([{"rate": rate, "n": n} for rate, n in ((0.1, 3), (1.0, None))])
    assert by_rows == table({"rate": np.array([0.1, 1.0]), "n": [3, None]})


@pytest.mark.parametrize(
    ("cell", "text"),
    [(0.12345, "0.123"), (45678.9, "45679"), (1e-10, "1e-10"), (7, "7"), (None, ""), (True, "True"),
     (np.float32(0.25), "0.25"), (np.int64(25_450), "25450"), (float("nan"), "nan")],
)  # fmt: skip
def test_numbers_are_short_unless_the_page_says_otherwise(cell, text):
    assert table([{"value": cell}]).cells == ((text,),)


def test_a_column_can_have_a_format():
    rows = [{"accuracy": 0.875}, {"accuracy": None}]
    assert table(rows, formats={"accuracy": ".1%"}).cells == (("87.5%",), ("",))


@pytest.mark.parametrize(("now", "equal"), [(9.9999, True), (10.0001, True), (10.9, False)])
@pytest.mark.parametrize("kind", [repr, lambda shown: shown._repr_html_()])
def test_nbval_compares_the_numbers_and_not_the_width_of_columns(kind, now, equal):
    """10.00 has a digit more than 9.9999 printed with two decimals."""
    stored, new = (
        kind(table([{"model": "line", "loss": loss}], formats={"loss": ".2f"}))
        for loss in (9.99, now)
    )
    assert (Tolerant(stored, rtol=0.01) == Tolerant(new, rtol=0.01)) == equal


@pytest.mark.parametrize(
    ("now", "equal"), [([0.811, 0.817, 0.823], True), ([0.790, 0.797, 0.804], False)]
)
@pytest.mark.parametrize("kind", [repr, lambda shown: shown._repr_html_()])
def test_nbval_compares_samples_by_their_spread(kind, now, equal):
    stored, new = (
        kind(table([{"rule": "SGD", "accuracy": Sample(values)}]))
        for values in ([0.812, 0.818, 0.824], now)
    )
    assert (Tolerant(stored) == Tolerant(new)) == equal


def test_a_sample_of_runs_shows_its_spread():
    rows = [{"rule": "SGD", "loss": Sample([0.812, 0.818, 0.824]), "none": None}]
    shown = table(rows)
    assert drawn(shown).select_one("td").text == "0.818 ± 0.006"
    assert table(rows, formats={"loss": "±.2f"}).cells == (("SGD", "0.82 ± 0.01", ""),)
    wider = table([{**rows[0], "loss": Sample([0.791, 0.818, 0.845])}])
    assert len(str(shown)) == len(str(wider))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "at least one row"),
        (({},), "at least one row"),
        (({"a": []},), "at least one row"),
        (([{"a": 1}, {"b": 1}],), r"columns \['a'\], one has \['b'\]"),
        (({"a": [1], "b": [1, 2]},), r"\{'a': 1, 'b': 2\}"),
    ],
)
def test_rows_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        table(*arguments)


@pytest.mark.parametrize("rows", ["text", 3, [1, 2], {"a": "text"}, {"a": 3}])
def test_what_is_no_table_is_refused(rows):
    with pytest.raises(TypeError, match=r"mapping|sequence"):
        table(rows)


def test_a_format_must_fit():
    with pytest.raises(ValueError, match=r"'x'; the columns are \['', 'rate', 'loss', 'epochs'\]"):
        table(ROWS, formats={"x": ".2f"})
    with pytest.raises(ValueError, match=r"'\.2f' does not fit the column 'a'"):
        table([{"a": "text"}], formats={"a": ".2f"})
    with pytest.raises(ValueError, match="from 0 to 4, got 5"):
        table(ROWS, row_headers=5)
