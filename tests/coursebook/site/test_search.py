"""The search, as a reader uses it: what is typed, which page and section comes first."""

import re
import unicodedata
from pathlib import Path

import pytest
import yaml
from built_pages import accessibility_faults
from playwright.sync_api import expect

from coursebook.site import search

ROOT = Path(__file__).resolve().parents[3]
QUERIES = yaml.safe_load(Path(__file__).with_name("search_queries.yml").read_text(encoding="utf-8"))
FOUND = "query => courseSearch.find(query).map(page => page.address.replace('.html', ''))"


@pytest.fixture
def results(book, open_page):
    return open_page(book.as_uri(), "search.html")


def first_pages(window, query):
    return window.evaluate(FOUND, query)[:3]


@pytest.mark.slow
def test_what_learners_type_leads_to_the_page_about_it(results):
    missed = {
        query: found
        for query, pages in QUERIES.items()
        if not set(found := first_pages(results, query)).intersection(pages)
    }
    assert not missed


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_hit_leads_to_its_section_and_shows_its_text(book, serve, open_page, scheme):
    base = serve(book) if scheme == "http" else book.as_uri()
    window = open_page(base, "search.html?q=overshooting")
    chapter = window.locator(".search-page", has_text="Choose a learning rate").first
    expect(chapter.locator("mark").first).to_have_text(re.compile("^overshoot", re.I))
    section = chapter.locator("h3 a").first
    expect(chapter.locator("h3 + p").first).to_contain_text("overshooting")
    anchor = section.get_attribute("href").partition("#")[2]
    section.click()
    expect(window.locator(f"section#{anchor}")).to_be_in_viewport()


@pytest.mark.slow
def test_a_word_does_not_find_its_letters_in_another(results):
    for query in ("nan loss", "loss"):
        hits = results.evaluate(
            "q => courseSearch.find(q).flatMap(page => page.hits).flatMap(hit => hit.terms)",
            query,
        )
        assert "glossari" not in hits and "loss" in hits


@pytest.mark.slow
def test_korean_is_found_joined_apart_with_particles_and_taken_apart(results):
    forms = [
        "경사하강법",
        "경사 하강법",
        "경사하강법을",
        unicodedata.normalize("NFD", "경사하강법"),
    ]
    for form in forms:
        assert "chapters/01_gradient_descent" in first_pages(results, form), form


@pytest.mark.slow
def test_results_follow_what_is_typed_and_say_when_there_are_none(results):
    field = results.locator(".bd-article input[type=search]")
    field.fill("gradient")
    expect(results.locator(".search-page").first).to_be_visible()
    field.fill("qqqq")
    expect(results.locator("#search-status")).to_contain_text("Nothing found")
    assert "q=qqqq" in results.url


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
def test_the_magnifier_leaves_the_letters_free(book, open_page, width):
    window = open_page(
        book.as_uri(), "search.html?q=step", viewport={"width": width, "height": 800}
    )
    form = window.locator(".bd-article form.bd-search")
    icon, field = form.locator("i").bounding_box(), form.locator("input").bounding_box()
    assert icon["x"] + icon["width"] <= field["x"] + 1


@pytest.mark.slow
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_results_are_accessible(book, open_page, color_scheme):
    window = open_page(book.as_uri(), "search.html?q=gradient", color_scheme=color_scheme)
    expect(window.locator(".search-page").first).to_be_visible()
    assert not accessibility_faults(window)


def test_sections_terms_and_functions_are_found_apart():
    found = search.sections(
        '<section id="page"><h1>Words<a class="headerlink">#</a></h1><p>Before.</p>'
        '<dl class="glossary"><dt id="term-step">step</dt><dt>걸음</dt><dd><p>A move.</p></dd></dl>'
        '<dl class="py function"><dt id="a.walk"><span class="descname">walk</span>(x)</dt>'
        "<dd><p>Walks.</p></dd></dl></section>"
    )
    assert [(entry["heading"], entry["text"]) for entry in found] == [
        ("Words", "Before."),
        ("step · 걸음", "A move."),
        ("walk", "Walks."),
    ]


def test_what_a_program_printed_is_not_searched():
    found = search.sections(
        '<section id="a"><h1>A</h1><p>Text.</p><div class="output"><pre>0.123</pre></div>'
        '<img alt="A falling line."><pre>w = w - 1</pre></section>'
    )
    assert found == [
        {"id": "a", "heading": "A", "text": "Text.", "more": "A falling line. w = w - 1"}
    ]


def test_the_words_of_the_search_name_pages_of_the_book():
    known = yaml.safe_load((ROOT / "coursebook/site/search.yml").read_text(encoding="utf-8"))
    listed = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert all(f"file: {name}\n" in listed for name in known["about"])
