"""A page quotes the samples of other pages; that it is built again is a canary of the book."""

import nbformat

from coursebook.site.glue_dependencies import with_samples
from lecture_utils import records


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
