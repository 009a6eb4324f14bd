"""The built book, in a real browser and over plain HTTP as well as from the disk."""

import gzip
import itertools
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import altair as alt
import nbformat
import pytest
from built_pages import COLOUR_RULES, accessibility_faults, jupyter_book, pages_of, soup_of
from playwright.sync_api import expect

from coursebook import anatomy
from coursebook.site import repository_links
from coursebook.stills import with_still
from lecture_utils.interactive import MIME_TYPE as CHART
from lecture_utils.interactive import Figure

ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = "A straight line whose slope is the position of the slider."
CAPTION = "The slope that the slider chooses."


# --- what the tests look at -------------------------------------------------------------------


@pytest.fixture(scope="session")
def small_source(tmp_path_factory):
    """Return a book of one notebook, with a chart and a solution, in the course's own settings."""
    source = tmp_path_factory.mktemp("small")
    for name in ("_config.yml", "references.bib"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    (source / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n  - file: chapters/01_lines\n"
    )
    (source / "index.md").write_text("# Small\n\nA book for tests.\n")
    slope = alt.param(name="slope", value=1, bind=alt.binding_range(min=0, max=2, step=1))
    line = (
        alt.Chart(alt.Data(values=[{"x": x} for x in range(3)]))
        .transform_calculate(y="slope * datum.x")
        .mark_line()
        .encode(x="x:Q", y=alt.Y("y:Q", scale=alt.Scale(domain=[0, 4])))
        .add_params(slope)
    )
    figure = Figure(line, DESCRIPTION, slider_labels={"slope": ["flat", "rising", "steep"]})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    chart = nbformat.v4.new_code_cell(
        "figure",
        metadata={"mystnb": {"figure": {"caption": CAPTION}}},
        outputs=[
            nbformat.v4.new_output("display_data", with_still(figure._repr_mimebundle_(), CHART))
        ],
    )
    solution = nbformat.v4.new_code_cell("answer = 3", metadata={"tags": ["hide-cell"]})
    title = nbformat.v4.new_markdown_cell("# Draw a line\n\nHow steep is $y = ax$?")
    notebook.cells = [title, chart, solution]
    (source / "chapters").mkdir()
    nbformat.write(notebook, source / "chapters" / "01_lines.ipynb")
    return source


@pytest.fixture(scope="session")
def small_book(small_source, tmp_path_factory):
    target = tmp_path_factory.mktemp("small_built")
    jupyter_book(small_source, target)
    return target / "_build" / "html"


# --- every page of the book -------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize(("scheme", "width"), [("http", 1280), ("file", 390)])
def test_pages_open_without_other_hosts_errors_barriers_or_sideways_scrolling(
    book, serve, open_page, scheme, width, part
):
    base = serve(book) if scheme == "http" else book.as_uri()
    root = "document.documentElement"
    for page in pages_of(book)[part::4]:
        window = open_page(
            base,
            page.relative_to(book).as_posix(),
            viewport={"width": width, "height": 844},
            color_scheme="light",
        )
        sliders = window.locator(".vega-chart input").all()
        for slider in sliders:
            slider.focus()
        if sliders:
            window.wait_for_load_state("networkidle")
        assert window.evaluate(f"{root}.dataset.theme") == "light", page
        assert window.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0, page
        # Colours take axe four fifths of its time, and no width changes them: once is enough.
        assert not accessibility_faults(window, without=[] if width > 390 else COLOUR_RULES), page
        if width > 390:
            assert_dark_colours(window, page, again=lambda: open_page(base, "404.html", **DARK))
        window.context.close()


DARK = {"color_scheme": "dark"}
#: What a dark page shows of its figures as it is on white paper.
GLARING = """[...document.querySelectorAll("article figure img, article figure .vega-embed svg")]
    .filter(e => !e.matches(".only-dark, .dark-light") && getComputedStyle(e).filter == "none")
    .map(e => e.outerHTML.slice(0, 200))"""


def assert_dark_colours(window, page, again):
    """Turn a page dark; its colours must stand out, its figures follow."""
    if page.name == "404.html":  # which has no theme, and looks for one only when it opens
        window = again()
    # The colours change at once: a transition outside the screen may never end.
    window.add_style_tag(content="*, *::before, *::after { transition: none !important }")
    window.emulate_media(**DARK)
    expect(window.locator("html")).to_have_attribute("data-theme", "dark")
    assert not accessibility_faults(window, rules=COLOUR_RULES), page
    assert not window.evaluate(GLARING), page


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", ["index.html", "chapters/01_gradient_descent.html"])
def test_what_only_a_narrow_screen_shows_stands_out(book, open_page, theme, page):
    narrow = {"viewport": {"width": 390, "height": 844}, "color_scheme": theme}
    window = open_page(book.as_uri(), page, **narrow)
    assert not accessibility_faults(window, rules=COLOUR_RULES)


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_code_can_be_read_in_its_colours(book, open_page, theme):
    window = open_page(book.as_uri(), "chapters/01_gradient_descent.html", color_scheme=theme)
    assert not accessibility_faults(window, where={"include": [["pre"]]}, rules=COLOUR_RULES)


@pytest.mark.slow
def test_pages_can_be_read_by_a_screen_reader(book):
    for page in pages_of(book):
        soup = soup_of(page)
        assert soup.html["lang"] == "en", page
        assert soup.title.text.strip(), page
        article = soup.find("article")
        if article is None:  # the page of search results
            continue
        for image in article.find_all("img"):
            assert image.get("alt", "").strip(), f"{page}: {image} has no alternative text"
        levels = [int(heading.name[1]) for heading in article.find_all(re.compile(r"^h[1-6]$"))]
        assert levels.count(1) == 1 and levels[0] == 1, f"{page}: headings {levels}"
        leaps = [(a, b) for a, b in itertools.pairwise(levels) if b > a + 1]
        assert not leaps, f"{page}: headings {levels} leave one out"


@pytest.mark.slow
def test_links_within_the_book_lead_somewhere(book):
    soups = {page.resolve(): soup_of(page) for page in pages_of(book)}
    anchors = {page: {tag["id"] for tag in soup.find_all(id=True)} for page, soup in soups.items()}
    for page, soup in soups.items():
        for tag in soup.find_all(["a", "img", "link", "script"]):
            link = urlsplit(tag.get("href") or tag.get("src") or "")
            if link.scheme or link.netloc:
                continue
            target = (page.parent / unquote(link.path)).resolve() if link.path else page
            assert target.exists(), f"{page}: {tag} leads nowhere"
            if tag.name == "a" and link.fragment and target in anchors:
                assert unquote(link.fragment) in anchors[target], f"{page}: {tag} has no target"


@pytest.mark.slow
def test_every_page_of_the_contents_says_what_it_is_about(book):
    for page in pages_of(book):
        if page.name == "search.html":
            continue
        description = soup_of(page).find("meta", attrs={"name": "description"})
        assert description and len(description["content"]) > 20, page


# --- what a reader does -----------------------------------------------------------------------


@pytest.mark.slow
def test_the_search_opens_by_keyboard_on_any_page(book, open_page):
    window = open_page(book.as_uri(), "chapters/01_gradient_descent.html")
    window.keyboard.press("Control+k")
    window.keyboard.type("momentum")
    window.keyboard.press("Enter")
    expect(window.locator("#search-results a").first).to_be_visible()


@pytest.mark.slow
def test_the_theme_switches_and_stays(book, open_page):
    window = open_page(book.as_uri(), "index.html", color_scheme="light")
    root, switch = window.locator("html"), window.locator(".theme-switch-button:visible").first
    expect(root).to_have_attribute("data-theme", "light")
    shades = "getComputedStyle(document.body).backgroundColor"
    bright = window.evaluate(shades)
    switch.focus()
    for _ in range(3):  # automatic, dark, light, in turn
        if root.get_attribute("data-theme") == "light":
            switch.press("Enter")
    expect(root).to_have_attribute("data-theme", "dark")
    assert window.evaluate(shades) != bright
    window.reload()
    expect(root).to_have_attribute("data-theme", "dark")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fold", "inside"),
    [("details:not(.hide)", "p"), ("details.hide", ".cell_input")],
    ids=["answer of the quiz", "solution of an exercise"],
)
def test_folds_open_and_close_by_keyboard(book, open_page, fold, inside):
    window = open_page(book.as_uri(), "chapters/01_gradient_descent.html")
    fold = window.locator(f"article {fold}").first
    content = fold.locator(inside).first
    expect(content).not_to_be_visible()
    fold.locator("summary").press("Enter")
    expect(content).to_be_visible()
    fold.locator("summary").press("Enter")
    expect(content).not_to_be_visible()


