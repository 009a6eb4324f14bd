"""Which cells nbval passes, and which it fails."""

import nbformat
import pytest
from minimal_notebook import notebook


@pytest.fixture
def run_nbval(pytester, monkeypatch):
    """Return a function that runs the plugin over one notebook."""

    def run(built):
        nbformat.write(built, pytester.path / "chapter.ipynb")
        options = ["-p", "coursebook.nbval_numbers", "--nbval", "--nbval-current-env", "-rs"]
        return pytester.runpytest(*options, "chapter.ipynb")

    return run


def test_cells_pass_and_fail_as_they_should(run_nbval):
    wider = {"nbval": {"rtol": 0.1, "reason": "for this test"}}
    result = run_nbval(
        notebook(
            ("print(0.1 + 0.2)", "0.3\n", {}),
            ("print(0.87)", "0.86\n", {}),
            ("print(0.87)", "0.86\n", wider),
            ("print('two')", "one\n", wider),
            ("print(1 / 0)", "0.5\n", {}),
            ("print(0.5)\nimport sys; print('oh', file=sys.stderr)", "0.5\n", {}),
        )
    )
    result.assert_outcomes(passed=2, failed=4)
    result.stdout.fnmatch_lines(["*0.86 became 0.87*", "stderr: oh"])


def test_canary_a_changed_recorded_number(run_nbval):
    built = notebook(("from lecture_utils.records import record\nrecord(x=0.875)", "", {}))
    stored = nbformat.v4.new_output(
        "display_data",
        data={"application/papermill.record/text/plain": "0.875"},
        metadata={"scrapbook": {"name": "x", "mime_prefix": "application/papermill.record/"}},
    )
    built.cells[0].outputs = [stored]
    run_nbval(built).assert_outcomes(passed=1)
    stored.data["application/papermill.record/text/plain"] = "0.885"
    run_nbval(built).assert_outcomes(failed=1)


def test_missing_data_skips_the_chapter_and_says_why(run_nbval, monkeypatch):
    monkeypatch.setattr("lecture_utils.datasets.is_available", lambda name: False)
    result = run_nbval(notebook(("print(1 / 0)", "", {}), requires=["imdb"]))
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*'imdb' is not on this machine*"])
