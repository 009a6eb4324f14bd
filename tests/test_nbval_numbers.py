"""The comparison that decides whether a chapter still says what it said."""

import nbformat
import pytest

from coursebook.nbval_numbers import Tolerant

SAME = [
    ("loss 0.3", "loss 0.30000000000000004"),
    ("0.3573", "0.3574"),
    ("1.23e-05", "1.24e-05"),
    ("[0.1257 -0.5  ]", "[0.1257   -0.5]"),
    ("nan inf", "nan inf"),
    ({"a": [0.5, {"b": "x 1.5"}]}, {"a": [0.5000000001, {"b": "x 1.5"}]}),
]
DIFFERENT = [
    ("0.864", "0.871"),
    ("0.9", "0.8"),
    ("(2, 3)", "(2, 4)"),
    ("7 of 10", "8 of 10"),
    ("loss 0.5", "Loss 0.5"),
    ("0.5", "0.5 0.5"),
    ("0.5", "nan"),
    ("inf", "1.5"),
    ("0.500", "-0.500"),
    ({"a": 0.5}, {"a": 0.51}),
    ({"a": 0.5}, {"b": 0.5}),
    ({"a": 1}, {"a": 2}),
    ([1.0], [1.0, 2.0]),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_rounding_does_not_matter(left, right):
    assert Tolerant(left) == Tolerant(right)


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_everything_else_does(left, right):
    assert Tolerant(left) != Tolerant(right)
    assert Tolerant(left).differences(Tolerant(right))


def test_a_wider_tolerance_is_for_floats_only():
    assert Tolerant("0.864", rtol=0.02) == Tolerant("0.871", rtol=0.02)
    assert Tolerant("0.864", rtol=0.02) != Tolerant("0.80", rtol=0.02)
    assert Tolerant("0.0", atol=0.01) == Tolerant("0.009", atol=0.01)
    assert Tolerant("shape (2, 3)", rtol=0.5) != Tolerant("shape (2, 4)", rtol=0.5)


def notebook(*cells, requires=()):
    """Return a notebook of (source, stored text, metadata) cells."""
    built = nbformat.v4.new_notebook(metadata={"lecture": {"requires": list(requires)}})
    for count, (source, text, metadata) in enumerate(cells, 1):
        output = nbformat.v4.new_output("stream", name="stdout", text=text)
        built.cells.append(
            nbformat.v4.new_code_cell(
                source, outputs=[output], execution_count=count, metadata=metadata
            )
        )
    return built


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
    result.stdout.fnmatch_lines(["*0.86 became 0.87*"])


def test_canary_a_changed_recorded_number(run_nbval):
    built = notebook(("from lecture_utils.prose import record\nrecord(x=0.875)", "", {}))
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
