"""One word asks: the page's attention is that of Keras, and the question can be moved."""

import json
from importlib import resources

import numpy as np
import pytest
from playwright.sync_api import expect

from lecture_utils.explorables import explorable, strings
from lecture_utils.explorables.ask_the_words import attention

BROWSER = resources.files("lecture_utils.explorables") / "browser"
WORDS = strings()["ask_the_words"]


def shown(**settings):
    return explorable("ask_the_words", question="Who?", description="Arrows.", **settings)


@pytest.fixture(scope="module")
def engine(browser):
    """Return a function that runs JavaScript with the engine and returns its value."""
    page = browser.new_page()
    page.add_script_tag(path=str(BROWSER / "attention.js"))
    page.evaluate("globalThis.engine = courseExplorables.engine")
    yield lambda code, *arguments: page.evaluate(
        f"(given) => {{ {code} }}",
        json.loads(json.dumps(arguments, default=lambda array: array.tolist())),
    )
    page.close()


def in_keras(query, keys, values):
    """Return weights and mix of one head of Keras whose matrices are the identity."""
    import keras  # here: the site stage reads this file and needs no TensorFlow

    d = len(query)
    layer = keras.layers.MultiHeadAttention(1, d, use_bias=False, dtype="float64")
    layer(keys[None], values[None])
    one = np.eye(d)
    layer.set_weights([one[:, None], one[:, None], one[:, None], one[None]])
    mixed, weights = layer(
        query[None, None], values[None], key=keys[None], return_attention_scores=True
    )
    return np.asarray(weights)[0, 0, 0], np.asarray(mixed)[0, 0]


@pytest.mark.slow
@pytest.mark.parametrize("d", [1, 2, 5])
def test_the_page_the_package_and_keras_agree(engine, d):
    rng = np.random.default_rng(d)
    for n_words in (2, 3, 7):
        for scale in (0.0, 1.0, 30.0):
            query = scale * rng.normal(size=d)
            keys, values = rng.normal(size=(2, n_words, d))
            ours = engine("return engine.attention(...given);", query, keys, values)
            for weights, mixed in (
                in_keras(query, keys, values),
                attention(query, keys, values),
            ):
                np.testing.assert_allclose(ours["weights"], weights, atol=1e-6)
                np.testing.assert_allclose(ours["mixed"], mixed, atol=1e-6)


def test_the_first_picture_is_the_one_of_the_lesson():
    settings = shown().spec["settings"]
    weights, mixed = attention(settings["query"], settings["keys"], settings["values"])
    np.testing.assert_allclose(weights, [0.2, 0.6, 0.2])
    np.testing.assert_allclose(mixed, [-0.2, 0.6])


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"names": ["not"]}, "names must be two to four words"),
        ({"keys": [[0, 1]]}, r"keys must have shape \(3, 2\), got \(1, 2\)"),
        ({"values": [[0, 3.5]] * 3}, "values must lie from -2 to 2, got 3.5"),
        ({"query": [3, 0]}, "query must be two numbers from -2.5 to 2.5"),
        ({"asking": 3}, "asking must be below 3, got 3"),
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


@pytest.mark.slow
def test_the_question_is_moved_and_the_answer_says_who_answers(live):
    page = live()
    line, question = page.locator(".explorable-answer"), page.get_by_role("slider")
    expect(line).to_have_text(WORDS["start"])
    question.press("ArrowUp")
    expect(line).to_contain_text("“not” answers most")
    for _ in range(4):
        page.get_by_role("button", name="Longer question").click()
    keys = shown().spec["settings"]["keys"]
    weights, _ = attention((0, 2.5), keys, keys)
    assert f"{100 * weights[1]:.0f} %" in page.locator(".explorable-stage svg").text_content()
    page.get_by_role("button", name="Ask nothing").click()
    expect(line).to_contain_text("all words count alike")
    expect(line).to_contain_text("(−0.33, 0.33)")
    page.get_by_role("button", name="As at first").click()
    expect(line).to_have_text(WORDS["start"])
