"""The book on paper: what a page becomes, and that it can be set."""

import pytest
from bs4 import BeautifulSoup

from coursebook import pdf

PAGE = "chapters/06_overfitting"


def prepared(body, printed=(PAGE,)):
    article = BeautifulSoup(f"<article>{body}</article>", "html.parser").article
    pdf.prepare(article, PAGE, set(printed))
    return article


def test_the_printed_book_has_every_page_of_the_contents_but_the_reference():
    pages = [page for _, part in pdf.contents() for page in part]
    assert pages[0] == "first_network" and "appendices/glossary" in pages
    assert pages.index("chapters/06_lab") == pages.index(PAGE) + 1
    assert not any(page.startswith("reference/") for page in pages)


def test_links_lead_within_the_book_or_are_text():
    article = prepared(
        '<section id="a"><a href="06_lab.html#the-run">lab</a> <a href="#a">here</a>'
        '<a href="../reference/data.html">data</a> <a href="https://example.org">out</a></section>',
        printed=(PAGE, "chapters/06_lab"),
    )
    assert [link["href"] for link in article.find_all("a")] == [
        "#chapters-06_lab--the-run",
        "#chapters-06_overfitting--a",
        "https://example.org",
    ]
    assert "data" in article.get_text()


def test_solutions_stand_at_the_end_under_the_name_of_their_exercise():
    article = prepared(
        '<section id="p"><h1>P</h1><section id="e"><h2>Exercises</h2><p>'
        '<strong>1. By hand.</strong> How?</p><div class="tag_exercise"></div><details>'
        "<summary>Solution</summary><p>So.</p>"
        '</details></section><section id="n"><h2>Next</h2></section></section>'
    )
    text = article.get_text(" ")
    assert (
        text.index("Next") < text.index(pdf.WORDS["solutions"]) < text.index("1. By hand. Solution")
    )


def test_code_that_only_draws_stays_on_the_site():
    article = prepared(
        '<div class="cell tag_hide-input"><details class="hide"><summary>Show</summary>'
        '<pre>plt.plot()</pre></details><div class="cell_output"><pre>3</pre></div></div>'
        "<pre>x = 1</pre>"
    )
    assert "plt" not in article.get_text()
    assert [code["class"] for code in article.find_all("pre")] == ["output", "python"]


def test_a_mean_keeps_its_bar_and_is_no_power():
    bar = '<mover accent="true"><mi>y</mi><mo>\u02c9</mo></mover>'
    article = prepared(f"<p><math><msup>{bar}<mn>2</mn></msup></math></p>")
    assert article.find("mo").get_text() == "\u0304"
    if not pdf.missing_tools():
        pypandoc = pytest.importorskip("pypandoc")
        assert "macron(y)^2" in pypandoc.convert_text(str(article), "typst", format="html")


def test_without_its_tools_it_says_how_to_get_them(monkeypatch, capsys):
    monkeypatch.setattr(pdf, "TOOLS", ("no_such_tool",))
    assert pdf.main([]) == 0
    assert "no_such_tool" in capsys.readouterr().out


@pytest.mark.slow
def test_a_chapter_is_set(book, tmp_path, monkeypatch):
    if missing := pdf.missing_tools():
        pytest.skip(f"{' and '.join(missing)} missing: `make pdf` installs them")
    parts = [("Part", [PAGE, "appendices/glossary"])]
    monkeypatch.setattr(pdf, "contents", lambda: parts)
    target = tmp_path / "book.pdf"
    pages = pdf.write(book, target)
    assert pages > 10 and target.read_bytes().startswith(b"%PDF")
