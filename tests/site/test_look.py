"""How the site looks and welcomes: its first page, boxes, colours, type, print, missing page."""

import itertools
import json
import re
import shutil
import statistics
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from built_pages import QuietHandler, accessibility_faults, soup_of
from playwright.sync_api import expect

from coursebook import anatomy
from coursebook.site import chapter_cards, stored_figures
from lecture_utils.explorables import MIME_TYPE as EXPLORABLE

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "chapters/02_learning_rate.html"
BOX = "blockquote:has(> div > p:first-child > strong:first-child)"
BOLD = "blockquote > div > p:first-child > strong:first-child"


def luminance(colour):
    """Return the relative luminance of "rgb(r, g, b)", as WCAG defines it."""
    parts = [int(float(part)) / 255 for part in colour[4:-1].split(",")]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contrast("rgb(119, 119, 119)", "rgb(255, 255, 255)") == pytest.approx(4.478, abs=1e-3)


# --- the first page ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height", "theme"), [(1280, 800, "light"), (390, 844, "dark")])
def test_the_first_screen_has_the_title_the_figure_and_where_to_begin(
    book, open_page, width, height, theme
):  # fmt: skip
    page = open_page(
        book.as_uri(),
        "index.html",
        viewport={"width": width, "height": height},
        color_scheme=theme,
    )
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport(ratio=1)
    expect(page.locator(".hero .explorable-stage")).to_be_in_viewport(ratio=1)
    expect(page.locator(".hero input[type=range]").first).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("link", name="Start reading")).to_be_in_viewport(ratio=1)


@pytest.mark.slow
def test_the_first_figure_is_the_stored_explorable_and_moves_by_keyboard(book, open_page):
    stored = stored_figures.first_live(ROOT / "chapters/01_gradient_descent.ipynb")[EXPLORABLE]
    shown = soup_of(book / "index.html").select_one(".hero .explorable")
    assert json.loads(shown["data-spec"])["settings"] == stored["settings"]
    picture = shown.select_one("img")
    assert picture["alt"] == stored["description"] and (book / picture["src"]).exists()

    page = open_page(book.as_uri(), "index.html", reduced_motion="reduce")
    slider = page.locator(".hero input[type=range]").first
    slider.focus()
    before = page.locator(".hero .explorable-answer").inner_text()
    slider.press("End")
    expect(page.locator(".hero .explorable-answer")).not_to_have_text(before)


@pytest.mark.slow
def test_the_first_figure_can_be_read_without_javascript(book, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((book / "index.html").as_uri())
    width = page.locator(".hero .explorable img").bounding_box()["width"]
    context.close()
    assert width > 300


@pytest.mark.slow
def test_the_first_page_counts_chapters_and_hours(book):
    found = [chapter_cards.facts(path) for path in (ROOT / "chapters").glob("*.ipynb")]
    soup = soup_of(book / "index.html")
    text = soup.select_one(".hero-facts").text
    assert f"{len({facts.title.removeprefix('Lab ')[:2] for facts in found})} chapters" in text
    assert f"{round(sum(facts.reading + facts.exercises for facts in found) / 60)} hours" in text
    parts = [tag["href"] for tag in soup.select(".hero-facts a[href^='#part-']")]
    assert len(parts) == len(soup.select("ul.chapter-cards"))
    assert all(soup.find(id=part[1:]) for part in parts)


def test_a_chapter_that_is_shown_must_store_something_alive(tmp_path):
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "01.ipynb")
    with pytest.raises(ValueError, match=r"01.ipynb stores neither an explorable nor a chart"):
        stored_figures.first_live(tmp_path / "01.ipynb")


# --- colours, type, boxes ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accents_stand_out_from_their_ground(book, open_page, theme):
    looks = {}
    for address, pairs in {
        "index.html": [
            (".hero p a", "html"),
            (".start-buttons li:first-child a", ".start-buttons li:first-child a"),
        ],
        CHAPTER: [
            (f"{BOX} strong", BOX),
            (f"{BOX} p", BOX),
            ("article code.literal", "article code.literal"),
        ],
    }.items():
        page = open_page(book.as_uri(), address, color_scheme=theme)
        for text, ground in pairs:
            colour = page.locator(text).first.evaluate("tag => getComputedStyle(tag).color")
            behind = page.locator(ground).first.evaluate(
                "tag => getComputedStyle(tag.matches('html') ? document.body : tag).backgroundColor"
            )
            looks[text] = contrast(colour, behind)
    print(theme, {text: round(ratio, 1) for text, ratio in looks.items()})
    assert min(looks.values()) >= 4.5, looks


