"""Forty labels: heads against scikit-learn and the page, and what a reader is told."""

import numpy as np
import pytest
from explorable_pages import BROWSER, answer, set_slider, shown
from playwright.sync_api import expect
from sklearn.linear_model import LogisticRegression

from lecture_utils.explorables.forty_labels import (
    WAYS,
    answers,
    data,
    fit,
    labelled,
    numbers,
    right,
    softmax,
)
from lecture_utils.results import load_results

SIZES = data()["labels"]


def settings():
    return shown("forty_labels").spec["settings"]


@pytest.mark.parametrize(
    ("given", "error", "complaint"),
    [
        ({"way": "thawed"}, ValueError, "way must be one of .* got 'thawed'"),
        ({"n": 2}, ValueError, r"n must be one of \[1, 3, 10, 30\], got 2"),
        ({"draws": np.zeros((2, 4, 7), int)}, ValueError, r"shape \(n_draws, 4, 30\)"),
        ({"draws": np.full((2, 4, 30), 150)}, ValueError, "draws must be from 0 to 149"),
        ({"draws": np.zeros((2, 4, 30))}, TypeError, "whole numbers, got float64"),
    ],
)
def test_settings_are_checked(given, error, complaint):
    with pytest.raises(error, match=complaint):
        shown("forty_labels", **given)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n", SIZES)
def test_the_module_fits_as_scikit_learn_does(way, n):
    rows, labels = labelled(settings(), 3, n)
    x, new = numbers(way, "pool")[rows], numbers(way, "new")
    theirs = LogisticRegression(C=1, tol=1e-10, max_iter=5000).fit(x, labels)
    weights = fit(x, labels)
    np.testing.assert_allclose(weights[1:], theirs.coef_.T, atol=1e-5)
    ours = softmax(new @ weights[1:] + weights[0])
    np.testing.assert_allclose(ours, theirs.predict_proba(new), atol=1e-5)


def test_features_know_more_than_pixels():
    stored = settings()
    gains = [right(stored, "frozen", k, 10) - right(stored, "pixels", k, 10) for k in range(20)]
    assert np.mean(gains) > 5 and np.min(gains) > 0


def test_an_untrained_front_is_no_better_than_pixels():
    stored = settings()
    gains = [right(stored, "random", k, 10) - right(stored, "pixels", k, 10) for k in range(20)]
    assert np.mean(gains) < 0


def test_the_experiment_judged_the_same_numbers():
    results = load_results("15_forty_labels")["results"]
    truth = np.repeat(np.arange(4), data()["new"])
    rng = np.random.default_rng(0)
    rows = np.concatenate([data()["pool"] * k + rng.permutation(150)[:10] for k in range(4)])
    for way in WAYS:
        weights = fit(numbers(way, "pool")[rows], np.repeat(np.arange(4), 10))
        named = (numbers(way, "new") @ weights[1:] + weights[0]).argmax(axis=1)
        assert np.mean(named == truth) == pytest.approx(results[way]["kept"][0], abs=0.01)


@pytest.fixture(scope="module")
def regression(browser):
    """Return a function that fits a head in a page, and names classes by it."""
    page = browser.new_page()
    page.add_script_tag(path=str(BROWSER / "softmax_regression.js"))
    yield lambda *given: page.evaluate(
        """([x, labels, new_rows, width, classes, penalty]) => {
        const { engine } = courseExplorables;
        const shape = { width, classes, penalty };
        const weights = engine.softmaxRegression(Float64Array.from(x.flat()), labels, shape);
        const named = engine.softmaxAnswers(weights, Float64Array.from(new_rows.flat()), shape);
        return [[...weights], named];
        }""",
        [each.tolist() if hasattr(each, "tolist") else each for each in given],
    )
    page.close()


@pytest.mark.slow
def test_the_engine_fits_as_the_module_does(regression):
    rng = np.random.default_rng(5)
    for _ in range(12):
        width, classes, n = (int(rng.integers(*ends)) for ends in ((1, 9), (2, 6), (8, 60)))
        x, new = rng.normal(size=(n, width)) * rng.uniform(0.3, 4), rng.normal(size=(20, width))
        labels = np.append(np.arange(classes), rng.integers(0, classes, n - classes))
        penalty = float(10 ** rng.uniform(-2, 1))
        weights, named = regression(x, labels, new, width, classes, penalty)
        expected = fit(x, labels, penalty)
        np.testing.assert_allclose(np.reshape(weights, expected.shape), expected, atol=1e-5)
        scores = new @ expected[1:] + expected[0]
        assert named == scores.argmax(axis=1).tolist()


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_the_engine_learns_the_pictures_as_the_module_does(regression, way):
    stored, new = settings(), numbers(way, "new")
    for draw, n in ((0, 1), (1, 10), (2, 30)):
        rows, labels = labelled(stored, draw, n)
        x = numbers(way, "pool")[rows]
        weights, named = regression(x, labels, new, data()["width"], 4, 1.0)
        expected = fit(x, labels)
        np.testing.assert_allclose(np.reshape(weights, expected.shape), expected, atol=1e-5)
        assert named == answers(stored, way, draw, n).tolist()


@pytest.mark.slow
def test_it_says_what_the_draws_came_to(live):
    page = live("forty_labels", reduced_motion="reduce")
    line = page.locator(".explorable-answer")
    stored = settings()
    found = {way: [right(stored, way, k, 10) for k in range(21)] for way in WAYS}
    first = int(found["pixels"][0] + 0.5)  # as JavaScript rounds
    expect(line).to_contain_text(f"{first} % of 400 new pictures right")
    page.get_by_role("button", name="20 draws").click()
    expect(line).to_contain_text(f"In 21 draws from {int(min(found['pixels']) + 0.5)}")
    expect(line).to_contain_text("moved the result by")
    page.get_by_role("button", name="Trained front", exact=True).click()
    means = {way: np.mean(values) for way, values in found.items()}
    expect(line).to_contain_text(f"{means['frozen']:.0f} % right")
    expect(line).to_contain_text(f"{means['frozen'] - means['pixels']:.2g} points more")
    page.get_by_role("button", name="Untrained front").click()
    expect(line).to_contain_text("random weights, the same labels")
    set_slider(page, "labels a class", 3)
    expect(line).to_contain_text("Labels a class: 30")
    page.get_by_role("button", name="Start again").click()
    assert answer(page).startswith("A head learned from the pixels of 40 labelled pictures")


@pytest.mark.slow
def test_the_map_shows_every_picture(live):
    page = live("forty_labels", reduced_motion="reduce")
    marks = page.locator(".explorable-stage svg path.line.thin")
    wrong = round(400 * (1 - right(settings(), "pixels", 0, 10) / 100))
    expect(marks).to_have_count(wrong)
    for way, name in (("frozen", "Trained front"), ("random", "Untrained front")):
        page.get_by_role("button", name=name, exact=True).click()
        wrong = round(400 * (1 - right(settings(), way, 0, 10) / 100))
        expect(marks).to_have_count(wrong)
        pressed = page.locator(".explorable button[aria-pressed=true]")
        expect(pressed).to_have_text(name)