@pytest.mark.slow
def test_nothing_moves_for_those_who_asked_for_that(book, open_page):
    window = open_page(book.as_uri(), "chapters/13_anomaly_detection.html", reduced_motion="reduce")
    expect(window.locator(".explorable.live")).to_be_visible()
    window.locator(".explorable").get_by_role("slider", name="false alarms").press("ArrowRight")
    assert window.evaluate("document.getAnimations().length") == 0
    style = "getComputedStyle(document.documentElement).scrollBehavior"
    assert window.evaluate(style) == "auto"


@pytest.mark.slow
def test_formulas_have_their_font_and_wide_ones_scroll_by_keyboard(book, open_page):
    window = open_page(
        book.as_uri(),
        "chapters/14_online_learning.html",
        viewport={"width": 320, "height": 844},
    )
    fonts = "[...document.fonts].filter(f => f.status == 'loaded').map(f => f.family).join()"
    assert "STIX Two Math" in window.evaluate(fonts)
    wide = window.locator("article div.math[tabindex]")
    assert wide.count() > 0
    wide.first.focus()
    window.keyboard.press("ArrowRight")
    window.wait_for_function("document.activeElement.scrollLeft > 0")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
def test_a_term_opens_a_card_that_leads_to_its_entry(book, open_page, width):
    size = {"width": width, "height": 800}
    window = open_page(book.as_uri(), "chapters/02_learning_rate.html", viewport=size)
    link = window.locator("article a.glossary-link", has_text="hyperparameter").first
    link.press("Enter")
    card = window.get_by_role("dialog", name=link.inner_text())
    expect(card).to_contain_text("chosen before the training")
    box = card.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert not accessibility_faults(window, where={"include": [[".term-card"]]})
    window.keyboard.press("Escape")
    expect(card).not_to_be_visible()
    expect(link).to_be_focused()
    link.click()
    card.get_by_role("link", name="In the glossary").click()
    expect(window.locator("dt:target")).to_contain_text("hyperparameter")