CHARACTERS = """() => [...document.querySelectorAll('article section > p')].flatMap(paragraph => {
  const lines = {}, texts = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  for (let node; (node = texts.nextNode());) {
    for (let i = 0; i < node.length; i++) {
      const range = new Range();
      range.setStart(node, i);
      range.setEnd(node, i + 1);
      const line = Math.round(range.getBoundingClientRect().bottom / 16);
      lines[line] = (lines[line] ?? 0) + 1;
    }
  }
  return Object.values(lines).slice(0, -1);
})"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 1920])
def test_a_line_of_text_has_60_to_80_characters(book, open_page, width):
    page = open_page(book.as_uri(), CHAPTER, viewport={"width": width, "height": 900})
    counts = page.evaluate(CHARACTERS)
    assert len(counts) > 50
    assert 60 <= statistics.median(counts) <= 80, statistics.median(counts)


@pytest.mark.slow
def test_every_prediction_is_in_a_box(book):
    for path in sorted((ROOT / "chapters").glob("*.md")):
        asked = len(re.findall(r"(?<!\n>)\n> \*\*", path.read_text(encoding="utf-8")))
        boxes = soup_of(book / "chapters" / f"{path.stem}.html").select(BOLD)
        assert len(boxes) == asked > 0, path.name


@pytest.mark.slow
def test_the_logo_is_beside_the_name_and_legible_in_the_dark(book, open_page):
    page = open_page(
        book.as_uri(), CHAPTER, color_scheme="dark", viewport={"width": 1280, "height": 900}
    )
    logo = page.locator(".navbar-brand img:visible")
    expect(logo).to_have_count(1)
    assert logo.bounding_box()["width"] >= 32
    assert soup_of(book / CHAPTER).find("link", rel="icon")["href"].endswith("favicon.svg")


# --- paper ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_printed_chapter_is_its_text_with_answers_unfolded(book, open_page):
    page = open_page(book.as_uri(), CHAPTER)
    folded = page.locator("details:not([open], .quiz-answers)").last.locator("p").first
    before = folded.bounding_box()
    page.emulate_media(media="print")
    for hidden in (".bd-sidebar-primary", ".bd-sidebar-secondary", ".bd-header-article"):
        expect(page.locator(hidden).first).to_be_hidden()
    assert page.locator("article h1").is_visible()
    assert folded.bounding_box()["height"] > 10
    assert before is None or before["height"] == 0 or before != folded.bounding_box()
    link = page.locator("article a.external").last
    printed = link.evaluate("tag => getComputedStyle(tag, '::after').content")
    assert link.get_attribute("href") in printed
    assert page.locator("article figure").first.evaluate(
        "tag => getComputedStyle(tag).breakInside"
    ) == "avoid"  # fmt: skip
    assert page.pdf().startswith(b"%PDF")


# --- the missing page, the search, the way on -------------------------------------------------


class MissingPageHandler(QuietHandler):
    """Answers like a host of pages: 404.html where there is no file."""

    def send_error(self, code, *_):
        page = Path(self.directory, "course", "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["course/away.html", "course/chapters/old/02_learning_rate.html"])
def test_a_missing_page_leads_back_from_any_depth(book, browser, tmp_path, path):
    shutil.copytree(book, tmp_path / "course")
    handler = partial(MissingPageHandler, directory=tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context()
    page = context.new_page()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        assert page.goto(f"{address}/{path}").status == 404
        page.wait_for_selector("html[data-ready]")
        assert not accessibility_faults(page)
        search = page.get_by_role("link", name="Search").get_attribute("href")
        words = "learning+rate" if "learning" in path else "away"
        assert search.startswith(f"{address}/course/search.html?q=") and words in search
        for link in page.locator("a").all():
            assert context.request.get(link.get_attribute("href")).ok
        page.get_by_role("link", name="Go to the start").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(
            "Practical deep learning, measured"
        )
    finally:
        context.close()
        server.shutdown()
        server.server_close()


@pytest.mark.slow
def test_previous_and_next_follow_the_contents(book):
    chapters = [page.stem for page in anatomy.pages() if page.parent.name == "chapters"]
    for before, after in itertools.pairwise(chapters):
        soup = soup_of(book / "chapters" / f"{before}.html")
        assert soup.select_one("a.right-next")["href"] == f"{after}.html"
        soup = soup_of(book / "chapters" / f"{after}.html")
        assert soup.select_one("a.left-prev")["href"] == f"{before}.html"


# --- licence and citation ---------------------------------------------------------------------


def test_the_citation_file_agrees_with_the_course():
    facts = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert facts["cff-version"] == "1.2.0" and facts["message"]
    assert facts["title"] == config["title"]
    assert [author["name"] for author in facts["authors"]] == [config["author"]]
    assert f'version = "{facts["version"]}"' in (ROOT / "pyproject.toml").read_text(
        encoding="utf-8"
    )
    assert facts["license"] == ["MIT", "CC-BY-4.0"]
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    text = (ROOT / "LICENSE-TEXT").read_text(encoding="utf-8")
    assert text.startswith("Creative Commons Attribution 4.0 International")


@pytest.mark.slow
def test_the_site_says_how_to_cite_and_under_which_licence(book):
    about = soup_of(book / "appendices/about.html").find("section", id="how-to-cite").text
    assert (ROOT / "CITATION.cff").read_text(encoding="utf-8").strip() in about
    footer = BeautifulSoup((book / CHAPTER).read_text(encoding="utf-8"), "html.parser").select_one(
        "footer.bd-footer-content"
    )
    assert {"license"} <= {name for tag in footer.find_all("a") for name in tag.get("rel", [])}
    links = [tag["href"] for tag in footer.find_all("a")]
    assert "../appendices/about.html#how-to-cite" in links
