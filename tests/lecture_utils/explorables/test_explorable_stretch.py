"""The column that is stretched: what the page computes is what NumPy computes, and what it says."""

import json

import numpy as np
import pytest
from playwright.sync_api import expect

from lecture_utils.explorables import explorable
from lecture_utils.explorables.page import whole
from lecture_utils.explorables.stretch import ARRIVED, walk


def shown(**settings):
    return explorable("stretch", question="Which?", description="A bowl.", **settings).spec


@pytest.fixture
def page(browser):
    """Return a page with the explorable, live, for a reader who wants no motion."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    troubles = []
    page.on("pageerror", lambda error: troubles.append(error))
    page.set_content(f"<main>{whole(shown(stretch=10.0))}</main>")
    expect(page.locator(".explorable.live")).to_be_visible()
    yield page
    context.close()
    assert not troubles


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"stretch": 3}, "stretch must be one of"),
        ({"share": 1.0}, "share must be below 1, got 1.0"),
        ({"column": [1.0, 2.0]}, "column and targets must be given together"),
        ({"column": [1.0, 2.0], "targets": [1.0]}, "rows of one length"),
        ({"column": [2.0, 2.0], "targets": [1.0, 3.0]}, "different values, got 2.0 only"),
    ],
)
def test_settings_are_checked(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        shown(**settings)


def test_centred_is_true_or_false():
    with pytest.raises(TypeError, match="centred must be True or False, got 1"):
        shown(centred=1)


def test_a_standardized_column_makes_a_round_bowl():
    settings = shown()["settings"]
    curvatures = walk(settings, stretch=1, centred=True).curvatures
    assert curvatures[1] / curvatures[0] == pytest.approx(1, abs=1e-5)
    wide = walk(settings, stretch=10, centred=True).curvatures
    assert wide[1] / wide[0] == pytest.approx(100, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("centred", [False, True])
def test_bowls_and_walks_are_those_of_numpy(page, centred):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        settings = shown(
            column=rng.normal(size=9),
            targets=rng.normal(size=9),
            centre=rng.uniform(-6, 6),
            share=rng.uniform(0.2, 0.98),
        )["settings"]
        for stretch in (0.1, 1, 10, 100):
            found = walk(settings, stretch=stretch, centred=centred)
            table = np.column_stack([found.x, np.ones_like(found.x)])
            curvatures, bottom, path, left, needed = page.evaluate(
                """([x, y, share, steps]) => {
                const { engine } = courseExplorables;
                const bowl = engine.bowl(Float64Array.from(x.flat()), Float64Array.from(y));
                const rate = (share * 2) / bowl.curvatures[0];
                return [
                  bowl.curvatures, [...bowl.bottom],
                  [...engine.descend(bowl.gradient, [0, 0], rate, steps)],
                  engine.shareLeft(bowl, [0, 0], rate, steps),
                  engine.stepsUntil(bowl, [0, 0], rate, 0.001),
                ];}""",
                json.loads(
                    json.dumps([table.tolist(), settings["targets"], settings["share"], 40])
                ),
            )
            np.testing.assert_allclose(curvatures, found.curvatures[::-1], rtol=1e-5)
            np.testing.assert_allclose(bottom, found.bottom, rtol=1e-5, atol=1e-9)
            np.testing.assert_allclose(np.reshape(path, (-1, 2)), found.path, rtol=1e-5, atol=1e-8)
            assert left == pytest.approx(found.left[-1], rel=1e-4, abs=1e-9)
            arrives = np.flatnonzero(found.left <= ARRIVED)
            assert needed == (arrives[0] if len(arrives) else pytest.approx(needed))
            assert (needed <= 40) == bool(len(arrives))


@pytest.mark.slow
def test_it_says_what_stretch_and_centre_did(page):
    line = page.locator(".explorable-answer")
    page.get_by_role("button", name="Run 40 steps").click()
    expect(line).to_contain_text("× 10, not centred. After 40 steps 47 % of the avoidable cost")
    expect(line).to_contain_text("Centred, this column would need 181")
    page.get_by_role("button", name="Centred", exact=True).click()
    expect(line).to_contain_text("10 times as long as it is wide")
    page.get_by_role("slider", name="stretch").fill("3")
    expect(line).to_have_text("× 1, centred. The bowl is round: every direction is equally steep.")
    page.get_by_role("button", name="Run 40 steps").click()
    expect(line).to_contain_text("Arrived: after 7 steps")
    texts = page.locator(".explorable-stage svg").text_content()
    assert "condition number 1" in texts
    page.get_by_role("button", name="Not centred").click()
    page.get_by_role("button", name="Run 40 steps").click()
    expect(line).to_contain_text("Centred, this column would need 7")
