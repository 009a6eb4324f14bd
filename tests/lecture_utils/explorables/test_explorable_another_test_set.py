"""Another test set: draws against SciPy, scores against NumPy, and what a reader is told."""

import json
from importlib import resources

import nbformat
import numpy as np
import pytest
from built_pages import jupyter_book
from explorable_pages import BROWSER, shown
from playwright.sync_api import expect
from scipy import stats

from lecture_utils.explorables import strings
from lecture_utils.explorables.another_test_set import MEASURES, binomial, kinds, piles, settings

NAME = "another_test_set"


def small():
    """Return settings with 20 test sets, from scores of 300 pictures."""
    rng = np.random.default_rng(1)
    rare = np.arange(300) < 60
    a, b = (np.clip(rng.normal(0.3 + 0.3 * rare, 0.2), 0, 1) for _ in range(2))
    return settings(
        rare=rare, scores_a=a, scores_b=b, thresholds=(0.3, 0.5), uniforms=rng.random((20, 14))
    )


# --- what is stored ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "error", "complaint"),
    [
        ({"n": 300}, ValueError, "n must be one of"),
        ({"threshold": 0.51}, ValueError, "threshold must be one of the ascending"),
        ({"thresholds": (0.5, 0.3)}, ValueError, "ascending"),
        ({"uniforms": np.zeros((3, 7))}, ValueError, r"shape \(n_sets, 14\), got \(3, 7\)"),
        ({"uniforms": np.ones((3, 14))}, ValueError, r"uniforms must lie in \[0, 1\)"),
        (
            {"rare": [True, False], "scores_a": [0.1, 0.2], "scores_b": [0.1]},
            ValueError,
            "rows of one length",
        ),
        (
            {"rare": [True, True], "scores_a": [0.1, 0.2], "scores_b": [0.1, 0.3]},
            ValueError,
            "both classes",
        ),
        (
            {"rare": [True, False], "scores_a": ["a", "b"], "scores_b": [0.1, 0.3]},
            TypeError,
            "scores_a must be numbers",
        ),
    ],
)
def test_settings_are_checked(given, error, complaint):
    with pytest.raises(error, match=complaint):
        shown(NAME, **given)


def test_draws_are_those_of_scipy():
    rng = np.random.default_rng(0)
    for _ in range(200):
        n, p, u = int(rng.integers(1, 3000)), rng.random(), rng.random()
        assert binomial(n, p, u) == stats.binom.ppf(u, n, p)
    assert [binomial(5, 0.0, 0.3), binomial(5, 1.0, 0.3), binomial(0, 0.5, 0.3)] == [0, 5, 0]


def test_the_kinds_are_multinomial():
    shares = [0.6, 0.1, 0.05]
    draws = np.random.default_rng(0).random((4000, 3))
    counts = np.array([kinds(200, shares, row) for row in draws])
    assert (counts.sum(axis=1) == 200).all()
    expected = 200 * np.array([*shares, 0.25])
    np.testing.assert_allclose(counts.mean(axis=0), expected, rtol=0.03)
    # In a multinomial the counts of two kinds go against each other.
    assert np.cov(counts[:, 0], counts[:, 3])[0, 1] == pytest.approx(-200 * 0.6 * 0.25, rel=0.15)


def test_pairs_share_their_pictures():
    spread = {
        paired: np.std(np.diff(piles(settings(), 300, n=500, paired=paired), axis=1))
        for paired in (True, False)
    }
    assert spread[False] > 1.5 * spread[True]


# --- the engine, against NumPy ----------------------------------------------------------------


@pytest.fixture(scope="module")
def sampling(browser):
    """Return a function that runs JavaScript in a page with the draws of the engine."""
    page = browser.new_page()
    page.add_script_tag(path=str(BROWSER / "sampling.js"))
    page.evaluate("globalThis.engine = courseExplorables.engine")
    yield lambda code, *given: page.evaluate(
        f"(given) => {{ {code} }}", json.loads(json.dumps(given))
    )
    page.close()


@pytest.mark.slow
def test_the_engine_draws_what_scipy_draws(sampling):
    rng = np.random.default_rng(3)
    cases = [
        [int(rng.integers(1, 10_001)), float(p), float(u)]
        for p, u in np.column_stack([rng.random(400) ** 3, rng.random(400)])
    ] + [
        [n, p, u]
        for n in (1, 50, 10_000)
        for p in (0.0, 1e-5, 0.9999, 1.0)
        for u in (1e-5, 0.99999)
    ]
    ours = sampling("return given[0].map(([n, p, u]) => engine.binomial(n, p, u));", cases)
    expected = [stats.binom.ppf(u, n, p) if 0 < p < 1 else n * p for n, p, u in cases]
    assert ours == expected


