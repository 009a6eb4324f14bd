"""Find the bug: the script that is shown is the script that is computed, and every line answers."""

import itertools
import json
import re

import numpy as np
import pytest
from explorable_pages import BROWSER, answer, shown
from playwright.sync_api import expect

from lecture_utils.explorables import strings
from lecture_utils.explorables.find_the_bug import LINES, PLANTED
from lecture_utils.studies.ice_cream import (
    BUGS,
    last_known,
    made_up_days,
    rmse,
    run_script,
    training_order,
)

SOME_MENDED = [
    mended for n in range(len(PLANTED) + 1) for mended in itertools.combinations(PLANTED, n)
]
WORDS = strings()["find_the_bug"]


# --- the lines, the study, the engine ---------------------------------------------------------


@pytest.mark.parametrize("mended", SOME_MENDED, ids=lambda bugs: "+".join(bugs) or "none")
def test_the_lines_that_are_shown_compute_what_the_page_computes(mended, monkeypatch):
    """Run the script as it stands in the page, with the last line for every evening in use."""
    days, later = made_up_days()
    monkeypatch.setattr(np, "genfromtxt", lambda _: days.copy())

    class Mixing:
        def permutation(self, n):
            assert n == len(training_order())
            return training_order()

    names = {"np": np, "rng": Mixing(), "last_known": last_known, "rmse": rmse}
    code = [line.mended if line.bug in mended else line.code for line in LINES]
    exec("\n".join(code), names)
    expected = run_script([bug for bug in PLANTED if bug not in mended])
    np.testing.assert_allclose(names["report"], expected.report, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose([*names["w"], names["b"]], expected.weights, rtol=1e-9, atol=1e-9)
    for tonight, forecast in zip(later[:-1], expected.forecasts, strict=True):
        names["tonight"] = tonight
        exec(code[-1], names)
        assert names["forecast"] == pytest.approx(forecast, rel=1e-9, abs=1e-9)


@pytest.fixture(scope="module")
def engine(browser):
    """Return a function that runs the script in a page, with the bugs that are left."""
    page = browser.new_page()
    page.add_script_tag(path=str(BROWSER / "forecast_script.js"))
    settings = json.dumps(shown("find_the_bug").spec["settings"])

    def run(bugs):
        return page.evaluate(
            f"(bugs) => courseExplorables.engine.forecastScript({settings}, new Set(bugs))",
            list(bugs),
        )

    yield run
    page.close()


@pytest.mark.slow
def test_the_page_computes_what_numpy_computes(engine):
    for mended in SOME_MENDED:
        bugs = [bug for bug in PLANTED if bug not in mended]
        ours, expected = engine(bugs), run_script(bugs)
        for name, value in {
            "losses": expected.losses,
            "weights": expected.weights,
            "report": expected.report,
            "meanError": expected.mean_error,
            "meanLoss": expected.mean_loss,
            "forecasts": expected.forecasts,
            "sold": expected.sold,
            "inUse": expected.in_use,
            "sameError": expected.same_error,
        }.items():
            np.testing.assert_allclose(ours[name], value, rtol=1e-8, atol=1e-8, err_msg=name)


def test_no_bug_is_loud():
    """The loss falls with every bug, and nothing but finite numbers comes out."""
    for bug in BUGS:
        found = run_script([bug])
        assert found.losses[-1] < found.losses[0] / 5, bug
        assert np.isfinite([*found.forecasts, found.report]).all(), bug


def test_an_unknown_bug_is_refused():
    with pytest.raises(ValueError, match=r"a bug is one of gaps, .*got 'typo'"):
        run_script(["typo"])
    with pytest.raises(ValueError, match=r"mended may hold .*got 'shapes'"):
        shown("find_the_bug", mended=["shapes"])


def test_a_column_minus_a_row_learns_what_the_bug_of_the_shapes_learns():
    """Autodiff through the mean over all pairs, against the shortcut of `run_script`."""
    rng = np.random.default_rng(0)
    predicted, targets = rng.normal(size=(6, 1)), rng.normal(size=6)
    pairs = predicted - targets
    assert pairs.shape == (6, 6)
    assert np.mean(pairs**2) == pytest.approx(
        np.mean((predicted[:, 0] - targets.mean()) ** 2) + targets.var()
    )


# --- in the page ------------------------------------------------------------------------------


def line(page, number):
    return page.locator(".explorable-script button").nth(number - 1)


@pytest.mark.slow
def test_every_line_answers_and_only_the_planted_ones_are_bugs(live):
    page = live("find_the_bug")
    for number, each in enumerate(LINES, 1):
        line(page, number).click()
        said = answer(page)
        verdict = "is a bug" if each.bug else "is no bug"
        assert said.startswith(f"Line {number} {verdict}. {WORDS[f'line{number}']}"), said
    expect(page.locator(".explorable-count")).to_have_text("5 of 5 bugs found")
    assert "All five are mended" in answer(page)
    assert len(page.locator(".explorable-script ins").all()) == len(PLANTED)


@pytest.mark.slow
def test_a_bug_is_mended_and_put_back_by_the_keyboard(live):
    page = live("find_the_bug", reduced_motion="reduce")
    found = line(page, 10)
    found.focus()
    page.keyboard.press("Enter")
    before, after = run_script(PLANTED), run_script([bug for bug in PLANTED if bug != "pairs"])
    assert f"reports {after.report:.1f} instead of {before.report:.1f}" in answer(page)
    assert WORDS["tooGood"] in answer(page)
    expect(found).to_have_attribute("aria-pressed", "true")
    expect(found).to_be_focused()
    page.keyboard.press("Space")
    expect(found).to_have_attribute("aria-pressed", "false")
    assert answer(page).startswith("The bug of line 10 is back.")
    assert f"reports {before.report:.1f} instead of {after.report:.1f}" in answer(page)
    expect(page.locator(".explorable-count")).to_have_text("1 of 5 bugs found")


@pytest.mark.slow
def test_hints_lead_to_the_bugs_that_are_left(live):
    page = live("find_the_bug")
    hint = page.get_by_role("button", name="A hint")
    for number, each in enumerate(LINES, 1):
        if each.bug:
            hint.click()
            assert answer(page) == WORDS[f"hint{number}"]
            line(page, number).click()
    hint.click()
    assert answer(page) == WORDS["noHint"]
    page.get_by_role("button", name="Start again").click()
    assert answer(page) == WORDS["start"]
    expect(page.locator(".explorable-count")).to_have_text("0 of 5 bugs found")


@pytest.mark.slow
def test_on_a_phone_the_answer_stays_in_sight(live):
    page = live("find_the_bug", viewport={"width": 390, "height": 844}, has_touch=True)
    first = line(page, 1)
    first.scroll_into_view_if_needed()
    first.tap()
    box = page.locator(".explorable-answer").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 844 + 1


def test_every_word_of_the_script_is_there():
    for number, each in enumerate(LINES, 1):
        assert f"comment{number}" in WORDS
        assert WORDS[f"line{number}"]
        assert (f"hint{number}" in WORDS) == bool(each.bug)
    used = {key for key in WORDS if re.fullmatch(r"(comment|line|hint)\d+", key)}
    assert {int(re.sub(r"\D", "", key)) for key in used} == set(range(1, len(LINES) + 1))
