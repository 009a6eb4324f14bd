"""Draw a shirt: the page draws and answers as Python does, and its network is what it says."""

import hashlib
import json
from importlib import resources

import numpy as np
import pytest
from playwright.sync_api import expect

from lecture_utils.datasets import DataUnavailableError, load_fashion_mnist
from lecture_utils.explorables import explorable, strings
from lecture_utils.explorables.draw_a_shirt import (
    data,
    distances,
    letter_h,
    means,
    percent,
    pictures,
    probabilities,
    scores,
    stroke,
    weights,
)
from lecture_utils.results import load_results

BROWSER = resources.files("lecture_utils.explorables") / "browser"
WORDS = strings()["draw_a_shirt"]


def shown(name, **settings):
    return explorable(name, question="A shirt?", description="A sheet.", **settings)


@pytest.fixture(scope="module")
def engine(browser):
    """Return a function that runs JavaScript with the engine and returns its value."""
    page = browser.new_page()
    for file in ("network.js", "pictures.js", "drawing.js", "draw_a_shirt_data.js"):
        page.add_script_tag(path=str(BROWSER / file))
    page.evaluate("globalThis.engine = courseExplorables.engine")

    def run(code, *arguments):
        plain = json.loads(json.dumps(arguments, default=lambda array: array.tolist()))
        return page.evaluate(f"(given) => {{ {code} }}", plain)

    yield run
    page.close()


def some_pictures():
    """Return stored pictures, random ones, a drawing and an empty sheet."""
    rng = np.random.default_rng(0)
    strange = [*rng.random((5, 28, 28)), letter_h(), np.zeros((28, 28))]
    return np.concatenate([pictures(), strange])


# --- the network ------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_page_says_what_numpy_says(engine):
    images = some_pictures()
    said, far = engine(
        """const [images] = given;
        const { codes, scales, sizes, means } = courseExplorables.data.draw_a_shirt;
        const weights = codes.flatMap((text, k) => [...engine.scaled(text, scales[k])]);
        const network = engine.network(sizes, weights);
        const grey = Float64Array.from(engine.bytes(means), (byte) => byte / 255);
        const others = Array.from({ length: 10 }, (_, k) => grey.subarray(784 * k, 784 * (k + 1)));
        const all = images.map((image) => Float64Array.from(image.flat()));
        return [
          all.map((image) => [...engine.softmax(network.forward(image))]),
          all.map((image) => engine.drawing.distances(image, others)),
        ];""",
        images,
    )
    np.testing.assert_allclose(said, probabilities(images), atol=1e-12)
    np.testing.assert_allclose(far, distances(images), rtol=1e-12)


@pytest.mark.slow
def test_numpy_says_what_keras_says():
    import keras  # here: the site stage reads this file and needs no TensorFlow

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(data()["sizes"][1], "relu"),
            layers.Dense(10),
        ]
    )
    model.set_weights(weights())
    images = some_pictures()
    np.testing.assert_allclose(scores(images), model(images), rtol=1e-5, atol=1e-4)


def test_the_matrix_counts_what_the_network_says_to_the_sample():
    _, (x, y) = load_fashion_mnist(sample=True)
    said = scores(x / 255).argmax(axis=1)
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (y, said), 1)
    assert counts.tolist() == data()["confusion"]
    usual = np.sort(distances(x / 255).min(axis=1))
    np.testing.assert_allclose(data()["distances"], usual, atol=1e-5)


def test_its_accuracy_on_the_real_test_set_is_the_one_of_the_experiment():
    try:
        (x_train, y_train), (x, y) = load_fashion_mnist()
    except DataUnavailableError:
        pytest.skip("the whole Fashion-MNIST is not here")
    stored = load_results("10_drawing")["results"]["test_accuracy_rounded"][0]
    assert np.mean(scores(x / 255).argmax(axis=1) == y) == pytest.approx(stored, abs=1e-4)
    by_class = np.stack([x_train[y_train == k].mean(axis=0) for k in range(10)])
    np.testing.assert_allclose(means() * 255, by_class, atol=0.5 + 1e-9)


