"""The way back through a network: page, package and TensorFlow walk alike, and a reader is told."""

import numpy as np
import pytest
from explorable_pages import answer, set_slider
from playwright.sync_api import expect

from lecture_utils.explorables import explorable
from lecture_utils.explorables.backward import PARAMETERS, PLACES, backward_pass


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"parameters": [1.0, 2.0]}, r"parameters must have shape \(7,\), got \(2,\)"),
        ({"parameters": [4.0] * 7}, r"parameters must lie within ±3.0, got \[4.0"),
        ({"rate": 0}, "rate must be above 0, got 0"),
        ({"target": float("nan")}, "target must be finite, got nan"),
    ],
)
def test_settings_are_checked(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        explorable("backward", question="Q?", description="D.", **settings)


def test_the_package_walks_back_as_tensorflow_does():
    import tensorflow as tf

    rng = np.random.default_rng(0)
    for _ in range(20):
        x, y = rng.normal(size=2)
        numbers = rng.normal(size=len(PARAMETERS))
        parameters = tf.Variable(numbers)
        with tf.GradientTape() as tape:
            w1, b1, w2, b2, v1, v2, c = tf.unstack(parameters)
            unit_1, unit_2 = tf.nn.relu(w1 * x + b1), tf.nn.relu(w2 * x + b2)
            cost = (v1 * unit_1 + v2 * unit_2 + c - y) ** 2
        values, _, gradient = backward_pass(x, y, numbers)
        assert values["cost"] == pytest.approx(float(cost), rel=1e-12)
        np.testing.assert_allclose(gradient, tape.gradient(cost, parameters), atol=1e-12)


@pytest.mark.slow
def test_the_page_walks_back_as_the_package_does(engine):
    rng = np.random.default_rng(1)
    for _ in range(40):
        x, y, numbers = *rng.normal(size=2), rng.normal(size=len(PARAMETERS))
        found = engine("return engine.backwardPass(...given)", x, y, numbers)
        values, slopes, gradient = backward_pass(x, y, numbers)
        for place in PLACES:
            assert found["values"][place] == pytest.approx(values[place], abs=1e-12)
            assert found["slopes"][place] == pytest.approx(slopes[place], abs=1e-12)
        np.testing.assert_allclose(found["gradient"], gradient, atol=1e-12)


@pytest.mark.slow
def test_four_presses_fetch_all_slopes_and_a_turn_tests_one(live):
    page = live("backward")
    back = page.get_by_role("button", name="One step back")
    labels = page.locator(".explorable-stage svg")
    for said in ("slope at ŷ is −4", "at h₁ −4 · v₁ = −8", "unit 2 is off", "−8 · 2 = −16"):
        back.click()
        assert said in answer(page)
    expect(labels).to_contain_text("slope −16")
    set_slider(page, "its value", 0.6)
    assert "foretold −1.6 for the cost; it was −1.44" in answer(page)
    page.get_by_role("button", name="w₂").click()
    assert "slope of w₂ is 0" in answer(page)
    set_slider(page, "its value", -0.9)
    assert "the cost by nothing" in answer(page)
    set_slider(page, "its value", 0.5)
    assert "switch the unit on" in answer(page)


@pytest.mark.slow
def test_steps_go_downhill_and_say_what_did_not_move(live):
    page = live("backward")
    step = page.get_by_role("button", name="Step downhill")
    step.click()
    assert "from 4 to" in answer(page)
    assert answer(page).endswith("w₂, b₂, v₂.")
    for _ in range(40):
        step.click()
    assert "did not move" in answer(page)
    expect(page.locator(".explorable-stage svg")).to_contain_text("w₂ = −1")