@pytest.mark.slow
def test_the_errors_of_the_engine_are_those_of_numpy(sampling):
    rng = np.random.default_rng(4)
    for _ in range(20):
        cells = rng.integers(1, 40, size=(2, 4))
        cost = float(rng.uniform(1, 20))
        lead, of_a, of_b = sampling(
            """const [cells, cost] = given;
            const worth = (rare, alarm) => (rare ? cost * !alarm : 1 * alarm);
            return [engine.pairedLead(cells, worth), engine.meanWorth(cells, worth, 0),
                    engine.meanWorth(cells, worth, 1)];""",
            cells.tolist(),
            cost,
        )
        alarms = np.array([[1, 1], [1, 0], [0, 1], [0, 0]])  # of A and B, kind by kind
        worth = np.concatenate([cost * (1 - alarms), alarms])
        a, b = np.repeat(worth, cells.ravel(), axis=0).T
        for found, values in ((lead, a - b), (of_a, a), (of_b, b)):
            assert found["mean"] == pytest.approx(values.mean(), rel=1e-9, abs=1e-12)
            expected = values.std() / np.sqrt(len(values))
            assert found["error"] == pytest.approx(expected, rel=1e-9, abs=1e-9)


# --- in a page --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Return a book of one page with the explorable."""
    source, target = (tmp_path_factory.mktemp(name) for name in ("one", "one_built"))
    (source / "_config.yml").write_text(
        (resources.files("lecture_utils").parent / "_config.yml").read_text()
    )
    (source / "references.bib").write_text("")
    (source / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n  - file: {NAME}\n")
    (source / "index.md").write_text("# Small\n\nA book for tests.\n")
    bundle = shown(NAME)._repr_mimebundle_()
    output = nbformat.v4.new_output("execute_result", bundle, execution_count=1)
    cell = nbformat.v4.new_code_cell("explorable", outputs=[output], execution_count=1)
    title = nbformat.v4.new_markdown_cell("# Try it\n\nWhich one is better?")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[title, cell], metadata={"kernelspec": kernel})
    nbformat.write(notebook, source / f"{NAME}.ipynb")
    jupyter_book(source, target)
    return target / "_build" / "html"


@pytest.fixture
def page(book, open_page):
    opened = open_page(book.as_uri(), f"{NAME}.html", reduced_motion="reduce")
    expect(opened.locator(".explorable.live")).to_be_visible()
    return opened


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def line(page):
    return page.locator(".explorable-answer")


@pytest.mark.slow
def test_the_piles_are_those_of_numpy(page):
    press(page, "50 times")
    texts = page.locator(".explorable-stage svg")
    stored = shown(NAME).spec["settings"]
    for measure in MEASURES:
        if measure != "accuracy":
            if not page.get_by_role("button", name="Recall").is_visible():
                page.locator(".explorable summary").click()
            press(page, measure.capitalize())
        for paired, button in ((True, "Same pictures"), (False, "Each its own")):
            press(page, button)
            scores = piles(stored, 51, n=500, paired=paired, measure=measure)
            for name, values in zip("AB", scores.T, strict=True):
                values = values[np.isfinite(values)]
                expect(texts).to_contain_text(f"{name}: mean {values.mean():.1f}, spread")
            better = -1 if measure == "cost" else 1
            lead = np.round(scores[:, 0] - scores[:, 1], 6) * better
            expect(texts).to_contain_text(f"A ahead: {np.sum(lead > 0)}")
            expect(texts).to_contain_text(f"B ahead: {np.sum(lead < 0)}")
        press(page, "Same pictures")


@pytest.mark.slow
def test_more_pictures_show_the_lead(page):
    press(page, "50 times")
    expect(line(page)).to_contain_text("seldom shows the lead")
    page.get_by_role("slider", name="test pictures").fill("7")  # 10,000
    expect(line(page)).to_contain_text("51 test sets of 10,000 pictures")
    expect(line(page)).to_contain_text("nearly always shows the lead")
    press(page, "Each its own")
    expect(line(page)).to_contain_text("the luck of both adds up")
    press(page, "Start again")
    expect(line(page)).to_contain_text("Would another one say the same?")


@pytest.mark.slow
def test_the_threshold_says_what_it_costs(page):
    page.locator(".explorable summary").click()
    page.get_by_role("slider", name="a miss costs").fill("5")  # 50 false alarms
    expect(line(page)).to_contain_text("A miss costs 50, a false alarm 1.")
    expect(line(page)).to_contain_text("never an alarm costs 500")
    press(page, "Accuracy")
    expect(line(page)).to_contain_text("Who never raises an alarm is right on 90")
    page.get_by_role("slider", name="rare class").fill("0")  # 1 %
    expect(line(page)).to_contain_text("Who never raises an alarm is right on 99")


def test_the_words_of_every_measure_are_there():
    words = strings()[NAME]
    for measure in MEASURES:
        assert {measure, f"{measure}Axis", f"say_{measure}"} <= words.keys()


def test_a_precision_without_alarms_is_nan():
    stored = small()
    stored["rare"] = stored["others"] = [[0, 0, 0]] * 2
    scores = piles(stored, 5, n=100, measure="precision")
    assert np.isnan(scores).all()
    assert (piles(stored, 5, n=100, measure="recall") == 0).all()