@pytest.mark.slow
def test_the_number_of_a_claim_leads_to_its_row(book, open_page):
    window = open_page(book.as_uri(), "chapters/02_lab.html")
    window.locator("section#verdicts a", has_text="C06").first.click()
    expect(window.locator("td:has(:target)")).to_have_text("C06")


@pytest.mark.slow
def test_a_chapter_says_where_in_the_course_it_stands(book):
    place = soup_of(book / "chapters/06_lab.html").select_one("h1 + .place").text
    assert place == "Chapter 6 of 17, lab"


@pytest.mark.slow
@pytest.mark.parametrize("page", ["index", "chapters/02_lab"])
def test_on_a_phone_every_button_can_be_hit_and_opens_something(book, open_page, page):
    size = {"width": 390, "height": 800}
    window = open_page(book.as_uri(), f"{page}.html", viewport=size)
    for button in window.locator(".bd-header-article :is(.btn, .sidebar-toggle):visible").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 44, button.get_attribute("class")
    contents = window.locator(".secondary-toggle")
    assert contents.is_visible() == (page != "index")


@pytest.mark.slow
def test_on_paper_the_answers_stand_at_the_end_and_go_back(book, open_page):
    window = open_page(book.as_uri(), "chapters/06_overfitting.html", color_scheme="dark")
    exercises, quiz = window.locator("section#exercises"), window.locator("section#quiz")

    def html():  # but for what can be reached by Tab because it scrolls, which depends on the width
        return [re.sub(r' tabindex="0"', "", part.inner_html()) for part in (exercises, quiz)]

    before = html()
    window.emulate_media(media="print")
    window.evaluate("dispatchEvent(new Event('beforeprint'))")
    end = window.locator("article > .printed-answers")
    expect(end.locator("summary").first).to_have_text("1. By hand. Hint 1")
    assert end.locator("summary", has_text="Solution").count() == 5
    assert end.locator("summary", has_text="Answers").count() == 4
    assert exercises.locator("details").count() == 0
    colours = "style => [style.color, style.backgroundColor]"
    ink = window.evaluate(f"({colours})(getComputedStyle(document.body))")
    assert ink == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    window.evaluate("dispatchEvent(new Event('afterprint'))")
    assert html() == before


