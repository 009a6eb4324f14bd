"""The pair: a page, the notebook built from it, and the check that they belong together."""

import base64
import io
import json
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pytest
from minimal_chapter import NAME, cell, page
from PIL import Image

from coursebook import build, numbers, palette, rules
from lecture_utils import records
from lecture_utils.interactive import MIME_TYPE as CHART
from lecture_utils.interactive import Figure


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return the page and the notebook text of a chapter without faults, built once."""
    source = tmp_path_factory.mktemp("course") / "chapters" / f"{NAME}.md"
    source.parent.mkdir()
    source.write_text(page(), encoding="utf-8")
    assert build.main(["--root", str(source.parent.parent)]) == 0
    return source.with_suffix(".ipynb").read_text(encoding="utf-8")


@pytest.fixture
def pair(built, tmp_path):
    """Return a fresh copy of the page and its notebook."""
    source, notebook = (tmp_path / "chapters" / f"{NAME}{suffix}" for suffix in (".md", ".ipynb"))
    source.parent.mkdir()
    source.write_text(page(), encoding="utf-8")
    notebook.write_text(built, encoding="utf-8")
    return source, notebook


def check(pair, capsys) -> str:
    """Return what the check complains about; it must fail if and only if it does."""
    status = build.main(["--check", "--root", str(pair[0].parent.parent)])
    printed = capsys.readouterr().out
    assert (status == 0) == ("  - " not in printed)
    return printed


def spoil(notebook, change) -> None:
    """Change a stored notebook in place, keeping its normal form."""
    content = nbformat.read(notebook, as_version=4)
    change(content)
    notebook.write_text(build._text(content), encoding="utf-8")


def test_an_unspoilt_pair_passes(pair, capsys):
    assert "  - " not in check(pair, capsys)


def test_building_again_is_byte_identical(pair, built):
    pair[1].unlink()
    assert build.build(pair[0]) == []
    assert pair[1].read_text(encoding="utf-8") == built


def test_the_notebook_holds_the_number_and_the_page_the_role(pair):
    assert "The number is 1.50." in pair[1].read_text(encoding="utf-8")
    assert "1.50" not in pair[0].read_text(encoding="utf-8")


def test_checking_changes_nothing(pair, capsys):
    before = [path.read_bytes() for path in pair]
    check(pair, capsys)
    assert before == [path.read_bytes() for path in pair]


def test_canary_a_stale_twin(pair, capsys):
    pair[0].write_text(page(extra="A new sentence.\n"), encoding="utf-8")
    assert "differs between page and notebook" in check(pair, capsys)


def test_canary_a_changed_glued_number(pair, capsys):
    def change(notebook):
        for output in notebook.cells[1].outputs:
            if "scrapbook" in output.get("metadata", {}):
                output.data[records.PLAIN_TYPE] = "2.5"

    spoil(pair[1], change)
    assert "differs between page and notebook" in check(pair, capsys)


def test_canary_a_number_changed_in_the_text(pair, capsys):
    text = pair[1].read_text(encoding="utf-8").replace("number is 1.50", "number is 1.51")
    pair[1].write_text(text, encoding="utf-8")
    assert "differs between page and notebook" in check(pair, capsys)


def test_canary_a_cell_that_raises_is_not_built(tmp_path):
    source = tmp_path / "91_broken.md"
    source.write_text(page(extra=cell("1/0")), encoding="utf-8")
    faults = build.build(source)
    assert len(faults) == 1
    assert "ZeroDivisionError" in faults[0]
    assert not source.with_suffix(".ipynb").exists()


def test_canary_a_stored_error(pair, capsys):
    def change(notebook):
        error = nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="division")
        notebook.cells[1].outputs.append(error)

    spoil(pair[1], change)
    assert "raises ZeroDivisionError" in check(pair, capsys)


def test_missing_twins_are_named(pair, capsys):
    pair[1].unlink()
    assert f"there is no {NAME}.ipynb" in check(pair, capsys)
    pair[0].rename(pair[1])
    assert f"there is no {NAME}.md" in check(pair, capsys)


def test_noise_is_not_normal_form(pair, capsys):
    content = json.loads(pair[1].read_text(encoding="utf-8"))
    content["cells"][1]["metadata"]["execution"] = {"iopub.execute_input": "2026"}
    pair[1].write_text(json.dumps(content), encoding="utf-8")
    assert "not in normal form" in check(pair, capsys)


def test_streams_are_joined_however_they_were_cut():
    whole, first, rest = (
        nbformat.v4.new_output("stream", name="stdout", text=text) for text in ("ab", "a", "b")
    )
    (joined,) = build._joined([first, rest])
    assert joined == whole


def picture(mode: str) -> str:
    """Return a small PNG in base64, with more colours than a palette holds."""
    ramp = np.arange(32 * 32 * 3, dtype=np.uint8).reshape(32, 32, 3)
    ramp[..., 1] = np.arange(32)[:, None] * 8
    stream = io.BytesIO()
    Image.fromarray(ramp).convert(mode).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode("ascii") + "\n"


def test_a_chart_gets_a_still_picture_once():
    point = {"mark": "point", "data": {"values": [{}]}, "encoding": {"x": {"datum": 1}}}
    spec = Figure(point, "A point.").spec
    output = nbformat.v4.new_output("execute_result", {CHART: spec}, execution_count=1)
    cell = nbformat.v4.new_code_cell("chart", outputs=[output], execution_count=1)
    once = build.normalised(nbformat.v4.new_notebook(cells=[cell]))
    data = once.cells[0].outputs[0].data
    assert data[CHART] == spec
    still = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert still.mode == "P" and still.width > 800, "small in bytes, sharp on a screen"
    assert build._text(build.normalised(once)) == build._text(once)


def test_canary_a_chart_without_its_still_picture(pair, capsys):
    spec = {"mark": "point", "data": {"values": []}}

    def add_chart(content):
        output = nbformat.v4.new_output("display_data", {CHART: spec})
        content.cells[1].outputs.append(output)

    spoil(pair[1], add_chart)
    assert "not in normal form" in check(pair, capsys)


def test_pictures_get_a_palette_once():
    once = palette.with_palette(picture("RGBA"))
    image = Image.open(io.BytesIO(base64.b64decode(once)))
    assert (image.mode, image.size) == ("P", (32, 32))
    original = Image.open(io.BytesIO(base64.b64decode(picture("RGB"))))
    difference = np.asarray(image.convert("RGB"), int) - np.asarray(original, int)
    assert np.abs(difference).mean() < 8
    assert palette.with_palette(once) == once


OUTPUTS = {
    "draws a figure without alternative text": {"image/png": picture("P")},
    "draws a figure without a caption": {"image/png": picture("P")},
    "draws a chart without a description": {rules.CHART: {"mark": "bar"}},
    "stores SVG": {"image/svg+xml": "<svg/>"},
}


@pytest.mark.parametrize("complaint", OUTPUTS)
def test_outputs_that_are_refused(complaint, pair, capsys):
    def change(notebook):
        notebook.cells[1].outputs.append(
            nbformat.v4.new_output("display_data", data=OUTPUTS[complaint])
        )

    spoil(pair[1], change)
    assert complaint in check(pair, capsys)


def test_stderr_is_refused(pair, capsys):
    def change(notebook):
        notebook.cells[1].outputs.append(
            nbformat.v4.new_output("stream", name="stderr", text="a warning")
        )

    spoil(pair[1], change)
    assert "writes to stderr: 'a warning'" in check(pair, capsys)


def test_an_unsolved_solution_is_refused(pair, capsys):
    def change(notebook):
        for stored in notebook.cells:
            if "hide-cell" in stored.metadata.get("tags", []):
                stored.outputs[0].text = "Not yet: 3 is too large.\n"

    spoil(pair[1], change)
    assert "the solution does not pass the check" in check(pair, capsys)


PAGES = {
    "'## The experiment' is missing": lambda p: p.replace("## The experiment", "## An experiment"),
    "'## Quiz' is missing or out of order": lambda p: p.replace("## Quiz", "## Q").replace(
        "## The data", "## Quiz\n\n## The data"
    ),
    "skips a level": lambda p: p.replace("## In practice", "## In practice\n\n#### Deep"),
    "'> **Predict.**' is missing": lambda p: p.replace("> **Predict.**", "**Guess.**"),
    "'0.87' is typed into the prose": lambda p: p.replace(
        "## Summary", "## Summary\n\nIt was 0.87."
    ),
    "'87 %' is typed into the prose": lambda p: p.replace(
        "## Summary", "## Summary\n\nIt was 87 %."
    ),
    "two sentences on one line": lambda p: p.replace("## Summary", "## Summary\n\nOne. Two."),
    "shows as raw text": lambda p: p.replace("## Summary", "(here)=\n## Summary"),
    "use plain Markdown": lambda p: p.replace("## Summary", "## Summary\n\nSee {doc}`x`."),
    "installs a package": lambda p: p.replace("print(3)", "!pip install x"),
    "hides warnings": lambda p: p.replace(
        "print(3)", "import warnings; warnings.simplefilter('x')"
    ),
    "steers nbval by a comment": lambda p: p.replace("print(3)", "# NBVAL_SKIP\nprint(3)"),
    "nothing would check it": lambda p: p.replace(cell("print(3)"), cell("print(3)", "nbval-skip")),
    "without a reason": lambda p: p.replace(
        cell("print(3)"), cell("print(3)", "nbval-ignore-output")
    ),
    "2 cells are exempt": lambda p: p.replace(
        cell("print(3)"), 2 * cell("print(3)", "nbval-ignore-output")
    ),
    "before 'and more': quote it": lambda p: p.replace(
        cell("print(3)"),
        cell("print(3)").replace(
            "print(3)", "---\nmystnb:\n  figure: {caption: A line, and more}\n---\nprint(3)"
        ),
    ),
    "tolerates more than 20%": lambda p: p.replace(
        cell("print(3)"),
        cell("print(3)").replace(
            "print(3)", "---\nnbval: {rtol: 0.3, reason: trained}\n---\nprint(3)"
        ),
    ),
    "26 lines, more than 25": lambda p: p.replace("print(3)", "\n".join(["x = 1"] * 26)),
    "14 code cells": lambda p: p.replace(cell("print(3)"), ""),
    "2 cells are tagged 'exercise'": lambda p: p.replace(":tags: [exercise]", "", 1),
}


def test_options_in_the_form_of_jupyterlab_are_named(pair, capsys):
    saved = "---\nnbval:\n  rtol: 0.1\n  reason: two words\n---\nprint(3)"
    text = page().replace(cell("print(3)"), cell("print(3)").replace("print(3)", saved))
    pair[0].write_text(text, encoding="utf-8")
    assert "as JupyterLab saves them: build it again" in check(pair, capsys)


def test_a_figure_that_is_promised_and_not_drawn_is_refused(pair, capsys):
    captioned = "---\nmystnb:\n  figure: {caption: A line}\n---\nprint(3)"
    promised = page().replace(cell("print(3)"), cell("print(3)").replace("print(3)", captioned))
    pair[0].write_text(promised, encoding="utf-8")
    assert "has a caption or alternative text, and draws no figure" in "\n".join(
        build.build(pair[0])
    )

    def change(notebook):
        notebook.cells[1].metadata["mystnb"] = {"image": {"alt": "A line."}}

    spoil(pair[1], change)
    assert "code cell 1 has a caption or alternative text" in check(pair, capsys)


@pytest.mark.parametrize("complaint", PAGES)
def test_pages_that_are_refused(complaint, built):
    changed = PAGES[complaint](page())
    assert changed != page()
    spoilt = jupytext.reads(changed, fmt="md:myst")
    stored = nbformat.reads(built, as_version=4)
    if "exercise" in complaint:
        stored = spoilt
    assert any(complaint in found for found in rules.complaints(Path(f"{NAME}.md"), spoilt, stored))


def test_a_cell_may_set_an_option_of_mystnb(built):
    option = "---\nmystnb:\n  output_stderr: remove\n---\nprint(3)"
    changed = page().replace(cell("print(3)"), cell("print(3)").replace("print(3)", option))
    assert changed != page()
    stored = nbformat.reads(built, as_version=4)
    before, after = (
        list(rules.complaints(Path(f"{NAME}.md"), jupytext.reads(text, fmt="md:myst"), stored))
        for text in (page(), changed)
    )
    assert before == after


def test_tags_that_are_no_list_are_named(pair, capsys):
    page_path = pair[1].with_suffix(".md")
    text = page_path.read_text(encoding="utf-8")
    page_path.write_text(text.replace(":tags: [exercise]", ":tags: exercise", 1), encoding="utf-8")
    assert "metadata of a cell: 'exercise' is not of type 'array'" in check(pair, capsys)


def test_numbers_in_code_maths_and_links_are_no_measurements():
    allowed = "Set `0.1`, take $0.99$, see [this](v1.5.html), in 2026, with 5 seeds and Keras 3."
    changed = page(extra=allowed + "\n")
    spoilt = jupytext.reads(changed, fmt="md:myst")
    assert not [found for found in rules._prose("chapter", spoilt) if "typed" in found]


@pytest.mark.parametrize(
    ("role", "message"),
    [("{glue:text}`y:.2f`", "no cell records 'y'"), ("{glue:text}`x:.2d1`", "x:.2d1")],
)
def test_roles_that_cannot_be_resolved(role, message):
    with pytest.raises(ValueError, match=message):
        numbers.resolve(role, {"x": "1.5"})


def test_roles_of_other_documents_are_left_alone():
    role = "{glue:text}`chapters/02_x.ipynb::x:.2f`"
    assert numbers.resolve(role, {}) == role
