"""The penalty that calms a curve: what its module, its engine and its page compute is the same."""

import numpy as np
import pytest
from explorable_pages import answer, set_slider, shown
from playwright.sync_api import expect
from sklearn.linear_model import Ridge

from lecture_utils.explorables import strings
from lecture_utils.explorables.ridge import STRENGTHS, error, fit, readings


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"strength": 0.02}, r"strength must be one of .* got 0.02"),
        ({"strengths": (0.1, 0.1)}, r"strengths must rise from 0 or more, got \[0.1, 0.1\]"),
        ({"degree": 12}, "degree must be below the 12 points, got 12"),
        ({"points": [[0.0, 1.0, 2.0]]}, r"points must have shape \(1, 2\), got \(1, 3\)"),
        ({"points": [[2.0, 1.0]] * 12}, "the x of points must lie from -1 to 1"),
        ({"noise": -0.1}, "noise must be at least 0, got -0.1"),
    ],
)
def test_settings_are_checked(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        shown("ridge", **settings)


@pytest.mark.parametrize("strength", [1e-6, 0.01, 100.0])
def test_the_module_fits_as_scikit_learn_does(strength):
    settings = shown("ridge").spec["settings"]
    x, y = np.transpose(settings["points"])
    theirs = Ridge(alpha=strength, solver="svd").fit(x[:, None] ** np.arange(1, 10), y)
    expected = [theirs.intercept_, *theirs.coef_]
    np.testing.assert_allclose(fit(settings, settings["points"], strength), expected, rtol=1e-5)


@pytest.mark.slow
def test_the_engine_fits_and_judges_as_the_module_does(engine):
    settings = shown("ridge").spec["settings"]
    rng = np.random.default_rng(0)
    for _ in range(5):
        points, judges = readings(rng), readings(rng, n=50)
        for strength in STRENGTHS:
            weights, judged = engine(
                """const [points, judges, degree, ridge] = given;
                const table = engine.powers(points.map(([x]) => x), degree);
                const solve = engine.leastSquares(table, degree + 1, { ridge, free: 1 });
                const weights = solve(points.map(([, y]) => y));
                const off = judges.map(([x, y]) => (engine.polynomial(weights, x) - y) ** 2);
                return [[...weights], engine.mean(off)];""",
                *(points, judges, settings["degree"], strength),
            )
            expected = fit(settings, points, strength)
            np.testing.assert_allclose(weights, expected, rtol=1e-5, atol=1e-9)
            assert judged == pytest.approx(error(judges, expected), rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("strength", "said"),
    [
        (0, "no penalty"),
        (1e-6, "still follows the noise"),
        (0.032, "about as good"),
        (100, "flattens what is there"),
    ],
)
def test_it_says_what_a_strength_does(live, strength, said):
    settings = shown("ridge").spec["settings"]
    page = live("ridge", reduced_motion="reduce")
    page.get_by_role("button", name="Try all λ").click()
    expect(page.locator(".explorable-answer")).to_contain_text("The lowest error on new points")
    set_slider(page, "penalty λ", STRENGTHS.index(strength))
    expect(page.locator(".explorable-answer")).to_contain_text(said)
    weights = fit(settings, settings["points"], strength)
    texts = page.locator(".explorable-stage svg").text_content()
    assert f"length {np.linalg.norm(weights[1:]):.3g}" in texts
    for name in ("points", "new_points"):
        assert f"{error(settings[name], weights):.3g}" in texts


@pytest.mark.slow
def test_without_a_penalty_the_curve_swings_when_a_point_is_moved(live):
    page = live("ridge", reduced_motion="reduce")
    line = page.locator(".explorable-answer")
    for strength, said in ((0, "9.34 times as far"), (100, "by no more than")):
        page.get_by_role("button", name="Start again").click()
        set_slider(page, "penalty λ", STRENGTHS.index(strength))
        page.get_by_role("slider", name="point 10").press("Shift+ArrowUp")
        expect(line).to_contain_text("point 10 moved by 0.2")
        expect(line).to_contain_text(said)
    page.get_by_role("button", name="Start again").click()
    expect(line).to_have_text(strings()["ridge"]["start"].format(strength="0.001"))


@pytest.mark.slow
def test_other_points_and_the_new_ones_can_be_seen(live):
    page = live("ridge")
    first = page.get_by_role("slider", name="point 1", exact=True)
    before = first.get_attribute("aria-valuetext")
    page.get_by_role("button", name="Another 12 points").click()
    assert first.get_attribute("aria-valuetext") != before
    assert "12 other points" in answer(page)
    dots = page.locator(".explorable-stage circle.dot.two.faint")
    expect(dots).to_have_count(0)
    button = page.get_by_role("button", name="Show new points")
    button.click()
    expect(dots).to_have_count(200)
    expect(button).to_have_attribute("aria-pressed", "true")
