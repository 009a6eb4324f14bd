"""Korean in the search: terms joined or apart, with particles, composed or not, from the disk."""

import json
import unicodedata

import pytest
import yaml
from sphinx.search.en import english_stopwords, js_porter_stemmer

from coursebook import anatomy
from coursebook.site import search

STATIC = anatomy.ROOT / "coursebook/site/static/search"
PAGE = """<!DOCTYPE html><html lang="ko"><meta charset="utf-8"><link rel="icon" href="data:,">
<article class="bd-article"><form class="bd-search"><input type="search"></form></article>
<p id="search-status"></p><div id="search-results"></div>
{scripts}</html>"""
#: Forms of a term as somebody types them.
FORMS = {
    "as it is": lambda term: term,
    "joined": lambda term: term.replace(" ", ""),
    "은": lambda term: f"{term}은",
    "를": lambda term: f"{term}를",
    "에서": lambda term: f"{term.replace(' ', '')}에서",
    "으로": lambda term: f"{term}으로",
    "taken apart": lambda term: unicodedata.normalize("NFD", term),
    "taken apart, with a particle": lambda term: unicodedata.normalize("NFD", f"{term}을"),
}


def terms():
    """Return the first Korean word for every term of the course."""
    file = anatomy.ROOT / "locale/ko/terms.yml"
    known = yaml.safe_load(file.read_text(encoding="utf-8"))["terms"]
    return sorted({korean[0] for korean in known.values()})


@pytest.fixture(scope="module")
def found(browser, tmp_path_factory):
    """Return a function that searches a book with a page for every term, opened from the disk."""
    folder = tmp_path_factory.mktemp("search")
    pages = []
    for number, term in enumerate(terms()):
        # Half of the pages write terms of several words as one word.
        written = term.replace(" ", "") if number % 2 else term
        text = f"여기서는 {written}의 예를 봅니다."
        section = {"id": "a", "heading": "", "text": text, "more": ""}
        page = {"page": f"{number}쪽", "name": str(number), "address": term, "kind": "lesson"}
        pages.append({**page, "sections": [section]})
    data = {"pages": pages, "stopWords": sorted(english_stopwords), "about": {}, "instead": {}}
    scripts = {
        "stemmer.js": js_porter_stemmer,
        "sections.js": f"window.searchData = {json.dumps(data)};",
        **{name: (STATIC / name).read_text("utf-8") for name in ("minisearch.js", "search.js")},
    }
    for name, text in scripts.items():
        (folder / name).write_text(text, encoding="utf-8")
    loaded = "".join(f'<script src="{name}"></script>' for name in search.SCRIPTS)
    file = folder / "search.html"
    file.write_text(PAGE.format(scripts=loaded), encoding="utf-8")
    window = browser.new_page()
    window.goto(file.as_uri())
    yield lambda query: window.evaluate("q => courseSearch.find(q).map(p => p.address)", query)
    window.close()


@pytest.mark.parametrize("form", FORMS)
def test_every_term_is_found_in_every_form(found, form):
    missed = {}
    for term in terms():
        first = found(FORMS[form](term))[:3]
        if term not in first:
            missed[term] = first
    assert not missed


def test_a_word_of_one_syllable_is_found(found):
    assert found("층")[0] == "층"


def test_what_is_not_there_is_not_found(found):
    assert found("붕어빵") == []
