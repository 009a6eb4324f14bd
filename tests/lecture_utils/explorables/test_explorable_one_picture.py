"""One picture: the page changes it as the package does, and its networks say what Keras says."""

import json

import numpy as np
import pytest
from explorable_pages import BROWSER
from playwright.sync_api import expect

from lecture_utils import augmentation
from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.explorables import explorable
from lecture_utils.explorables.one_picture import data, pictures, probabilities, weights

N = 12


def shown(**settings):
    return explorable("one_picture", question="Who?", description="A boot.", **settings)


@pytest.fixture(scope="module")
def engine(browser):
    """Return a function that runs JavaScript with the engine and returns its value."""
    page = browser.new_page()
    for file in ("network.js", "pictures.js", "one_picture_data.js"):
        page.add_script_tag(path=str(BROWSER / file))
    page.evaluate("globalThis.engine = courseExplorables.engine")

    def run(code, *arguments):
        plain = json.loads(json.dumps(arguments, default=lambda array: array.tolist()))
        return page.evaluate(f"(given) => {{ {code} }}", plain)

    yield run
    page.close()


def some_pictures():
    return np.random.default_rng(1).random((N, 28, 28))


def in_the_page(engine, name, images, settings):
    """Return what the engine's change makes of each image with its own settings."""
    found = engine(
        """const [name, images, settings] = given;
        return images.map((image, k) =>
          [...engine.pictures[name](Float64Array.from(image.flat()), ...settings[k])]);""",
        *(name, images, np.asarray(settings).tolist()),
    )
    return np.reshape(found, images.shape)


def again(seed):
    return np.random.default_rng(seed)


#: The engine's name, what the package draws, and the same draws as the engine wants them.
CHANGES = {
    "flip": (
        "mirror",
        lambda x, rng: augmentation.flip_horizontally(x, rng, probability=1),
        lambda rng: np.empty((N, 0)),
    ),
    "crop": (
        "move",
        lambda x, rng: augmentation.crop_randomly(x, rng, padding=5),
        lambda rng: -rng.integers(-5, 6, (2, N, 1))[:, :, 0].T,
    ),
    "turn": (
        "turn",
        lambda x, rng: augmentation.turn_randomly(x, rng, largest=90),
        lambda rng: rng.uniform(-90, 90, (N, 1, 1)).reshape(N, 1),
    ),
    "scale": (
        "resize",
        lambda x, rng: augmentation.scale_randomly(x, rng, largest=1.8),
        lambda rng: np.exp(rng.uniform(-np.log(1.8), np.log(1.8), (N, 1))),
    ),
    "brightness": (
        "lighten",
        lambda x, rng: augmentation.jitter_colours(x, rng, brightness=0.8),
        lambda rng: rng.uniform(0.2, 1.8, (N, 1, 1, 1)).reshape(N, 1),
    ),
    "erase": (
        "erase",
        lambda x, rng: augmentation.erase_randomly(x, rng, side=9),
        lambda rng: np.column_stack([*(rng.integers(0, 20, N) for _ in range(2)), np.full(N, 9)]),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_a_picture_changes_as_the_package_changes_it(engine, change):
    name, package, settings = CHANGES[change]
    images = some_pictures()
    for seed in range(3):
        ours = in_the_page(engine, name, images, settings(again(seed)))
        np.testing.assert_allclose(ours, package(images, again(seed)), atol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "changed"])
def test_the_networks_say_what_keras_says(engine, name):
    import keras  # here: the site stage reads this file and needs no TensorFlow

    images = np.concatenate([pictures(), some_pictures()])
    ours = engine(
        """const [name, images] = given;
        const { sizes, networks } = courseExplorables.data.one_picture;
        const { codes, scales } = networks[name];
        const weights = codes.flatMap((text, k) => [...engine.scaled(text, scales[k])]);
        const network = engine.network(sizes, weights);
        return images.map((image) => [...engine.softmax(
          network.forward(engine.pictures.half(Float64Array.from(image.flat()))))]);""",
        *(name, images),
    )
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(data()["sizes"][1], "relu"),
            layers.Dense(10, "softmax"),
        ]
    )
    model.set_weights(weights(name))
    np.testing.assert_allclose(ours, model(images[..., None]), atol=1e-5)
    np.testing.assert_allclose(ours, probabilities(name, images), atol=1e-12)


def test_the_pictures_are_test_pictures_of_the_sample():
    _, (x_test, y_test) = load_fashion_mnist(sample=True)
    by_bytes = {picture.tobytes(): label for picture, label in zip(x_test, y_test, strict=True)}
    grey = np.rint(255 * pictures()).astype(np.uint8)
    assert [by_bytes[picture.tobytes()] for picture in grey] == data()["labels"]
    assert np.bincount(data()["labels"]).min() == np.bincount(data()["labels"]).max() == 3


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"picture": 30}, "picture must be below 30, got 30"),
        ({"right": 9}, "right must be from -8 to 8, got 9"),
        ({"draws": [[0.5] * 7]}, r"shape \(n_changes, 8\), got \(1, 7\)"),
        ({"draws": [[1.5] * 8]}, "draws must be from 0 to 1, got 1.5 to 1.5"),
    ],
)
def test_settings_are_checked(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        shown(**settings)


@pytest.fixture
def live(browser, monkeypatch):
    """Return a function that shows the explorable as JupyterLab does: no book has to be built."""
    monkeypatch.setenv("JPY_SESSION_NAME", "a.ipynb")
    pages = []

    def start(**settings):
        page = browser.new_page()
        pages.append(page)
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.set_content(f"<main>{shown(**settings)._repr_mimebundle_()['text/html']}</main>")
        expect(page.locator(".explorable.live svg")).to_be_visible()
        return page

    yield start
    for page in pages:
        page.close()


def moved(right):
    framed = np.pad(pictures(), ((0, 0), (0, 0), (8, 8)))
    return framed[:, :, 8 - right : 36 - right]


@pytest.mark.slow
@pytest.mark.parametrize("right", [0, 3, 7])
def test_the_page_says_what_python_finds(live, right):
    page = live(picture=27)
    slider = page.get_by_role("slider", name="move right")
    slider.fill(str(right or 1))
    slider.fill(str(right))
    truth = data()["classes"][data()["labels"][27]]
    guesses = {}
    for name in ("plain", "changed"):
        found = probabilities(name, moved(right))
        right_ones = np.sum(found.argmax(axis=1) == data()["labels"])
        texts = page.locator(".explorable-stage svg").text_content()
        assert f"{right_ones} of 30 right" in texts
        guesses[name] = data()["classes"][found[27].argmax()]
    answer = page.locator(".explorable-answer")
    for guess in guesses.values():
        expect(answer).to_contain_text(guess)
    if guesses["changed"] == truth != guesses["plain"]:
        expect(answer).to_contain_text("still says")


@pytest.mark.slow
def test_changes_at_random_add_up_and_can_be_taken_back(live):
    page = live()
    answer, button = page.locator(".explorable-answer"), page.get_by_role
    seen = set()
    for _ in range(3):
        button("button", name="Change at random").click()
        seen.add(answer.inner_text())
    assert len(seen) == 3
    button("button", name="As it was").click()
    expect(answer).to_contain_text("As it was:")
    button("button", name="Mirror").click()
    expect(answer).to_contain_text("Mirrored:")
    button("button", name="Another picture").click()
    expect(answer).to_contain_text("Mirrored:")