@pytest.mark.slow
def test_on_a_phone_no_line_of_code_runs_out_of_sight(book, open_page):
    size = {"width": 390, "height": 800}
    for page in anatomy.pages():
        address = page.relative_to(anatomy.ROOT).as_posix()
        window = open_page(book.as_uri(), f"{address}.html", viewport=size)
        wide = """[...document.querySelectorAll('article pre')]
            .filter(pre => pre.scrollWidth > pre.clientWidth + 1).map(pre => pre.innerText)"""
        assert window.evaluate(wide) == [], page.name
        window.close()


@pytest.mark.slow
def test_a_page_is_light(book):
    for page in pages_of(book):
        soup = soup_of(page)
        head = soup.head.find_all("script", src=True)
        waiting = [script for script in head if script.has_attr("defer")]
        assert len(head) - len(waiting) <= 1, page
        assert not soup.find("script", src=re.compile("mathjax|fontawesome")), page
        if page.name != "search.html":
            assert not soup.find("script", src=re.compile("/search/|searchtools")), page
        pictures = soup.select("article figure img, article .cell_output img")
        for k, picture in enumerate(pictures):
            assert picture.has_attr("width") and picture.has_attr("height"), picture
            assert (picture.get("loading") == "lazy") == (k > 0), picture
        assert weight(book, page, soup) < 600_000, page


def weight(book, page, soup):
    """Return the bytes that a reader of the whole page loads, texts compressed."""
    named = [tag.get("href") or tag["src"] for tag in soup.select("link[rel=stylesheet], [src]")]
    files = {page, *(page.parent / urlsplit(name).path for name in named)}
    files |= set((book / "_static").rglob("*.woff"))
    total = 0
    for file in files:
        content = file.read_bytes()
        packed = file.suffix in {".html", ".css", ".js", ".svg"}
        total += len(gzip.compress(content)) if packed else len(content)
    return total


# --- the interactive figures ------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_slider_moves_the_line(small_book, serve, open_page, scheme):
    base = serve(small_book) if scheme == "http" else small_book.as_uri()
    page = open_page(
        base,
        "chapters/01_lines.html",
        viewport={"width": 390, "height": 844},
        reduced_motion="reduce",
    )
    slider = page.get_by_role("slider", name="slope")
    expect(slider).to_be_visible()
    expect(page.get_by_role("img", name=DESCRIPTION)).to_be_visible()
    assert page.evaluate("typeof vegaEmbed") == "undefined"  # nothing is fetched before a touch

    slider.focus()
    line = page.locator("figure .mark-line path")
    expect(line).to_have_count(1)
    before = line.get_attribute("d")
    slider.press("ArrowRight")
    expect(line).not_to_have_attribute("d", before)
    expect(slider).to_have_attribute("aria-valuetext", "steep")
    expect(page.locator(".vega-chart label")).to_contain_text("steep")
    # Live, it is still one picture with its description, and fits the screen.
    picture = page.get_by_role("img", name=DESCRIPTION)
    expect(picture).to_have_count(1)
    box = picture.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390