def test_the_pictures_are_test_pictures_of_the_sample_from_their_cells():
    _, (x, y) = load_fashion_mnist(sample=True)
    rows = data()["rows"]
    grey = np.rint(255 * pictures()).astype(np.uint8)
    assert hashlib.sha256(grey).digest() == hashlib.sha256(x[rows].copy()).digest()
    assert y[rows].tolist() == data()["labels"]
    counts, cells = np.array(data()["confusion"]), np.zeros((10, 10), int)
    np.add.at(cells, (y[rows], scores(pictures()).argmax(axis=1)), 1)
    assert (cells == np.minimum(counts, 3)).all()


# --- drawing ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_stroke_is_the_one_of_numpy(engine):
    rng = np.random.default_rng(1)
    for ink in (0, 0.4, 1):
        picture = rng.random((28, 28))
        start, end = rng.uniform(-0.5, 27.5, (2, 2))
        for points in ((start, end), (start, start)):
            pen = {"radius": float(rng.uniform(0.5, 4)), "ink": ink}
            ours = engine(
                """const [picture, [start, end], pen] = given;
                return [...engine.drawing.stroke(
                  Float64Array.from(picture.flat()), start, end, pen)];""",
                *(picture, points, pen),
            )
            expected = stroke(picture, *points, **pen)
            np.testing.assert_allclose(np.reshape(ours, (28, 28)), expected, atol=1e-12)


