"""One point away: what it computes, against NumPy and SciPy, and what it answers a reader."""

import json

import numpy as np
import pytest
import scipy
from explorable_pages import BROWSER
from playwright.sync_api import expect

from lecture_utils.explorables import explorable, strings
from lecture_utils.explorables.one_point_away import FLATS, huber_fit, settings, summary
from lecture_utils.explorables.page import whole

NAME = "one_point_away"


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"points": [(40, 4)] * 4}, r"points must have shape \(at least 5, 2\), got \(4, 2\)"),
        ({"points": [(20, 4)] * 5}, "points must lie within 30 to 170 and 0 to 20"),
        ({"at": (50, 61)}, "at must lie within 30 to 170 and 0 to 60"),
        ({"at": (50, 20, 1)}, r"at must have shape \(2,\)"),
        ({"moved": 9}, "moved must be below the 9 points, got 9"),
        ({"delta": 9.0}, "delta must be at least 0.25 and at most 5, got 9"),
    ],
)
def test_settings_are_checked(wrong, complaint):
    with pytest.raises(ValueError, match=complaint):
        settings(**wrong)


def test_the_fit_is_where_the_sum_of_huber_losses_is_lowest():
    rng = np.random.default_rng(0)
    for delta in (0.2, 1.0, 4.0):
        x = rng.uniform(-1, 1, size=12)
        table = np.column_stack([np.ones(12), x])
        y = 3 * x + rng.normal(size=12)
        y[:2] += 40
        found = huber_fit(table, y, delta)
        pull = np.clip(y - table @ found, -delta, delta)  # the slope of the loss
        np.testing.assert_allclose(table.T @ pull, 0, atol=1e-6)
        lowest = scipy.optimize.minimize(
            lambda theta, y=y, table=table, delta=delta: scipy.special.huber(
                delta, y - table @ theta
            ).sum(),
            np.zeros(2),
            method="BFGS",
            options={"gtol": 1e-10},
        )
        assert scipy.special.huber(delta, y - table @ found).sum() <= lowest.fun + 1e-9


@pytest.fixture
def page(browser):
    opened = browser.new_page()
    opened.emulate_media(reduced_motion="reduce")
    yield opened
    opened.close()


@pytest.mark.slow
def test_the_page_computes_what_numpy_computes(page):
    for file in ("least_squares.js", "statistics.js"):
        page.add_script_tag(path=str(BROWSER / file))
    rng = np.random.default_rng(0)
    for _ in range(40):
        n = int(rng.integers(5, 13))
        points = np.column_stack([rng.uniform(30, 170, n), rng.uniform(0, 15, n)])
        moved, delta = int(rng.integers(n)), rng.uniform(0.25, 5)
        points[moved] = rng.uniform(30, 170), rng.uniform(0, 60)
        ours = page.evaluate(
            """([xs, ys, moved, delta]) => {
              const { engine } = courseExplorables;
              const table = engine.powers(Float64Array.from(xs), 1);
              const y = Float64Array.from(ys);
              return {
                mean: engine.mean(ys), median: engine.median(ys), fences: engine.fences(ys),
                z: engine.zScores(ys)[moved], squares: [...engine.leastSquares(table, 2)(y)],
                huber: [...engine.huberFit(table, 2, y, delta)],
              };
            }""",
            [*points.T.tolist(), moved, delta],
        )
        for name, expected in summary(points, moved, delta).items():
            np.testing.assert_allclose(ours[name], expected, rtol=1e-5, atol=1e-7, err_msg=name)


def live(page):
    """Return the answering line of the explorable, live in an empty page."""
    page.set_content(
        whole(explorable(NAME, question="Who follows?", description="Nine flats.").spec)
    )
    expect(page.locator(".explorable.live svg")).to_be_visible()
    return page.locator(".explorable-answer")


@pytest.mark.slow
def test_a_zero_too_many_and_a_zero_too_few(page):
    line = live(page)
    page.get_by_role("button", name="One zero too many").click()
    expect(line).to_contain_text("50 m² for 52: outside the fences")
    points = np.array(FLATS)
    points[1, 1] *= 10
    found = summary(points, 1, 1.0)
    assert f"z is only {found['z']:.3g} and can never exceed {8 / 3:.3g}" in line.inner_text()
    assert f"least squares says −{-100 * found['squares'][1]:.3g}" in line.inner_text()
    assert f"Huber {100 * found['huber'][1]:.3g}" in line.inner_text()
    picture = page.locator(".explorable-stage svg").text_content()
    assert f"mean {found['mean']:.3g}" in picture
    assert f"median {found['median']:.3g}" in picture
    expect(page.locator(".explorable-stage .head")).to_have_count(2)  # it has left both panels
    page.get_by_role("button", name="One zero too few").click()
    expect(line).to_contain_text("inside the fences, so they say nothing. Huber's line does")
    page.get_by_role("button", name="Put it back").click()
    expect(line).to_have_text(strings()[NAME]["start"])


@pytest.mark.slow
def test_far_to_the_side_is_another_matter_than_far_up(page):
    line = live(page)
    page.get_by_role("button", name="Put it back").click()
    point = page.get_by_role("slider", name="the flat that moves")
    point.press("ArrowLeft")
    expect(line).to_contain_text("one like the others")
    for _ in range(13):
        point.press("Shift+ArrowRight")
    expect(line).to_contain_text("even Huber's line follows")
    for _ in range(2):
        point.press("Shift+ArrowUp")
    for _ in range(2):
        point.press("ArrowUp")
    expect(line).to_contain_text("A large number, and no error")


@pytest.mark.slow
def test_another_flat_and_another_delta(page):
    line = live(page)
    page.locator("summary").click()
    page.get_by_role("slider", name="flat", exact=True).fill("9")
    expect(line).to_contain_text("120 m² for 20")
    before = line.inner_text()
    page.get_by_role("slider", name="Huber").fill("5")
    expect(line).not_to_have_text(before)


def test_the_stored_settings_are_plain():
    assert json.loads(json.dumps(settings())) == settings()
