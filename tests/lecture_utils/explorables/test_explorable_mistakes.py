"""Mistakes to browse: what the page counts is what NumPy counts, and every picture answers."""

import json
from importlib import resources

import numpy as np
import pytest
from playwright.sync_api import expect

from lecture_utils.datasets import (
    CIFAR100_COARSE_CLASSES,
    CIFAR100_FINE_CLASSES,
    CIFAR100_FINE_TO_COARSE,
)
from lecture_utils.explorables import explorable, mistakes, strings
from lecture_utils.explorables.mistakes import N_EPOCHS, RUNGS

BROWSER = resources.files("lecture_utils.explorables") / "browser"
WORDS = strings()["mistakes"]
EPOCHS = range(1, N_EPOCHS + 1)


def shown(**settings):
    return explorable("mistakes", question="Which?", description="Trees.", **settings)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"rung": "tree"}, "rung must be one of linear, .* got 'tree'"),
        ({"epoch": 9}, "epoch must be from 1 to 8, got 9"),
        ({"epoch": 0}, "epoch must be at least 1, got 0"),
        ({"superclass": "stars"}, "superclass must be one of aquatic mammals, .* got 'stars'"),
    ],
)
def test_settings_are_checked(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        shown(**settings)


# --- what is stored ---------------------------------------------------------------------------


def test_the_names_are_those_of_cifar():
    data = mistakes.data()
    for name, expected in (
        ("classes", CIFAR100_FINE_CLASSES),
        ("superclasses", CIFAR100_COARSE_CLASSES),
    ):
        assert data[name] == [text.replace("_", " ") for text in expected]
    assert tuple(data["superclass_of"]) == CIFAR100_FINE_TO_COARSE


def test_there_are_four_pictures_a_class_superclass_by_superclass():
    labels = mistakes.labels()
    assert set(np.bincount(labels)) == {4}
    np.testing.assert_array_equal(mistakes.superclass_of()[labels], np.repeat(np.arange(20), 20))
    assert mistakes.pictures().shape == (400, 32, 32, 3)


def test_the_pictures_are_small():
    assert len(mistakes.data()["sheet"]) < 200_000


@pytest.mark.parametrize("rung", RUNGS)
def test_five_guesses_are_five_classes_the_surest_first(rung):
    five, sure = mistakes.guesses(rung), mistakes.sureness(rung)
    assert five.shape == sure.shape == (N_EPOCHS, 400, 5)
    assert five.max() < 100
    assert (np.diff(np.sort(five, axis=-1), axis=-1) > 0).all()
    assert (np.diff(sure, axis=-1) <= 0).all()
    assert sure.sum(axis=-1).max() < 1 + 3 / 255


# --- what the page computes -------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine(browser):
    """Return a function that runs JavaScript with the guesses of a rung and returns its value."""
    page = browser.new_page()
    for file in ("pictures.js", "guesses.js", "mistakes_data.js"):
        page.add_script_tag(path=str(BROWSER / file))

    def run(code, *arguments):
        plain = json.loads(json.dumps(arguments, default=lambda array: array.tolist()))
        return page.evaluate(
            f"""(given) => {{
            const engine = courseExplorables.engine;
            const stored = courseExplorables.data.mistakes;
            const of = (rung) => engine.guesses(stored.labels, stored.superclass_of,
              engine.bytes(stored.guesses[rung]), engine.bytes(stored.sure[rung]));
            {code} }}""",
            plain,
        )

    yield run
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize("rung", RUNGS)
def test_the_page_counts_what_numpy_counts(engine, rung):
    found = engine(
        "const now = of(given[0]); return given[1].map((epoch) => now.count(epoch));",
        *(rung, list(EPOCHS)),
    )
    for epoch, ours in zip(EPOCHS, found, strict=True):
        expected = mistakes.count(rung, epoch)
        assert (ours["right"], ours["near"], ours["far"], ours["top5"], ours["n"]) == (
            expected.right, expected.near, expected.far, expected.top_5, 400,
        )  # fmt: skip


@pytest.mark.slow
def test_guesses_and_ranks_are_those_that_were_stored(engine):
    rung, epoch = "cnn_both", 5
    five, ranks = engine(
        """const now = of(given[0]);
        const all = Array.from({ length: 400 }, (_, k) => k);
        return [all.map((k) => now.five(given[1], k).map(({ label, share }) => [label, share])),
                all.map((k) => now.rank(given[1], k))];""",
        *(rung, epoch),
    )
    classes, shares = np.moveaxis(np.array(five), -1, 0)
    np.testing.assert_array_equal(classes, mistakes.guesses(rung)[epoch - 1])
    np.testing.assert_allclose(shares, mistakes.sureness(rung)[epoch - 1], atol=1e-12)
    hits = mistakes.guesses(rung)[epoch - 1] == mistakes.labels()[:, None]
    np.testing.assert_array_equal(ranks, np.where(hits.any(axis=1), hits.argmax(axis=1) + 1, 0))


@pytest.mark.slow
def test_mistakes_come_in_the_order_of_sureness(engine):
    for rung in RUNGS:
        order = np.array(engine("return of(given[0]).mistakes(8);", rung))
        wrong = mistakes.guesses(rung)[-1, :, 0] != mistakes.labels()
        assert sorted(order) == np.flatnonzero(wrong).tolist()
        assert (np.diff(mistakes.sureness(rung)[-1, order, 0]) <= 0).all()


# --- what a reader can do ---------------------------------------------------------------------


@pytest.fixture
def live(browser, monkeypatch):
    """Return a function that shows the explorable as JupyterLab does: no book has to be built."""
    monkeypatch.setenv("JPY_SESSION_NAME", "a.ipynb")
    pages = []

    def start(**settings):
        page = browser.new_page(reduced_motion="reduce")
        pages.append(page)
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.set_content(f"<main>{shown(**settings)._repr_mimebundle_()['text/html']}</main>")
        expect(page.locator(".explorable.live svg")).to_be_visible()
        return page

    yield start
    for page in pages:
        page.close()


@pytest.mark.slow
def test_every_rung_is_climbed_and_counted(live):
    page = live(rung="linear", epoch=8)
    answer = page.locator(".explorable-answer")
    before = mistakes.count("linear", 8).right
    for rung in RUNGS[1:]:
        page.get_by_role("button", name=WORDS[f"rung_{rung}"], exact=True).click()
        now = mistakes.count(rung, 8)
        expect(answer).to_contain_text(f"{now.right} of 400 right, {now.top_5} within five")
        if now.right > before:
            expect(answer).to_contain_text(f"That is {now.right - before} more.")
        expect(answer).to_contain_text(
            f"{now.near} mistakes stay in the superclass, {now.far} leave"
        )
        before = now.right
    page.get_by_role("slider").fill("1")
    expect(answer).to_contain_text(f"epoch 1: {mistakes.count('cnn_both', 1).right} of 400 right")
    page.get_by_role("button", name=WORDS["run"]).click()  # at once, with reduced motion
    expect(answer).to_contain_text("epoch 8")


@pytest.mark.slow
def test_a_superclass_shows_its_twenty_pictures(live):
    page = live()
    page.get_by_role("combobox").select_option(label="flowers")
    number = mistakes.data()["superclasses"].index("flowers")
    found = mistakes.count("linear", 8, slice(20 * number, 20 * number + 20))
    expect(page.locator(".explorable-answer")).to_contain_text(
        f"flowers: {found.right} of 20 right"
    )
    tiles = page.locator(".explorable-tiles button")
    expect(tiles).to_have_count(20)
    for kind in ("right", "near", "far"):
        expect(page.locator(f".explorable-tiles button.{kind}")).to_have_count(getattr(found, kind))
    names = [mistakes.data()["classes"][k] for k in mistakes.labels()[20 * number :: 4][:5]]
    expect(page.locator(".explorable-tiles .name")).to_have_text(names)


@pytest.mark.slow
def test_a_picture_says_what_it_is_taken_for(live):
    page = live(rung="cnn", epoch=3, superclass="trees")
    first = 20 * mistakes.data()["superclasses"].index("trees")
    tiles = page.locator(".explorable-tiles button")
    names, five = mistakes.data()["classes"], mistakes.guesses("cnn")[2]
    for k in range(20):
        tiles.nth(k).press("Enter")
        answer = page.locator(".explorable-answer")
        expect(answer).to_contain_text(names[five[first + k, 0]])
        expect(tiles.nth(k)).to_have_attribute("aria-pressed", "true")
        texts = page.locator(".explorable-stage svg").text_content()
        for guess in five[first + k]:
            assert names[guess] in texts


@pytest.mark.slow
def test_the_surest_mistake_is_shown_first(live):
    page = live(rung="cnn_both", epoch=8)
    best, sure = mistakes.guesses("cnn_both")[-1, :, 0], mistakes.sureness("cnn_both")[-1, :, 0]
    wrong = np.flatnonzero(best != mistakes.labels())
    order = wrong[np.argsort(-sure[wrong], kind="stable")]
    for picture in order[:3]:
        page.get_by_role("button", name=WORDS["surest"]).click()
        names, truth = mistakes.data()["classes"], mistakes.labels()[picture]
        expected = f"The label says {names[truth]}, the network {names[best[picture]]}"
        expect(page.locator(".explorable-answer")).to_contain_text(expected)
