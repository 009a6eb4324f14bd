"""Set the alarm: what it computes, against NumPy and scikit-learn, and what it answers a reader."""

import json

import numpy as np
import pytest
from explorable_pages import BROWSER, set_slider
from playwright.sync_api import expect
from sklearn.covariance import EmpiricalCovariance
from sklearn.neighbors import NearestNeighbors

from lecture_utils.explorables import strings
from lecture_utils.explorables.set_the_alarm import (
    DISTANCES,
    KINDS,
    costs,
    limits,
    pump_readings,
    scores,
    settings,
)

NAME = "set_the_alarm"


def some_readings():
    return dict(zip(("normal", "held", "failures"), pump_readings(np.random.default_rng(0))))  # noqa: B905


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"normal": [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]}, "normal must not lie on one line"),
        ({"normal": [[0.0, 0.0, 1.0]]}, r"normal must have shape \(n, 2\), got \(1, 3\)"),
        ({"held": [[0.0, 0.0]] * 39}, "held must be at least 40 readings, got 39"),
        ({"failures": {}}, r"failures must have the kinds .*off_the_line.* got \[\]"),
        ({"at": (90, 10)}, r"at must lie within 3.4 standard deviations, got \(90, 10\)"),
        ({"at": (30,)}, r"at must have shape \(n, 2\), got \(1, 1\)"),
        ({"rank": 31}, "rank must be at most 30, got 31"),
        ({"neighbours": 151}, "neighbours must be at most 150, got 151"),
        ({"prevalence": 0.3}, "prevalence must be one of"),
        ({"cost_of_miss": 3}, "cost_of_miss one of"),
    ],
)
def test_settings_are_checked(wrong, complaint):
    with pytest.raises(ValueError, match=complaint):
        settings(**{**some_readings(), **wrong})


