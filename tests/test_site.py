"""The built book, in a real browser and over plain HTTP as well as from the disk."""

import importlib
import itertools
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import altair as alt
import nbformat
import pytest
from built_pages import accessibility_faults, jupyter_book, pages_of, soup_of
from playwright.sync_api import expect

from lecture_utils.interactive import Figure

ROOT = Path(__file__).resolve().parent.parent
DESCRIPTION = "A straight line whose slope is the position of the slider."
CAPTION = "The slope that the slider chooses."


# --- what the tests look at -------------------------------------------------------------------


@pytest.fixture(scope="session")
def small_source(tmp_path_factory):
    """Return a book of one notebook, with a chart and a solution, in the course's own settings."""
    source = tmp_path_factory.mktemp("small")
    for name in ("_config.yml", "_ext", "_static", "_templates", "references.bib"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    (source / "_toc.yml").write_text(
        "format: jb-book\nroot: intro\nchapters:\n  - file: chapters/01_lines\n"
    )
    (source / "intro.md").write_text("# Small\n\nA book for tests.\n")
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
        outputs=[nbformat.v4.new_output("display_data", figure._repr_mimebundle_())],
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
@pytest.mark.parametrize(
    ("scheme", "width", "theme"), [("http", 1280, "light"), ("file", 390, "dark")]
)
def test_pages_open_without_other_hosts_errors_barriers_or_sideways_scrolling(
    book, serve, open_page, scheme, width, theme
):
    base = serve(book) if scheme == "http" else book.as_uri()
    root = "document.documentElement"
    for page in pages_of(book):
        window = open_page(
            base,
            page.relative_to(book).as_posix(),
            viewport={"width": width, "height": 844},
            color_scheme=theme,
        )
        for slider in window.locator(".vega-chart input").all():
            slider.focus()
        window.wait_for_load_state("networkidle")
        assert window.evaluate(f"{root}.dataset.theme") == theme, page
        assert window.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0, page
        assert not accessibility_faults(window), page
        window.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_code_can_be_read_in_its_colours(book, open_page, theme):
    window = open_page(book.as_uri(), "chapters/01_gradient_descent.html", color_scheme=theme)
    assert not accessibility_faults(window, code=True)


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
    assert not soup_of(small_book / "intro.html").find("script", src=re.compile("vega"))


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


# --- the buttons ------------------------------------------------------------------------------


@pytest.fixture
def repository_links(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "_ext"))
    return importlib.import_module("repository_links")


def git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("git@github.com:alice/course.git", "https://github.com/alice/course"),
        ("ssh://git@gitlab.com:22/bob/course", "https://gitlab.com/bob/course"),
        ("https://user:token@github.com/carol/course.git", "https://github.com/carol/course"),
    ],
)
def test_buttons_follow_the_remote(repository_links, tmp_path, remote, address):
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
def test_without_a_public_remote_there_are_no_buttons(repository_links, tmp_path, remote):
    git(tmp_path, "init")
    if remote:
        git(tmp_path, "remote", "add", "origin", remote)
    assert repository_links.button_options(tmp_path) == {}
