"""A stream that drifts: the same means, errors and parts in NumPy and in the page."""

import numpy as np
import pytest
from explorable_pages import answer, set_slider, shown
from playwright.sync_api import expect

from lecture_utils.explorables import strings
from lecture_utils.explorables.drifting_stream import (
    KINDS,
    MEMORIES,
    forgetting_factor,
    levels,
    means,
    on_average,
    running,
    settings,
    squared_errors,
    stream,
)

NAME = "drifting_stream"
WORDS = strings()[NAME]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"kind": "sudden"}, "kind must be one of still, jump, slow, seasons, got 'sudden'"),
        ({"memories": (2, 2, 0)}, r"memories must rise from 2 or more and end with 0, got \[2, 2"),
        ({"memories": (2, 5, 9)}, "end with 0"),
        ({"memory": 41}, r"memory must be one of \[2, 3, .* got 41"),
        ({"draws": np.zeros((2, 10))}, r"at least 40\), got \(2, 10\)"),
        ({"draws": np.full((1, 40), 9.0)}, "draws must lie between -8 and 8, got 9.0"),
        ({"noise": 9.0}, "noise must be at least 1 and at most 8, got 9"),
        ({"jump_at": 1.0}, "jump_at must be above 0 and below 1, got 1"),
    ],
)
def test_settings_are_checked(given, complaint):
    with pytest.raises(ValueError, match=complaint):
        shown(NAME, **given)


@pytest.mark.parametrize("memory", MEMORIES)
def test_the_mean_is_the_weighted_mean_of_all_rows(memory):
    rows, forgetting = np.random.default_rng(0).normal(size=60), forgetting_factor(memory)
    weights = [forgetting ** np.arange(n)[::-1] for n in range(1, 61)]
    expected = [np.average(rows[: len(w)], weights=w) for w in weights]
    np.testing.assert_allclose(means(rows, forgetting), expected, rtol=1e-12)


def test_the_parts_are_the_average_over_many_streams():
    draws = np.random.default_rng(1).normal(size=(1500, 60)).clip(-7, 7)
    stored = settings(draws=draws)
    for kind, memory in (("jump", 7), ("slow", 20), ("seasons", 0)):
        given = {"kind": kind, "change": 8.0}
        forgetting = forgetting_factor(memory)
        errors = np.array(
            [squared_errors(stream(stored, k, noise=2.0, **given), forgetting) for k in range(1500)]
        )
        expected = 2.0**2 + np.sum(on_average(levels(stored, **given), 2.0, forgetting), axis=0)
        standard = errors.std(axis=0) / np.sqrt(len(errors))
        assert (np.abs(errors.mean(axis=0) - expected) < 4.5 * standard).all()


def test_a_memory_of_n_rows_trembles_like_the_mean_of_twice_as_many():
    _, trembling = on_average(np.zeros(3000), 1.0, forgetting_factor(20))
    assert trembling[-1] == pytest.approx(1 / (2 * 20 - 1))


@pytest.mark.slow
def test_the_engine_computes_what_the_module_computes(engine):
    rng = np.random.default_rng(2)
    for kind in KINDS:
        stored = settings(draws=rng.normal(size=(2, 80)), jump_at=float(rng.uniform(0.2, 0.8)))
        change, noise = float(rng.uniform(1, 16)), float(rng.uniform(1, 8))
        rows = stream(stored, 1, kind=kind, change=change, noise=noise)
        level = levels(stored, kind, change)
        for memory in (2, 5, 28, 160, 0):
            ours = engine(
                """const [kind, change, noise, memory, stored, values] = given;
                const levels = engine.streamLevels(
                  { kind, rows: stored.rows, level: stored.level, change, jumpAt: stored.jump_at });
                const forgetting = engine.forgettingFactor(memory);
                const { lag2, trembling } = engine.lagAndTrembling(levels, noise, forgetting);
                const errors = engine.squaredErrors(values, forgetting);
                return [levels, engine.forgettingMeans(values, forgetting), errors,
                  engine.runningMean(errors, stored.window), lag2, trembling]
                  .map((each) => [...each]);""",
                *(kind, change, noise, memory, stored, rows),
            )
            forgetting = forgetting_factor(memory)
            errors = squared_errors(rows, forgetting)
            expected = [level, means(rows, forgetting), errors, running(errors, stored["window"])]
            expected += on_average(level, noise, forgetting)
            for mine, theirs in zip(ours, expected, strict=True):
                np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "memory", "said"),
    [
        ("Jump", 2, "follows, and trembles"),
        ("Jump", 10, "about as good as a memory can be"),
        ("Jump", 160, "comes too late"),
        ("Slow", 0, "calm, and wrong"),
        ("Still", 40, "every old customer helps"),
        ("Still", 0, "nothing is wasted"),
        ("Back and forth", 112, "comes too late"),
    ],
)
def test_it_says_what_a_memory_does(live, kind, memory, said):
    page = live(NAME, reduced_motion="reduce")
    page.get_by_role("button", name=kind, exact=True).click()
    set_slider(page, "memory", MEMORIES.index(memory))
    line = page.locator(".explorable-answer")
    expect(line).to_contain_text(said)
    stored = shown(NAME).spec["settings"]
    code = next(name for name in KINDS if WORDS[name] == kind)
    rows = stream(stored, 0, kind=code, change=10.0, noise=5.0)
    for number in (squared_errors(rows, forgetting_factor(memory)), squared_errors(rows, 1.0)):
        expect(line).to_contain_text(f"{number.mean():.3g}")


@pytest.mark.slow
def test_all_memories_form_a_valley_and_still_streams_forget_nothing(live):
    page = live(NAME, reduced_motion="reduce")
    line = page.locator(".explorable-answer")
    stored = shown(NAME).spec["settings"]
    page.get_by_role("button", name="Try all memories").click()
    rows = stream(stored, 0, kind="jump", change=10.0, noise=5.0)
    errors = [squared_errors(rows, forgetting_factor(memory)).mean() for memory in MEMORIES]
    best = MEMORIES[int(np.argmin(errors))]
    expect(line).to_contain_text(f"lowest at about {best}, with {min(errors):.3g}")
    page.get_by_role("button", name="Still").click()
    page.get_by_role("button", name="Try all memories").click()
    expect(line).to_contain_text("best to forget nothing")


@pytest.mark.slow
def test_one_customer_after_the_other_moves_the_mean(live):
    page = live(NAME, reduced_motion="reduce")
    line, button = (
        page.locator(".explorable-answer"),
        page.get_by_role("button", name="One customer"),
    )
    stored = shown(NAME).spec["settings"]
    rows = stream(stored, 0, kind="jump", change=10.0, noise=5.0)
    found = means(rows, forgetting_factor(40))
    button.click()
    expect(line).to_contain_text(f"The first customer spent {rows[0]:.3g}")
    for _ in range(2):
        button.click()
    expect(line).to_contain_text(f"you said {found[1]:.3g}, it was {rows[2]:.3g}")
    expect(line).to_contain_text(f"to {found[2]:.3g}.")
    page.get_by_role("button", name="Let it run").click()  # at once, without motion
    assert "Mean squared error" in answer(page)


@pytest.mark.slow
def test_a_run_can_be_stopped_and_gone_on_with(live):
    page = live(NAME)
    line = page.locator(".explorable-answer")
    page.get_by_role("button", name="Let it run").click()
    expect(line).to_contain_text("customers so far")
    page.get_by_role("button", name="Pause").click()
    stopped = int(answer(page).split()[0])
    page.get_by_role("button", name="One customer").click()
    expect(line).to_contain_text(f"Customer {stopped + 1}:")
