"""The Korean edition as a reader meets it, and the way from one language to the other."""

import shutil

import pytest
from built_pages import ROOT, accessibility_faults, jupyter_book, pages_of, soup_of
from playwright.sync_api import expect

from coursebook.translation.edition import Edition
from coursebook.translation.state import Translation

PUBLISHED = Translation("ko").published()


@pytest.fixture(scope="session")
def korean(book, tmp_path_factory):
    """Return the folder of the Korean site: that beside the book, else a new one."""
    if (book / "ko" / "index.html").exists():
        return book / "ko"
    folder = tmp_path_factory.mktemp("edition")
    Edition(Translation("ko")).write(folder / "ko")
    shutil.copytree(ROOT / "locale", folder / "locale")
    jupyter_book(folder / "ko", folder / "built")
    return folder / "built" / "_build" / "html"


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_page_names_its_language_and_leads_to_the_english_one(korean, name):
    soup = soup_of(korean / f"{name}.html")
    assert soup.html["lang"] == "ko"
    switch = soup.select_one("a.language-switch")
    up = "../" * (name.count("/") + 1)
    assert (switch["href"], switch["lang"]) == (f"{up}{name}.html", "en")


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_sections_have_the_anchors_of_the_english_page(book, korean, name):
    found = [
        [
            section["id"]
            for section in soup_of(folder / f"{name}.html").select("article section[id]")
        ]
        for folder in (book, korean)
    ]
    assert found[0] == found[1]


@pytest.mark.slow
def test_links_lead_to_pages_of_the_edition_or_to_english_ones(book, korean):
    for page in (path for path in pages_of(korean) if path.stem in {"index", "first_network"}):
        for link in soup_of(page).select("a[href]"):
            path = link["href"].partition("#")[0].partition("?")[0]
            if not path or ":" in path:
                continue
            inside = (page.parent / path).resolve()
            if inside.is_relative_to(korean.resolve()):
                assert inside.exists(), (page, path)
                continue
            rest = inside.relative_to(korean.resolve().parent)
            assert rest.suffix == ".zip" or (book / rest).exists(), (page, path)


@pytest.mark.slow
def test_a_link_to_an_english_page_says_so(korean):
    soup = soup_of(korean / "first_network.html")
    links = soup.select("article a[href^='../chapters/']")
    assert links and all(link.get_text().endswith("(영어)") for link in links)


@pytest.mark.slow
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_page_is_accessible_and_fits_a_phone(korean, open_page, name, color_scheme):
    window = open_page(
        korean.as_uri(),
        f"{name}.html",
        color_scheme=color_scheme,
        viewport={"width": 390, "height": 844},
    )
    assert not accessibility_faults(window)
    assert window.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.slow
def test_an_explorable_speaks_korean(korean, open_page):
    window = open_page(korean.as_uri(), "first_network.html")
    explorable = window.locator(".explorable")
    explorable.scroll_into_view_if_needed()
    expect(explorable.get_by_role("button", name="유닛 하나")).to_be_visible()
    explorable.get_by_role("button", name="직선", exact=True).click()
    expect(explorable.locator(".explorable-answer")).to_contain_text("직선은 올라가거나")


@pytest.mark.slow
@pytest.mark.parametrize("query", ["손실곡선", "손실 곡선을", "꺾인 선", "소프트맥스는"])
def test_the_search_finds_korean_text(korean, open_page, query):
    window = open_page(korean.as_uri(), f"search.html?q={query}")
    first = window.locator(".search-page").first
    expect(first.locator("a").first).to_contain_text("직선에서 신경망까지")
    expect(first.locator("mark").first).to_be_visible()


@pytest.mark.slow
def test_the_switch_keeps_the_section(book, korean, open_page):
    if korean.parent != book:
        pytest.skip("the two editions are not side by side")
    window = open_page(book.as_uri(), "first_network.html#start-again")
    window.locator("a.language-switch").click()
    expect(window.locator("html")).to_have_attribute("lang", "ko")
    expect(window.locator("section#start-again h2")).to_contain_text("다시 시작하기")
    assert window.url.endswith("ko/first_network.html#start-again")
