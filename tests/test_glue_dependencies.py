"""A page is built again when a notebook that it takes numbers from changes."""

from pathlib import Path
from types import SimpleNamespace

import nbformat

from coursebook.site.glue_dependencies import take_numbers, with_samples
from lecture_utils import records

ROOT = Path(__file__).resolve().parent.parent


def notebooks_of(text):
    found = []
    page = str(ROOT / "appendices" / "page.md")
    env = SimpleNamespace(doc2path=lambda _: page, note_dependency=found.append)
    take_numbers(SimpleNamespace(env=env), "appendices/page", [text])
    return [Path(name).relative_to(ROOT).as_posix() for name in found]


def test_numbers_of_other_pages_are_dependencies():
    text = "{glue:text}`../chapters/01_a.ipynb::x:.2f`, {glue:text}`../chapters/01_a.ipynb::y:.0f`"
    assert notebooks_of(text) == ["chapters/01_a.ipynb"]
    assert notebooks_of("{glue:text}`x:.2f` and [01](../chapters/01_a.ipynb)") == []


def test_the_claims_depend_on_the_chapters_that_they_quote():
    text = (ROOT / "appendices" / "claims.md").read_text(encoding="utf-8")
    found = notebooks_of(text)
    assert len(found) > 10
    assert all((ROOT / name).exists() for name in found)


def test_another_page_takes_a_sample_from_the_notebook(tmp_path):
    output = nbformat.v4.new_output(
        "display_data",
        data={records.PLAIN_TYPE: "0.82", records.SPREAD_TYPE: {"sd": 0.01, "n": 4}},
        metadata={"scrapbook": {"name": "score", "mime_prefix": records.MIME_PREFIX}},
    )
    cell = nbformat.v4.new_code_cell(outputs=[output])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "01_a.ipynb")
    role, plain = "{glue:text}`01_a.ipynb::score:±.2f`", "{glue:text}`01_a.ipynb::other:.2f`"
    assert with_samples(f"{role}, {plain}", tmp_path) == f"0.82 ± 0.01, {plain}"
