"""Executed copies of notebooks: kept by one run, compared by the next without a kernel."""

import nbformat
import pytest
from minimal_notebook import notebook


@pytest.fixture
def run(pytester):
    """Return a function that runs nbval with the given options over one notebook."""

    def start(built, *options):
        nbformat.write(built, pytester.path / "chapter.ipynb")
        plugins = ["-p", "coursebook.nbval_numbers", "-p", "coursebook.nbval_executed"]
        return pytester.runpytest(
            *plugins, "--nbval", "--nbval-current-env", "-rs", *options, "chapter.ipynb"
        )

    return start


def test_a_kept_copy_is_compared_without_running(run, pytester):
    cells = [("import time\nprint(time.time() > 0, 0.5)", "True 0.5\n", {}), ("1 / 0", "", {})]
    run(notebook(*cells), "--nbval-keep", "copies").assert_outcomes(passed=1, failed=1)
    copy = nbformat.read(pytester.path / "copies" / "chapter.ipynb", as_version=4)
    assert copy.cells[0].outputs[0].text == "True 0.5\n"

    result = run(notebook(*cells), "--nbval-kept", "copies")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*ZeroDivisionError*"])

    copy.cells[0].outputs[0].text = "True 0.6\n"  # only a comparison with the copy sees this
    nbformat.write(copy, pytester.path / "copies" / "chapter.ipynb")
    result = run(notebook(*cells), "--nbval-kept", "copies")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*0.5 became 0.6*"])


def test_what_was_not_executed_is_skipped_by_name(run):
    run(notebook(("print(1)", "1\n", {})), "--nbval-keep", "copies")
    changed = run(notebook(("print(2)", "2\n", {})), "--nbval-kept", "copies")
    changed.assert_outcomes(skipped=1)
    changed.stdout.fnmatch_lines(["*the cell has changed*"])
    missing = run(notebook(("print(1)", "1\n", {})), "--nbval-kept", "elsewhere")
    missing.stdout.fnmatch_lines(["*no executed copy of chapter.ipynb in elsewhere*"])


TRAINING = """\
import numpy as np
from lecture_utils.evidence import Sample
from lecture_utils.records import record

rng = np.random.default_rng(0)
x = rng.normal(size=(400, 5))
y = x @ np.arange(5.0) + rng.normal(size=400)

def final_loss(seed, rate=0.1):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=5) * (1 + NOISE * rng.normal(size=5))
    for _ in range(15):
        rows = rng.choice(400, 32)
        w -= rate * x[rows].T @ (x[rows] @ w - y[rows]) / 32
    return np.mean((x @ w - y) ** 2)

losses = [final_loss(seed) for seed in range(8)]
record(loss=Sample(losses))
print(Sample(losses))
print(f"{np.mean(losses):.3f} ± {np.std(losses, ddof=1):.3f}")
"""


def test_canaries_of_a_trained_result(run, pytester):
    """Another processor's rounding passes; what an author may get wrong does not."""
    plain = TRAINING.replace("NOISE", "0")
    run(notebook((plain, "", {})), "--nbval-keep", "copies")
    stored = nbformat.read(pytester.path / "copies" / "chapter.ipynb", as_version=4)
    stored.cells[0].execution_count = 1
    changes = {
        "rounding": (TRAINING.replace("NOISE", "1e-6"), True),
        "rate": (plain.replace("rate=0.1", "rate=0.12"), False),
        "seeds": (plain.replace("range(8)", "range(7)"), False),
        "sd": (plain.replace("ddof=1):.3f", "ddof=1) / 8**0.5:.3f"), False),
    }
    for name, (source, passes) in changes.items():
        assert source != plain
        stored.cells[0].source = source
        outcomes = run(stored).parseoutcomes()
        assert ("failed" not in outcomes) == passes, name