def test_a_stroke_twice_is_a_stroke_and_the_rubber_takes_it_away():
    pen = {"start": (4, 5), "end": (20, 18), "radius": 2}
    once = stroke(np.zeros((28, 28)), ink=0.7, **pen)
    assert (stroke(once, ink=0.7, **pen) == once).all()
    assert once.max() == 0.7
    assert stroke(once, (4, 5), (20, 18), radius=4, ink=0).max() < 0.2


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"picture": np.zeros((14, 14))}, r"picture must have shape \(28, 28\), got \(14, 14\)"),
        ({"noise": np.full((28, 28), 2.0)}, "noise must be from 0 to 1, got 2.0 to 2.0"),
        ({"radius": 5}, "radius must be at least 0.5 and at most 4, got 5"),
        ({"ink": 1.5}, "ink must be at least 0 and at most 1, got 1.5"),
    ],
)
def test_settings_are_checked(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        shown("draw_a_shirt", **settings)


def test_the_cell_is_checked():
    with pytest.raises(ValueError, match="predicted must be from 0 to 9, got 10"):
        shown("confusion_cells", predicted=10)


# --- in a page --------------------------------------------------------------------------------


@pytest.fixture
def live(browser, monkeypatch):
    """Return a function that shows an explorable as JupyterLab does: no book has to be built."""
    monkeypatch.setenv("JPY_SESSION_NAME", "a.ipynb")
    contexts = []

    def start(name, *, context=None, **settings):
        contexts.append(browser.new_context(**(context or {})))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        html = shown(name, **settings)._repr_mimebundle_()["text/html"]
        page.set_content(f"<main>{html}<p style='height: 2000px'></p></main>")
        expect(page.locator(".explorable.live svg")).to_be_visible()
        return page

    yield start
    for context in contexts:
        context.close()


def best_text(picture):
    return data()["classes"][probabilities(picture)[0].argmax()]


def answer(page):
    return page.locator(".explorable-answer")


def press(page, name):
    page.get_by_role("button", name=name).click()


@pytest.mark.slow
def test_buttons_put_pictures_on_the_sheet_and_undo_takes_them_away(live):
    page = live("draw_a_shirt")
    press(page, WORDS["undo"])
    expect(answer(page)).to_have_text(WORDS["nothing"])
    press(page, WORDS["erase"])
    empty = best_text(np.zeros((28, 28)))
    expect(answer(page)).to_contain_text(f"Nothing is there, and it says {empty}")
    press(page, WORDS["noise"])
    expect(answer(page)).to_contain_text(best_text(np.random.default_rng(0).random((28, 28))))
    press(page, WORDS["undo"])
    expect(answer(page)).to_contain_text("Nothing is there")
    press(page, WORDS["undo"])
    expect(answer(page)).to_contain_text("hardly saw anything like this")  # the letter
    number = 37 % len(pictures())
    press(page, WORDS["test"])
    label = data()["classes"][data()["labels"][number]]
    expect(answer(page)).to_contain_text(f"its label is {label}")
    expect(answer(page)).to_contain_text(f"It says {best_text(pictures()[number])}")


def draw_with_mouse(page, x, y):
    page.mouse.move(*x)
    page.mouse.down()
    page.mouse.move(*y, steps=3)
    page.mouse.up()


def draw_with_finger(page, x, y):
    session = page.context.new_cdp_session(page)
    for kind, points in (("touchStart", [x]), ("touchMove", [y]), ("touchEnd", [])):
        touches = [{"x": px, "y": py} for px, py in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


@pytest.mark.slow
@pytest.mark.parametrize("hand", [draw_with_mouse, draw_with_finger])
def test_mouse_and_finger_draw_and_do_not_scroll(live, hand):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    page = live("draw_a_shirt", context=phone, picture=np.zeros((28, 28)))
    sheet = page.locator(".explorable .surface")
    sheet.scroll_into_view_if_needed()
    box, scrolled = sheet.bounding_box(), page.evaluate("scrollY")
    pixel = box["width"] / 28
    at = lambda column, row: (box["x"] + (column + 0.5) * pixel, box["y"] + (row + 0.5) * pixel)  # noqa: E731
    hand(page, at(6, 4), at(6, 24))
    drawn = stroke(np.zeros((28, 28)), (6, 4), (6, 24), radius=1.5, ink=0.9)
    expect(answer(page)).to_contain_text(best_text(drawn))
    expect(answer(page)).to_contain_text(percent(probabilities(drawn)[0].max()))
    assert page.evaluate("scrollY") == scrolled


@pytest.mark.slow
def test_the_keyboard_draws(live):
    page = live("draw_a_shirt", picture=np.zeros((28, 28)))
    pen = page.get_by_role("slider", name=WORDS["pen"])
    pen.press("ArrowLeft")
    expect(pen).to_have_attribute("aria-valuetext", "column 13, row 14, lifted")
    pen.press("Space")
    for _ in range(6):
        pen.press("ArrowDown")
    expect(pen).to_have_attribute("aria-valuetext", "column 13, row 20, drawing")
    drawn = stroke(np.zeros((28, 28)), (12, 13), (12, 19), radius=1.5, ink=0.9)
    expect(answer(page)).to_contain_text(best_text(drawn))
    pen.press("Space")
    pen.press("ArrowRight")
    expect(pen).to_have_attribute("aria-valuetext", "column 14, row 20, lifted")
    press(page, WORDS["undo"])
    expect(answer(page)).to_contain_text("Nothing is there")


@pytest.mark.slow
def test_a_cell_shows_its_pictures_and_answers(live):
    page = live("confusion_cells")
    counts, classes = np.array(data()["confusion"]), data()["classes"]
    images = page.locator(".explorable-stage image")
    expect(images).to_have_count(min(3, int(counts[6, 0])))
    cell = page.get_by_role("slider", name=strings()["confusion_cells"]["cell"])
    cell.press("ArrowRight")
    expect(images).to_have_count(min(3, int(counts[6, 1])))
    box = page.locator(".explorable .surface").bounding_box()
    width = box["width"] / 10
    page.mouse.click(box["x"] + 4.5 * width, box["y"] + 2.5 * width)
    expect(answer(page)).to_contain_text(
        f"with the label {classes[2]} it takes {counts[2, 4]} for {classes[4]}"
    )
    expect(images).to_have_count(min(3, int(counts[2, 4])))
    page.mouse.click(box["x"] + 6.5 * width, box["y"] + 6.5 * width)
    precision = round(100 * counts[6, 6] / counts[:, 6].sum())
    expect(answer(page)).to_contain_text(f"right on {precision} of 100")
    press(page, strings()["confusion_cells"]["worst"])
    wrong = counts * (1 - np.eye(10, dtype=int))
    expect(answer(page)).to_contain_text(f"it takes {wrong.max()} for")


@pytest.mark.slow
def test_a_step_over_the_edge_of_the_matrix_comes_in_on_the_other_side(live):
    page = live("confusion_cells")
    cell = page.get_by_role("slider", name=strings()["confusion_cells"]["cell"])
    cell.press("ArrowLeft")
    classes = data()["classes"]
    expect(answer(page)).to_contain_text(f"label {classes[6]} is taken for {classes[9]}")
    cell.press("Home")
    expect(cell).to_have_attribute("aria-valuenow", "60")