def test_the_module_measures_as_scikit_learn_does():
    chosen = settings()
    points = np.random.default_rng(0).uniform(-3, 3, size=(50, 2))
    normal = np.array(chosen["normal"])
    found = scores(chosen, points)
    squares = EmpiricalCovariance().fit(normal).mahalanobis(points)
    np.testing.assert_allclose(found["mahalanobis"], np.sqrt(squares), rtol=1e-9)
    near = NearestNeighbors(n_neighbors=5).fit(normal).kneighbors(points)[0]
    np.testing.assert_allclose(found["neighbours"], near.mean(axis=1), rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_failure_has_a_distance_of_its_own(kind):
    at = {"rank": 5, "prevalence": 0.02, "cost_of_miss": 10}
    found = {name: each["cost"] for name, each in costs(settings(), kind, **at).items()}
    best = "euclidean" if kind == "too_far" else "neighbours"
    assert min(found, key=found.get) == best


@pytest.fixture(scope="module")
def engine(browser):
    """Return a function that runs JavaScript with the engine of distances."""
    page = browser.new_page()
    page.add_script_tag(path=str(BROWSER / "distances.js"))
    page.evaluate("globalThis.engine = courseExplorables.engine")

    def run(code, *arguments):
        plain = json.loads(json.dumps(arguments, default=lambda array: array.tolist()))
        return page.evaluate(f"(given) => {{ {code} }}", plain)

    yield run
    page.close()


MEASURE = """const [normal, points, k] = given;
return {
  euclidean: points.map(engine.distances.euclidean(normal)),
  mahalanobis: points.map(engine.distances.mahalanobis(normal)),
  neighbours: points.map(engine.distances.neighbours(normal, k)),
};"""


@pytest.mark.slow
def test_the_page_measures_what_numpy_measures(engine):
    rng = np.random.default_rng(0)
    for _ in range(20):
        normal = rng.normal(size=(int(rng.integers(10, 200)), 2)) @ rng.normal(size=(2, 2))
        normal += rng.normal(size=2)
        points, k = rng.uniform(-4, 4, size=(30, 2)), int(rng.integers(1, 11))
        ours = engine(MEASURE, normal, points, k)
        expected = scores({"normal": normal, "neighbours": k}, points)
        for name in DISTANCES:
            np.testing.assert_allclose(ours[name], expected[name], rtol=1e-5, err_msg=name)


@pytest.mark.slow
def test_limits_and_costs_are_those_of_the_module(engine):
    rng = np.random.default_rng(1)
    for _ in range(5):
        chosen = settings(**dict(zip(("normal", "held", "failures"), pump_readings(rng))))  # noqa: B905
        rank, miss = int(rng.integers(1, 31)), float(rng.uniform(1, 50))
        at, prevalence = limits(chosen, rank), float(rng.uniform(0.001, 0.2))
        for kind in KINDS:
            expected = costs(chosen, kind, rank=rank, prevalence=prevalence, cost_of_miss=miss)
            failed = scores(chosen, chosen["failures"][kind])
            for name, held in scores(chosen, chosen["held"]).items():
                limit, cost = engine(
                    """const [held, failed, rank, prevalence, costOfMiss] = given;
                    const limit = engine.rankLimit(held, rank);
                    const missRate = 1 - engine.shareAbove(failed, limit);
                    const alarmRate = rank / (held.length + 1);
                    return [limit, engine.alarmCost(
                      { readings: 1000, prevalence, alarmRate, missRate, costOfMiss })];""",
                    *(held, failed[name], rank, prevalence, miss),
                )
                assert limit == pytest.approx(at[name], rel=1e-5)
                assert cost == pytest.approx(expected[name], rel=1e-5)


@pytest.mark.slow
def test_a_limit_is_drawn_where_the_distance_has_it(engine):
    normal = np.array(settings()["normal"])
    line = np.linspace(-3.4, 3.4, 73)
    mesh = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    for name, over in scores({"normal": normal, "neighbours": 5}, mesh).items():
        level = np.quantile(over, 0.2)
        paths = engine(
            "const [over, line, level] = given; return engine.levelSet(over, line, line, level);",
            *(over, line, level),
        )
        points = np.concatenate(paths)
        on_it = scores({"normal": normal, "neighbours": 5}, points)[name]
        np.testing.assert_allclose(on_it, level, rtol=0.03, err_msg=name)
        if name != "neighbours":  # one closed curve
            assert len(paths) == 1
            assert paths[0][0] == paths[0][-1]


@pytest.mark.slow
def test_it_says_which_distance_rings_where(live):
    page = live(NAME, reduced_motion="reduce")
    line = page.locator(".explorable-answer")
    expect(line).to_have_text(strings()[NAME]["start"])
    point = page.get_by_role("slider", name="the new reading")
    point.press("ArrowRight")
    point.press("ArrowLeft")
    here = {name: each[0] for name, each in scores(settings(), [[-1.0, 0.5]]).items()}
    expect(line).to_contain_text(f"{here['euclidean']:.3g} from the mean is nothing special")
    expect(line).to_contain_text(f"Mahalanobis, {here['mahalanobis']:.3g}, and the neighbours ring")
    picture = page.locator(".explorable-stage svg")
    assert f"5 neighbours {here['neighbours']:.3g}: alarm" in picture.text_content()
    for _ in range(9):
        point.press("ArrowRight")
    for _ in range(6):
        point.press("ArrowDown")
    expect(line).to_contain_text("all three take it for normal")
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowUp"):
        point.press(key)
    expect(line).to_contain_text("Mahalanobis is quiet")
    for _ in range(4):
        point.press("Shift+ArrowDown")
    expect(line).to_contain_text("All three ring")


@pytest.mark.slow
def test_without_failures_there_are_no_misses(live):
    page = live(NAME, reduced_motion="reduce")
    line = page.locator(".explorable-answer")
    set_slider(page, "false alarms promised", 2)
    expect(line).to_contain_text("rank 2 among 99 held-out normal readings: 2 % false alarms")
    expect(line).to_contain_text("20 of 1,000 readings. How many failures")
    set_slider(page, "a miss costs", 5)
    expect(line).to_contain_text("A miss costs 50 false alarms")
    expect(line).to_contain_text("Nothing has failed yet")
    picture = page.locator(".explorable-stage svg")
    assert "misses unknown" in picture.text_content()
    assert "missed" not in picture.text_content()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "button", "name"),
    [
        ("off_the_line", "Off the line", "the distance to the neighbours"),
        ("too_far", "Too far", "the distance from the mean"),
        ("in_the_bend", "In the bend", "the distance to the neighbours"),
    ],
)
def test_the_cheapest_distance_depends_on_the_failure(live, kind, button, name):
    page = live(NAME, reduced_motion="reduce")
    line = page.locator(".explorable-answer")
    page.get_by_role("button", name=button).click()
    found = costs(settings(), kind, rank=5, prevalence=0.02, cost_of_miss=10)
    least = min(each["cost"] for each in found.values())
    expect(line).to_contain_text(f"{name} costs least")
    expect(line).to_contain_text(f"49 false alarms cost {least:.0f}")
    texts = page.locator(".explorable-stage svg").text_content()
    for each in found.values():
        assert f"{each['misses']:.3g} missed, cost {each['cost']:.0f}" in texts
    expect(page.locator(".explorable-stage .dot.four")).to_have_count(4 * 40)
    page.locator("summary").click()
    set_slider(page, "failures", 0)
    expect(line).to_contain_text("1 of 1,000 readings fail")
    page.get_by_role("button", name="Nothing has failed").click()
    expect(line).to_contain_text("they cannot say")
