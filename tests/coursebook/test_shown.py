"""What a cell shows, as the site shows it: tables, figures, charts with a slider, photographs."""

import base64
import io
import shutil

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from built_pages import ROOT, accessibility_faults, jupyter_book, soup_of
from IPython.core.pylabtools import print_figure
from PIL import Image
from playwright.sync_api import expect

from coursebook.stills import with_still
from lecture_utils.figure_style import use_figure_style
from lecture_utils.figures import line_figure
from lecture_utils.image_grid import show_images
from lecture_utils.interactive import MIME_TYPE
from lecture_utils.sliders import slider_figure
from lecture_utils.tables import table

WIDE = {name: {f"column {k} (ms)": k / 7 for k in range(9)} for name in ("NumPy", "Keras")}
RATES = ["0.1", "0.2", "0.26"]


def png(figure):
    plt.close(figure)
    return {"image/png": base64.b64encode(print_figure(figure)).decode(), "text/plain": "<Figure>"}


def slider():
    costs = [36 * (1 - 8 * float(rate)) ** (2 * np.arange(11)) for rate in RATES]
    about = {"slider": "learning rate", "x_label": "step", "y_label": "cost"}
    return slider_figure(
        costs, RATES, **about, log="y", limits=(1e-3, 1e2), description="Three runs of ten steps."
    )


@pytest.fixture(scope="session")
def shown(tmp_path_factory):
    """Return the page of a book whose cells show one of each."""
    source = tmp_path_factory.mktemp("shown")
    for name in ("_config.yml", "references.bib"):
        shutil.copy(ROOT / name, source / name)
    (source / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n  - file: tools\n  - file: copy\n"
    )
    (source / "index.md").write_text("# Small\n\nA book for tests.\n")
    (source / "copy.md").write_text(
        "# Copy\n\nThe chart again.\n\n```{stored-figure} tools\nA caption.\n```\n"
    )
    wide = table(WIDE, corner="library", caption="Time of one step")
    with plt.rc_context():
        use_figure_style()
        outputs = {
            "table(WIDE)": {"text/html": wide._repr_html_(), "text/plain": repr(wide)},
            "slider": with_still(slider()._repr_mimebundle_(), MIME_TYPE),
            "line_figure(curves)": png(
                line_figure({"falls": [3, 2, 1]}, x_label="step", y_label="cost")
            ),
            "show_images(pictures)": png(show_images(np.full((1, 8, 8), 255), n_columns=1)),
        }
    cells = [nbformat.v4.new_markdown_cell("# Tools\n\nWhat does a cell show?")]
    for number, (code, bundle) in enumerate(outputs.items(), 1):
        output = nbformat.v4.new_output("execute_result", bundle, execution_count=number)
        cell = nbformat.v4.new_code_cell(code, outputs=[output], execution_count=number)
        cell.metadata["mystnb"] = {"image": {"alt": f"Output {number}."}}
        if MIME_TYPE in bundle:
            cell.metadata["mystnb"] = {"figure": {"caption": "Move it."}}
        cells.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}),
        source / "tools.ipynb",
    )
    target = tmp_path_factory.mktemp("shown_built")
    jupyter_book(source, target)
    return target / "_build" / "html"


@pytest.fixture
def tools(shown, open_page):
    """Return a function that opens the page at a width, in a theme."""

    def start(width=1280, theme="light", page="tools.html"):
        viewport = {"width": width, "height": 900}
        return open_page(shown.as_uri(), page, viewport=viewport, color_scheme=theme)

    return start


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_only_the_table_scrolls(tools, theme):
    page = tools(390, theme)
    output = page.locator(".text_html")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.wait_for_function("box => box.tabIndex === 0", arg=output.element_handle())
    before = output.screenshot()
    first = output.locator("th[scope=row]").first
    place = first.bounding_box()["x"]
    output.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("box => box.scrollLeft > 0", arg=output.element_handle())
    assert first.bounding_box()["x"] == place, "the names of the rows stay"
    assert edge_is_marked(before, theme)
    output.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
    assert not edge_is_marked(output.screenshot(), theme)
    assert not accessibility_faults(page)


def edge_is_marked(picture, theme):
    """Return whether the right edge of a picture differs from the ground beside it."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("L"), float)
    edge, inside = np.median(pixels[:, -2]), np.median(pixels)
    return abs(edge - inside) > 15


@pytest.mark.slow
def test_headers_of_a_table_are_headers_on_the_page(shown):
    soup = soup_of(shown / "tools.html").select_one(".text_html table")
    assert soup.caption.text == "Time of one step"
    assert len(soup.select("th[scope=col]")) == 10
    assert [th.text for th in soup.select("th[scope=row]")] == ["NumPy", "Keras"]


@pytest.mark.slow
@pytest.mark.parametrize("page", ["tools.html", "copy.html"])
def test_the_page_shows_the_stored_still_and_its_description(shown, page):
    soup = soup_of(shown / page)
    picture = soup.select_one(".vega-chart").parent.select_one("img")
    assert picture["alt"] == "Three runs of ten steps."
    stored = with_still(slider()._repr_mimebundle_(), MIME_TYPE)["image/png"]
    assert (shown / picture["src"]).read_bytes() == base64.b64decode(stored)


@pytest.mark.slow
def test_a_slider_moves_by_keyboard(tools):
    page = tools()
    handle = page.get_by_role("slider", name="learning rate")
    handle.focus()
    page.wait_for_selector(".vega-embed .mark-line path")
    line = page.locator(".vega-embed .mark-line path").first
    first = line.get_attribute("d")
    handle.press("End")
    expect(line).not_to_have_attribute("d", first)
    assert handle.get_attribute("aria-valuetext") == "0.26"
    texts = page.locator(".vega-embed text").all_text_contents()
    assert "▲ 168 at step 10" in texts and "learning rate 0.26" in texts
    handle.press("Home")
    expect(line).to_have_attribute("d", first)


def corner(page, locator):
    """Return the colour of the first pixel of an element, as it is painted."""
    image = Image.open(io.BytesIO(page.locator(locator).first.screenshot())).convert("RGB")
    return image.getpixel((1, 1)), image


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("picture", [".cell_output img[alt='Output 3.']", ".vega-chart"])
def test_a_figure_has_the_ground_of_the_page(tools, theme, picture):
    page = tools(theme=theme)
    if picture == ".vega-chart":
        page.get_by_role("slider").focus()
        page.wait_for_selector(".vega-embed svg")
        picture = ".vega-embed svg"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    found, image = corner(page, picture)
    wanted = tuple(int(part) for part in ground[4:-1].split(",")[:3])
    assert np.abs(np.subtract(found, wanted)).max() <= 2
    lightness = np.asarray(image.convert("L"), float)
    assert np.ptp(lightness) > 150, "its lines and texts can be seen on it"


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_photograph_keeps_its_colours(tools, theme):
    """The picture is black in the middle (255 in the colours of Fashion-MNIST)."""
    page = tools(theme=theme)
    image = Image.open(io.BytesIO(page.locator("img[alt='Output 4.']").screenshot())).convert("L")
    assert image.getpixel((image.width // 2, image.height // 2)) < 20
