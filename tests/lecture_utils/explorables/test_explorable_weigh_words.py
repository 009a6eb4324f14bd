"""Weigh the words: the page's sums are the package's, and order matters where pairs are counted."""

import json
from importlib import resources
from itertools import pairwise

import numpy as np
import pytest
from playwright.sync_api import expect
from sklearn.feature_extraction.text import CountVectorizer

from lecture_utils.datasets.imdb_words import split_words
from lecture_utils.explorables import explorable, strings
from lecture_utils.explorables.weigh_words import SENTENCES, data, reader

BROWSER = resources.files("lecture_utils.explorables") / "browser"
WORDS = strings()["weigh_words"]


def shown(**settings):
    return explorable("weigh_words", question="Is it for?", description="Words.", **settings)


def some_texts():
    """Return the ready sentences, odd ones, and draws of known and unknown words."""
    rng, known = np.random.default_rng(0), data()["words"].split(" ")
    texts = [*SENTENCES, "", "...", "Don't!<br />A well-made\tfilm", "ÉTÉ  à la mode", "not_good"]
    for n in (1, 2, 5, 40):
        texts.append(" ".join([*rng.choice(known, n), "zyzzyva", *rng.choice(known, n)]))
    return texts


@pytest.fixture(scope="module")
def engine(browser):
    """Return a function that runs JavaScript with the engine and returns its value."""
    page = browser.new_page()
    for file in ("review_reader.js", "weigh_words_data.js"):
        page.add_script_tag(path=str(BROWSER / file))
    page.evaluate("globalThis.engine = courseExplorables.engine")
    yield lambda code, *arguments: page.evaluate(
        f"(given) => {{ {code} }}", json.loads(json.dumps(arguments))
    )
    page.close()


@pytest.mark.slow
def test_the_page_cuts_texts_as_the_reviews_were_cut(engine):
    for text in some_texts():
        assert engine("return engine.splitWords(given[0]);", text) == split_words(text)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["words", "pairs"])
def test_the_page_adds_what_the_package_adds(engine, name):
    model = reader(name)
    for text in some_texts():
        found = engine(
            """const [text, withPairs] = given;
            const read = engine.reviewReader(courseExplorables.data.weigh_words);
            return read(engine.splitWords(text), withPairs);""",
            *(text, name == "pairs"),
        )
        words = split_words(text)
        expected = [model.words.get(word) for word in words]
        assert found["words"] == pytest.approx(expected, abs=1e-9)
        if name == "pairs":
            expected = [model.pairs.get(pair) for pair in pairwise(words)]
            assert found["pairs"] == pytest.approx(expected, abs=1e-9)
        assert found["score"] == pytest.approx(model.score(text), abs=1e-9)


@pytest.mark.parametrize("name", ["words", "pairs"])
def test_the_sum_is_what_a_linear_model_says(name):
    model = reader(name)
    names = [*model.words, *(" ".join(pair) for pair in model.pairs)]
    weights = [*model.words.values(), *model.pairs.values()]
    counts = CountVectorizer(
        tokenizer=split_words, token_pattern=None, ngram_range=(1, 2), vocabulary=names
    ).transform(some_texts())
    scores = model.constant + counts @ np.array(weights)
    np.testing.assert_allclose([model.score(text) for text in some_texts()], scores, atol=1e-9)


def test_words_alone_know_no_order_and_pairs_do():
    one, other = SENTENCES[2], SENTENCES[3]
    assert sorted(one.split()) == sorted(other.split())
    assert reader().score(one) == pytest.approx(reader().score(other), abs=1e-9)
    assert reader("pairs").score(one) != pytest.approx(reader("pairs").score(other), abs=0.01)
    assert not reader().pairs
    with pytest.raises(ValueError, match="one of words, pairs, got 'triples'"):
        reader("triples")


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"sentences": []}, "sentences must hold at least one text"),
        ({"sentences": ["..."]}, "a text with words, got '...'"),
        ({"sentences": ["a " * 100]}, "at most 160 characters"),
        ({"longest": 0}, "longest must be at least 1, got 0"),
        ({"draws": [0.5]}, r"shape \(n_shuffles, n_keys\), got \(1,\)"),
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


def signed(value):
    return f"{'−' if value < 0 else '+'}{abs(value):.2f}"


@pytest.mark.slow
def test_a_review_that_is_typed_is_weighed(live):
    page = live()
    line, picture = page.locator(".explorable-answer"), page.locator(".explorable-stage svg")
    page.get_by_label("Your review").fill("A zyzzyva, but not awful")
    expect(line).to_contain_text(f"“awful” weighs most, {signed(reader().words['awful'])}.")
    expect(line).to_contain_text("“zyzzyva” is unknown and weighs nothing.")
    expect(line).to_contain_text(signed(reader().score("A zyzzyva, but not awful")))
    texts = picture.text_content()
    for word in ("but", "not", "awful"):
        assert signed(reader().words[word]) in texts
    assert WORDS["unknown"] in texts
    page.get_by_label("Your review").fill("")
    expect(line).to_have_text(WORDS["empty"])


@pytest.mark.slow
def test_shuffling_changes_nothing_until_pairs_count(live):
    page = live(sentences=[SENTENCES[2]])
    line, button = page.locator(".explorable-answer"), page.get_by_role
    field = page.get_by_label("Your review")
    before = signed(reader().score(SENTENCES[2]))
    seen = {field.input_value()}
    for _ in range(3):
        button("button", name="Shuffle the words").click()
        expect(line).to_contain_text(f"the sum stays {before}")
        seen.add(field.input_value())
    assert len(seen) == 4
    pairs = button("button", name="Count pairs too")
    pairs.click()
    expect(pairs).to_have_attribute("aria-pressed", "true")
    expect(line).to_contain_text(signed(reader("pairs").score(field.input_value())))
    button("button", name="Shuffle the words").click()
    expect(line).to_contain_text(signed(reader("pairs").score(field.input_value())))


@pytest.mark.slow
def test_ready_sentences_come_one_after_the_other(live):
    page = live()
    field = page.get_by_label("Your review")
    for text in (*SENTENCES[1:], SENTENCES[0]):
        page.get_by_role("button", name="Another sentence").click()
        assert field.input_value() == text


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 900])
def test_a_long_review_stays_inside_the_picture(live, width):
    page = live()
    page.set_viewport_size({"width": width, "height": 844})
    page.get_by_label("Your review").fill("i had hoped for so much more " * 5)
    page.get_by_role("button", name="Count pairs too").click()
    frame = page.locator(".explorable-stage").bounding_box()
    for box in page.locator(".explorable-stage svg text").all():
        place = box.bounding_box()
        assert place["x"] >= frame["x"] - 1
        assert place["x"] + place["width"] <= frame["x"] + frame["width"] + 1
        assert place["y"] + place["height"] <= frame["y"] + frame["height"] + 1