@pytest.mark.slow
def test_a_slider_moved_while_the_libraries_load_is_not_forgotten(small_book, open_page):
    page = open_page(small_book.as_uri(), "chapters/01_lines.html")
    still = page.locator("figure img")
    # Moved by script within one task: the libraries cannot have arrived.
    page.evaluate("""() => {
        const slider = document.querySelector('.vega-chart input');
        slider.focus();
        slider.value = 0;
        slider.dispatchEvent(new Event('input', {bubbles: true}));
    }""")
    expect(still).to_have_count(0)
    flat = page.locator("figure .mark-line path").get_attribute("d")
    heights = {pair.split(",")[1] for pair in re.findall(r"[\d.]+,[\d.]+", flat)}
    assert len(heights) == 1, flat


@pytest.mark.slow
def test_a_chart_has_its_caption_and_its_page_alone_has_the_script(small_book):
    soup = soup_of(small_book / "chapters" / "01_lines.html")
    assert soup.find("figcaption").find(class_="caption-text").text == CAPTION
    assert soup.find("script", src=re.compile("vega_figures"))
    assert not soup_of(small_book / "index.html").find("script", src=re.compile("vega"))


@pytest.mark.slow
def test_a_book_without_a_change_can_be_built_again(small_source, tmp_path):
    jupyter_book(small_source, tmp_path)
    static = tmp_path / "_build" / "html" / "_static"
    before = {path: path.read_bytes() for path in static.rglob("*") if path.is_file()}
    again = [sys.executable, ROOT / "scripts" / "build_page.py", "--path-output", str(tmp_path)]
    run = subprocess.run(again, cwd=small_source, capture_output=True, encoding="utf-8")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 added, 0 changed" in run.stdout
    assert {path: path.read_bytes() for path in static.rglob("*") if path.is_file()} == before


@pytest.mark.slow
def test_a_folded_solution_is_called_a_solution(small_book):
    fold = soup_of(small_book / "chapters" / "01_lines.html").find("details")
    assert "Show the solution" in fold.summary.text


@pytest.mark.slow
def test_texts_of_charts_can_be_translated(small_source, tmp_path):
    jupyter_book(small_source, tmp_path, "--builder", "custom", "--custom-builder", "gettext")
    catalogue = (tmp_path / "_build/gettext/chapters/01_lines.pot").read_text(encoding="utf-8")
    assert f'msgid "{DESCRIPTION}"' in catalogue
    assert f'msgid "{CAPTION}"' in catalogue
    templates = (tmp_path / "_build/gettext/sphinx.pot").read_text(encoding="utf-8")
    assert 'msgid "Page not found"' in templates


# --- the buttons ------------------------------------------------------------------------------


def git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("git@github.com:alice/course.git", "https://github.com/alice/course"),
        ("ssh://git@gitlab.com:22/bob/course", "https://gitlab.com/bob/course"),
        ("https://user:token@github.com/carol/course.git", "https://github.com/carol/course"),
        (
            "git@gitlab.com:school/year/dora/course.git",
            "https://gitlab.com/school/year/dora/course",
        ),
        ("ssh://git@ssh.github.com:443/ed/course.git", "https://github.com/ed/course"),
    ],
)
def test_buttons_follow_the_remote(tmp_path, remote, address):
    git(tmp_path, "init", "-b", "trunk")
    git(tmp_path, "remote", "add", "origin", remote)
    (tmp_path / "book").mkdir()
    options = repository_links.button_options(tmp_path / "book")
    assert options["repository_url"] == address
    assert options["repository_branch"] == "trunk"
    assert options["path_to_docs"] == "book"
    assert ("colab_url" in options["launch_buttons"]) == ("github.com" in address)
    assert "token" not in str(options)


@pytest.mark.parametrize("remote", [None, "/srv/course", "http://127.0.0.1:8080/git/a/course"])
def test_without_a_public_remote_there_are_no_buttons_and_the_build_says_so(
    tmp_path, remote, monkeypatch
):
    said = []
    monkeypatch.setattr(repository_links.logger, "info", lambda *text: said.append(text))
    git(tmp_path, "init")
    if remote:
        git(tmp_path, "remote", "add", "origin", remote)
    assert repository_links.button_options(tmp_path) == {}
    assert len(said) == 1
