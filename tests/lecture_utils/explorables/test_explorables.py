"""Explorables: what a notebook stores, what the engine computes, what a reader can do."""

import functools
import itertools
import json
import re
from base64 import b64decode

import numpy as np
import pytest
import scipy
from built_pages import COLOUR_RULES, accessibility_faults, jupyter_book, soup_of
from explorable_pages import BROWSER, DESCRIPTION, QUESTION, answer, set_slider, shown
from playwright.sync_api import expect

from lecture_utils import schedules
from lecture_utils.explorables import MIME_TYPE, NAMES, explorable, kind, scripts, strings
from lecture_utils.explorables.another_20_rows import fits as polynomial_fits
from lecture_utils.explorables.rate_lab import train as train_rate_lab
from lecture_utils.explorables.schedule_race import drawn, on_average, race
from lecture_utils.lecture_tables import rate_lab

# --- what a notebook stores -------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_stores_data_a_picture_and_a_sentence(name):
    bundle = shown(name)._repr_mimebundle_()
    assert bundle.keys() == {MIME_TYPE, "image/png", "text/plain"}
    assert b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["text/plain"] == f"{QUESTION} {DESCRIPTION}"
    spec = bundle[MIME_TYPE]
    assert json.loads(json.dumps(spec)) == spec
    assert bundle == shown(name)._repr_mimebundle_()


@pytest.mark.parametrize("name", NAMES)
def test_every_explorable_has_its_scripts_and_words(name):
    for script in scripts(name):
        assert (BROWSER / script).is_file(), script
    source = (BROWSER / f"{name}.js").read_text(encoding="utf-8")
    used = set(re.findall(r"\bwords\.(\w+)", source))
    assert used <= strings()[name].keys()


def test_an_unknown_name_is_answered_with_the_names():
    with pytest.raises(ValueError, match=r"descent_1d.*got 'decent'"):
        shown("decent")


@pytest.mark.parametrize("part", ["question", "description"])
def test_question_and_description_are_required(part):
    texts = {"question": QUESTION, "description": DESCRIPTION, part: " "}
    with pytest.raises(ValueError, match=part):
        explorable("descent_1d", **texts)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"rate": 0.5}, "rate must be at least 0.01 and at most 0.3, got 0.5"),
        ({"start": 3.0}, "start must not be the bottom of the curve, got 3.0"),
        ({"input": 0}, "input must not be 0"),
        ({"steps": 0}, "steps must be at least 1, got 0"),
    ],
)
def test_settings_of_the_ball_are_checked(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        shown("descent_1d", **settings)


# --- the engine, against NumPy ----------------------------------------------------------------


def descend(x, y, start, rate, steps):
    """Return all places of gradient descent on the sum of the squares of xw - y."""
    path = [np.array(start, float)]
    for _ in range(steps):
        path.append(path[-1] - rate * 2 * x.T @ (x @ path[-1] - y))
    return np.array(path)


@pytest.mark.slow
@pytest.mark.parametrize("n_parameters", [1, 2, 20])
def test_descent_goes_where_numpy_goes(engine, n_parameters):
    rng = np.random.default_rng(n_parameters)
    for _ in range(10):
        x = rng.normal(size=(n_parameters + 3, n_parameters))
        y, start = rng.normal(size=len(x)), rng.normal(size=n_parameters)
        border = 1 / np.linalg.eigvalsh(x.T @ x).max()
        # Settled: 100 steps; beyond the border: 10.
        for rate, steps in ((rng.uniform(0.05, 0.98) * border, 100), (1.2 * border, 10)):
            ours = engine(
                """const [x, y, start, rate, steps] = given;
                const { gradient } = engine.sumOfSquares(x.flat(), y);
                return [...engine.descend(gradient, start, rate, steps)];""",
                *(x, y, start, rate, steps),
            )
            expected = descend(x, y, start, rate, steps)
            np.testing.assert_allclose(
                np.reshape(ours, expected.shape), expected, rtol=1e-5, atol=1e-9
            )


def keras_weights(sizes, rng):
    """Return kernels and biases of Dense layers, in the order of Keras."""
    pairs = itertools.pairwise(sizes)
    return [w for m, n in pairs for w in (rng.normal(size=(m, n)), rng.normal(size=n) / 10)]


def train_in_keras(sizes, weights, x, answers, *, loss, optimizer, rate, batches):
    """Return the loss before each step and after the last, and all weights in one list."""
    import keras
    import tensorflow as tf

    layers = [keras.layers.Dense(n, "relu", dtype="float64") for n in sizes[1:-1]]
    layers += [keras.layers.Dense(sizes[-1], dtype="float64")]
    model = keras.Sequential([keras.Input((sizes[0],), dtype="float64"), *layers])
    model.set_weights(weights)
    steps = {
        "sgd": keras.optimizers.SGD(rate),
        "momentum": keras.optimizers.SGD(rate, momentum=0.9),
        "adam": keras.optimizers.Adam(rate),
    }[optimizer]
    judge = {
        "softmax": keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64"),
        "squares": keras.losses.MeanSquaredError(dtype="float64"),
    }[loss]
    losses = []
    for rows in batches:
        with tf.GradientTape() as tape:
            value = judge(answers[rows], model(x[rows]))
        losses.append(float(value))
        steps.apply(tape.gradient(value, model.trainable_weights), model.trainable_weights)
    losses.append(float(judge(answers, model(x))))
    return losses, np.concatenate([w.ravel() for w in model.get_weights()])


TRAIN = """const [sizes, weights, x, answers, { loss, optimizer, rate, batches }] = given;
const network = engine.network(sizes, weights.flat(2), { loss });
const losses = engine.train(network, Float64Array.from(x.flat()), answers.flat(), {
  rate, batches, steps: batches.length,
  optimizer: engine.optimizers[optimizer](network.parameters.length),
});
return [[...losses], [...network.parameters]];"""


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("loss", ["softmax", "squares"])
def test_networks_learn_what_keras_learns(engine, loss, optimizer):
    rng = np.random.default_rng([len(loss), len(optimizer)])
    for sizes in ((3, 3), (1, 2, 1), (5, 8, 4), (6, 7, 5, 3)):
        n_rows = 24
        x = rng.normal(size=(n_rows, sizes[0]))
        answers = (
            rng.integers(sizes[-1], size=n_rows)
            if loss == "softmax"
            else rng.normal(size=(n_rows, sizes[-1]))
        )
        weights = keras_weights(sizes, rng)
        settings = {
            "loss": loss,
            "optimizer": optimizer,
            "rate": rng.uniform(0.002, 0.02),
            "batches": rng.integers(n_rows, size=(50, 8)),
        }
        ours = engine(TRAIN, sizes, [w.ravel() for w in weights], x, answers, settings)
        theirs = train_in_keras(sizes, weights, x, answers, **settings)
        for mine, expected in zip(ours, theirs, strict=True):
            # Keras rounds the decays of Adam to 32 bits, also when the weights have 64.
            np.testing.assert_allclose(mine, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_the_rate_lab_learns_and_fails_as_sweep_does(engine):
    # Imported here: the site stage reads this file and needs no TensorFlow.
    from lecture_utils.sweep import initial_weights, sweep

    (x, labels), _ = rate_lab()
    starts = initial_weights((3, 3), n_starts=1, rng=np.random.default_rng(0))
    plain = [part[0].ravel() for part in starts]
    batches = [list(range(len(x)))] * 10
    for rate in (0.01, 0.1, 0.5, 1.5, 3.0):  # the last ones far beyond the border
        settings = {"loss": "softmax", "optimizer": "sgd", "rate": rate, "batches": batches}
        losses, _ = engine(TRAIN, (3, 3), plain, x, labels, settings)
        expected = sweep(x, labels, weights=starts, rates=[rate], n_steps=10, record_every=1)
        # sweep computes in float32.
        np.testing.assert_allclose(losses, expected.losses[0, 0], rtol=2e-4, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("ridge", [0, 1e-3, 10.0])
def test_least_squares_finds_what_numpy_finds(engine, ridge):
    rng = np.random.default_rng(int(ridge))
    for degree in (0, 3, 9, 14):
        x, y = np.linspace(-1, 1, 20), rng.normal(size=20)
        ours = engine(
            """const [x, y, degree, ridge] = given;
            const table = engine.powers(x, degree);
            return [...engine.leastSquares(table, degree + 1, { ridge, free: 1 })(y)];""",
            *(x, y, degree, ridge),
        )
        table = np.vander(x, degree + 1, increasing=True)
        penalty = np.sqrt(ridge) * np.eye(degree + 1)[1:]  # not on the constant
        expected = np.linalg.lstsq(
            np.vstack([table, penalty]), np.append(y, np.zeros(degree)), rcond=None
        )[0]
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-9)


def some_schedules(rng):
    """Return names and settings of every schedule that both sides know."""
    initial_rate, decay_rate = rng.uniform(0.01, 1), rng.uniform(0.1, 0.9)
    decay_steps = int(rng.integers(5, 40))
    decay = {
        "initial_rate": initial_rate,
        "decay_rate": decay_rate,
        "decay_steps": decay_steps,
    }
    towards = {
        "initial_rate": initial_rate,
        "end_rate": initial_rate / 10,
        "decay_steps": decay_steps,
        "power": rng.uniform(0.5, 3),
    }
    cosine = {"initial_rate": initial_rate, "decay_steps": decay_steps, "end_fraction": 0.1}
    return {
        "constant": {"rate": initial_rate},
        "exponential_decay": decay,
        "step_decay": decay,
        "natural_exponential_decay": {
            "initial_rate": initial_rate,
            "decay_constant": decay_rate / 20,
        },
        "inverse_time_decay": decay,
        "inverse_time_steps": decay,
        "piecewise_constant": {"boundaries": [10, 25], "rates": [0.3, 0.2, initial_rate / 10]},
        "polynomial_decay": towards,
        "polynomial_cycles": towards,
        "cosine_decay": cosine,
        "linear_warmup": {"schedule": "cosine_decay", "warmup_steps": 7, **cosine},
    }


@pytest.mark.slow
def test_schedules_are_those_of_the_package(engine):
    steps = np.arange(60)
    for seed in range(5):
        for name, settings in some_schedules(np.random.default_rng(seed)).items():
            ours = engine(
                """const [name, steps, settings] = given;
                return steps.map((step) => engine.schedules[name](step, settings));""",
                *(name, steps, settings),
            )
            if name == "linear_warmup":
                cosine = {k: settings[k] for k in ("initial_rate", "decay_steps", "end_fraction")}
                follow = functools.partial(schedules.cosine_decay, **cosine)
                settings = {"schedule": follow, "warmup_steps": settings["warmup_steps"]}
            expected = getattr(schedules, name)(steps, **settings)
            np.testing.assert_allclose(ours, expected, rtol=1e-10, atol=1e-15, err_msg=name)


@pytest.mark.slow
def test_robust_losses_and_resampling_are_those_of_keras_and_numpy(engine):
    import keras

    rng = np.random.default_rng(0)
    for delta in (0.2, 1.0, 3.0):
        values = np.append(rng.normal(size=12), 50.0)
        draws = rng.integers(len(values), size=(30, len(values)))
        losses, centre, means, medians = engine(
            """const [values, delta, draws] = given;
            return [
              values.map((value) => engine.huber(value, delta)), engine.huberCentre(values, delta),
              [...engine.resample(values, draws)],
              [...engine.resample(values, draws, engine.median)],
            ];""",
            *(values, delta, draws),
        )
        expected = [
            float(keras.losses.huber([0.0], [value], delta=delta)) for value in values
        ]  # in float32
        np.testing.assert_allclose(losses, expected, rtol=1e-5)
        np.testing.assert_allclose(means, values[draws].mean(axis=1), rtol=1e-12)
        np.testing.assert_allclose(medians, np.median(values[draws], axis=1), rtol=1e-12)
        found = scipy.optimize.minimize_scalar(
            lambda at: scipy.special.huber(delta, values - at).sum(),  # noqa: B023
            bounds=(values.min(), values.max()),
            method="bounded",
            options={"xatol": 1e-9},
        )
        assert centre == pytest.approx(found.x, abs=1e-5)


# --- in a page --------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_page_holds_question_picture_and_nothing_that_is_not_needed(explorable_book, name):
    soup = soup_of(explorable_book / f"{name}.html")
    figure = soup.find(class_="explorable")
    assert figure.find(class_="explorable-question").text == QUESTION
    assert figure.find("img")["alt"] == DESCRIPTION
    assert not soup.find("script", src=re.compile("vega"))
    assert not soup_of(explorable_book / "index.html").find("script", src=re.compile("explorable"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_phone_shows_it_from_the_disk_as_from_a_server(explorable_book, serve, live, name):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    for base in (serve(explorable_book), explorable_book.as_uri()):
        page = live(name, base, color_scheme="light", **phone)
        picture = page.locator(".explorable-stage svg")
        box = picture.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0
        assert not page.evaluate(TEXTS_OUTSIDE)
    assert not accessibility_faults(page)
    page.add_style_tag(content="*, *::before, *::after { transition: none !important }")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert not accessibility_faults(page, rules=COLOUR_RULES)


@pytest.mark.slow
def test_its_texts_can_be_translated(explorable_source, tmp_path):
    jupyter_book(explorable_source, tmp_path, "--builder", "custom", "--custom-builder", "gettext")
    catalogue = (tmp_path / "_build/gettext/descent_1d.pot").read_text(encoding="utf-8")
    assert f'msgid "{QUESTION}"' in catalogue
    assert f'msgid "{DESCRIPTION}"' in catalogue


#: The texts of a picture that it cuts off.
TEXTS_OUTSIDE = """() => {
  const frame = document.querySelector(".explorable-stage").getBoundingClientRect();
  return [...document.querySelectorAll(".explorable-stage svg text")].filter((text) => {
    const box = text.getBoundingClientRect();
    return box.left < frame.left - 1 || box.right > frame.right + 1
      || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
  }).map((text) => text.textContent);
}"""


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_control_answers_to_the_keyboard(live, name):
    page = live(name, reduced_motion="reduce")
    controls = page.locator(".explorable").get_by_role("slider").all()
    assert controls or page.locator(".explorable").get_by_role("button").count() > 2
    for control in controls:
        assert control.get_attribute("aria-label") or control.locator("xpath=..").inner_text()
        if not control.is_visible():  # folded
            continue
        before, said = control.get_attribute("aria-valuetext"), answer(page)
        control.press("ArrowLeft")
        assert control.get_attribute("aria-valuetext") != before
        expect(page.locator(".explorable-answer")).not_to_have_text(said)
    assert page.evaluate("document.getAnimations().length") == 0
    for button in page.locator(".explorable").get_by_role("button").all():
        button.press("Enter")
        assert answer(page)
        assert not page.evaluate(TEXTS_OUTSIDE)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if kind(name).HANDLES])
@pytest.mark.parametrize("finger", [False, True], ids=["mouse", "finger"])
def test_a_point_follows_the_mouse_and_the_finger(live, name, finger):
    page = live(name, viewport={"width": 390, "height": 844}, has_touch=True)
    handle = page.locator(".explorable .handle").first
    handle.scroll_into_view_if_needed()
    before, scrolled = handle.get_attribute("aria-valuetext"), page.evaluate("scrollY")
    box = handle.locator(".knob").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    if finger:
        session = page.context.new_cdp_session(page)
        for kind_, points in (
            ("touchStart", [(x, y)]),
            *(("touchMove", [(x + 10 * k, y + 4 * k)]) for k in range(1, 5)),
            ("touchEnd", []),
        ):
            touches = [{"x": px, "y": py} for px, py in points]
            session.send("Input.dispatchTouchEvent", {"type": kind_, "touchPoints": touches})
    else:
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y + 16, steps=4)
        page.mouse.up()
    expect(handle).not_to_have_attribute("aria-valuetext", before)
    assert page.evaluate("scrollY") == scrolled
    page.wait_for_function(  # touches arrive with the next frame
        "([knob, x]) => Math.abs(knob.getBoundingClientRect().x - x) < 8",
        arg=[handle.locator(".knob").element_handle(), box["x"] + 40],
    )


@pytest.mark.slow
def test_nothing_moves_when_it_becomes_live(explorable_book, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.add_init_script(
        """globalThis.shift = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    page.goto((explorable_book / "descent_1d.html").as_uri())
    expect(page.locator(".explorable.live")).to_be_visible()
    assert page.evaluate("shift") < 0.05
    context.close()


@pytest.mark.slow
def test_it_says_that_it_loads_and_that_it_cannot(explorable_book, browser):
    context = browser.new_context()
    page = context.new_page()
    waiting = []
    page.route("**/descent_1d.js", lambda route: waiting.append(route))
    page.goto((explorable_book / "descent_1d.html").as_uri())
    line = page.locator(".explorable-answer")
    expect(line).to_have_text(strings()["common"]["loading"])
    expect(page.locator(".explorable")).to_have_attribute("aria-busy", "true")
    waiting[0].abort()
    expect(line).to_have_text(strings()["common"]["failed"])
    expect(page.locator(".explorable-stage img")).to_be_visible()
    page.unroute("**/descent_1d.js")
    page.locator(".explorable").hover()
    expect(page.locator(".explorable.live")).to_be_visible()
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_server_of_notebooks_gets_it_live(browser, monkeypatch, name):
    monkeypatch.setenv("JPY_SESSION_NAME", "a.ipynb")
    output = shown(name)._repr_mimebundle_()["text/html"]
    page = browser.new_page()
    troubles = []
    page.on("pageerror", lambda error: troubles.append(error))
    page.set_content(f"<main>{output}</main><main>{output}</main>")  # the cell was run twice
    expect(page.locator(".explorable.live svg")).to_have_count(2)
    page.get_by_role("button").first.click()
    page.close()
    assert not troubles


# --- one explorable after the other -----------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (0.05, "covered 40 % of the way to the bottom. It lands 0.6 times as far out"),
        (0.125, "exactly right"),
        (0.2, "on the other side, 0.6 times as far out: nearer"),
        (0.25, "the limit: each step lands exactly as far out"),
        (0.26, "0.26 is past the limit: each step lands 1.08 times as far out."),
    ],
)
def test_the_ball_says_what_a_step_did(live, rate, said):
    page = live("descent_1d")
    set_slider(page, "learning rate", rate)
    page.get_by_role("button", name="One step").click()
    expect(page.locator(".explorable-answer")).to_contain_text(said)
    ball = page.get_by_role("slider", name="ball on the curve")
    assert float(ball.get_attribute("aria-valuenow")) == pytest.approx(24 * rate)


@pytest.mark.slow
def test_a_ball_that_runs_away_leaves_an_arrow_and_a_number(live):
    page = live("descent_1d", reduced_motion="reduce")
    set_slider(page, "learning rate", 0.3)
    page.get_by_role("button", name="Run 10 steps").click()
    expect(page.locator(".explorable-answer")).to_contain_text("837 times as high")
    expect(page.locator(".explorable-stage .head")).to_have_count(1)
    assert "cost 30,121" in page.locator(".explorable-stage svg").text_content()
    page.get_by_role("button", name="Back to the start").click()
    expect(page.locator(".explorable-answer")).to_have_text(strings()["descent_1d"]["start"])


@pytest.mark.slow
def test_two_units_become_an_absolute_value_by_hand(live):
    page = live("bend", reduced_motion="reduce")
    line = page.locator(".explorable-answer")
    press = {name: page.get_by_role("slider", name=name).press for name in (
        "corner of unit 1", "corner of unit 2", "arm of unit 1", "arm of unit 2")}  # fmt: skip
    press["corner of unit 1"]("ArrowRight")
    expect(line).to_contain_text("flat on the left")
    for _ in range(4):
        press["corner of unit 1"]("ArrowRight")
    for _ in range(8):
        press["corner of unit 2"]("ArrowLeft")
    for _ in range(5):
        press["arm of unit 2"]("ArrowUp")
    press["arm of unit 2"]("Shift+ArrowLeft")  # over its corner, then on
    press["arm of unit 2"]("Shift+ArrowLeft")
    for _ in range(3):
        press["arm of unit 2"]("ArrowRight")
    expect(line).to_contain_text("the sum meets the points")
    page.get_by_role("button", name="A line").click()
    expect(line).to_contain_text("A line goes up or down")


@pytest.mark.slow
def test_the_units_learn_from_where_the_reader_left_them(live):
    page = live("bend", reduced_motion="reduce")
    arm = page.get_by_role("slider", name="arm of unit 2")
    arm.press("Shift+ArrowLeft")
    arm.press("Shift+ArrowLeft")
    page.get_by_role("button", name="Let it learn").click()
    expect(page.locator(".explorable-answer")).to_contain_text("400 steps of gradient descent")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (0.2, "You wait for w₂, the flatter direction"),
        (0.26, "farther out than at the start"),
        (0.235, "both distances are below 1 %"),
    ],
)
def test_the_bowl_says_which_direction_to_wait_for(live, rate, said):
    page = live("descent_2d", reduced_motion="reduce")
    set_slider(page, "learning rate", rate)
    expect(page.locator(".explorable-answer")).to_contain_text("w₁ ")
    page.get_by_role("button", name="Run 40 steps").click()
    expect(page.locator(".explorable-answer")).to_contain_text(said)


@pytest.mark.slow
def test_the_bowl_says_by_how_much_a_step_misses(live):
    page = live("descent_2d")
    start = page.get_by_role("slider", name="start")
    start.press("ArrowRight")
    start.press("ArrowLeft")
    # The lesson computes the same angle from (0, 0).
    expect(page.locator(".explorable-answer")).to_contain_text("misses the bottom by 41 degrees")


@pytest.mark.slow
def test_rates_leave_dots_until_they_form_the_valley(live):
    page = live("rate_lab", reduced_motion="reduce")
    dots = page.locator(".explorable-stage circle.four")
    expect(dots).to_have_count(1)
    rate = page.get_by_role("slider", name="learning rate")
    rate.press("ArrowRight")
    expect(dots).to_have_count(2)
    page.get_by_role("button", name="Try all rates").click()
    expect(page.locator(".explorable-answer")).to_contain_text("The dots form a valley")
    tried = dots.count() + page.locator(".explorable-stage path.head.four").count()
    assert tried == shown("rate_lab").spec["settings"]["rates"][2]
    page.get_by_role("button", name="Clear the dots").click()
    expect(dots).to_have_count(1)


@pytest.mark.slow
def test_the_lab_ends_where_its_still_picture_says(live):
    settings = shown("rate_lab").spec["settings"]
    page = live("rate_lab", reduced_motion="reduce")
    page.get_by_role("slider", name="learning rate").press("ArrowRight")
    page.get_by_role("slider", name="learning rate").press("ArrowLeft")
    losses = train_rate_lab(settings)[2]
    expect(page.locator(".explorable-answer")).to_contain_text(f"{losses[-1]:.3g}")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("degree", "said"), [(1, "too simple"), (6, "is noise"), (14, "too flexible")]
)
def test_another_20_rows_tell_bias_from_spread(live, degree, said):
    settings = shown("another_20_rows").spec["settings"]
    page = live("another_20_rows", reduced_motion="reduce")
    set_slider(page, "degree", degree)
    page.get_by_role("button", name="20 times").click()
    expect(page.locator(".explorable-answer")).to_contain_text(said)
    # The numbers are those that NumPy computes from the same draws.
    grid = np.linspace(-1, 1, 81)
    curves = polynomial_fits(settings, 21, grid, degree=degree, noise=0.3)
    bias2 = np.mean((curves.mean(axis=0) - np.sin(4 * grid + 1)) ** 2)
    texts = page.locator(".explorable-stage svg").text_content()
    assert f"bias² {bias2:.3g}" in texts
    assert f"variance {np.mean(curves.var(axis=0)):.3g}" in texts


# --- a schedule against a constant rate ---------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"rates": (0.01, 2.5)}, r"rates must be above 0.01 and below 2, got 2.5"),
        ({"start": (3.0,)}, "start must have 2 numbers, as many as curvature, got 1"),
        (
            {"curvature": (1.0, -0.1)},
            r"curvature must be a row of positive numbers, got \[1.0, -0.1",
        ),
        ({"draws": np.zeros((3, 10, 2))}, r"at least 20 updates, 2\), got \(3, 10, 2\)"),
        ({"draws": np.full((1, 20, 2), 9.0)}, "draws must lie between -8 and 8, got 9.0"),
        ({"constant": 1.5}, "constant must be at least 0.002 and at most 1, got 1.5"),
    ],
)
def test_settings_of_the_race_are_checked(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        shown("schedule_race", **settings)


def test_the_average_of_the_race_is_that_of_many_races():
    draws = np.random.default_rng(1).normal(size=(4000, 40, 2)).clip(-7, 7)
    settings = shown("schedule_race", draws=draws).spec["settings"]
    for name, *_ in settings["presets"]:
        rates = drawn(settings, name)
        costs = np.array([race(settings, rates, number) for number in range(len(draws))])
        expected = np.sum(on_average(settings, rates), axis=0)
        errors = costs.std(axis=0) / np.sqrt(len(costs))
        assert (np.abs(costs.mean(axis=0) - expected) <= 4.5 * errors + 1e-12).all(), name


@pytest.mark.slow
def test_the_noisy_bowl_is_that_of_numpy(engine):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        settings = shown(
            "schedule_race",
            draws=rng.normal(size=(2, 60, 3)),
            curvature=rng.uniform(0.05, 1, 3),
            start=rng.normal(size=3),
            noise=rng.uniform(0, 0.6),
        ).spec["settings"]
        stored = np.frombuffer(b64decode(settings["draws"]), "<i2") * settings["draw_step"]
        for rates in (rng.uniform(0.01, 1, 60), drawn(settings, "exponential")):
            bowl = {name: settings[name] for name in ("curvature", "start", "noise")}
            costs, way, trembling = engine(
                """const [bowl, rates, draws] = given;
                const { way, trembling } = engine.noisyDescentOnAverage({ ...bowl, rates });
                return [engine.noisyDescent({ ...bowl, rates, draws }), way, trembling]
                  .map((each) => [...each]);""",
                *(bowl, rates, stored[: 60 * 3]),
            )
            close = {"rtol": 1e-9, "atol": 1e-15}
            np.testing.assert_allclose(costs, race(settings, rates, 0), **close)
            expected = on_average(settings, rates)
            np.testing.assert_allclose(way, expected[0], **close)
            np.testing.assert_allclose(trembling, expected[1], **close)


@pytest.mark.slow
def test_the_race_is_the_one_that_keras_runs(engine):
    import keras

    rng = np.random.default_rng(0)
    start, curvature, draws = rng.normal(size=2), np.array([1.0, 0.1]), rng.normal(size=(80, 2))
    steps = {"initial_rate": 0.7, "decay_rate": 0.05, "decay_steps": 80}
    ours = engine(
        """const [curvature, start, steps, draws] = given;
        const rates = draws.map((_, k) => engine.schedules.exponential_decay(k, steps));
        return [...engine.noisyDescent(
          { curvature, start, noise: 0.3, rates, draws: draws.flat() })];""",
        *(curvature, start, steps, draws),
    )
    schedule = keras.optimizers.schedules.ExponentialDecay(0.7, 80, 0.05)
    optimizer, w = keras.optimizers.SGD(schedule), keras.Variable(start, dtype="float64")
    costs = [curvature @ start**2 / 2]
    for draw in draws:
        optimizer.apply([curvature * w.numpy() + 0.3 * draw], [w])
        costs.append(curvature @ w.numpy() ** 2 / 2)
    # Keras computes rates in float32.
    np.testing.assert_allclose(ours, costs, rtol=1e-5, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Flat", "the last rates are too large"),
        ("Late drop", "lower the end"),
        ("Straight down", "travels first and calms down"),
        ("Too early", "the rate falls too early"),
    ],
)
def test_the_race_says_which_part_is_left(live, name, said):
    page = live("schedule_race", reduced_motion="reduce")
    page.get_by_role("button", name=name).click()
    line = page.locator(".explorable-answer")
    expect(line).to_contain_text(said)
    settings = shown("schedule_race").spec["settings"]
    words = strings()["schedule_race"]
    (preset,) = [key for key, *_ in settings["presets"] if words[key] == name]
    expected = np.sum(on_average(settings, drawn(settings, preset)), axis=0)[-1]
    expect(line).to_contain_text(f"yours ends at {expected:.2g},")
    page.get_by_role("button", name="Race with new noise").click()
    expect(line).to_contain_text("of 1 races")


@pytest.mark.slow
def test_a_finger_draws_the_schedule_and_does_not_scroll(live):
    page = live("schedule_race", viewport={"width": 390, "height": 844}, has_touch=True)
    board = page.locator(".explorable .surface")
    board.scroll_into_view_if_needed()
    line, scrolled = page.locator(".explorable-answer"), page.evaluate("scrollY")
    box = board.bounding_box()
    places = [
        (box["x"] + box["width"] * share, box["y"] + box["height"] * (0.02 + 0.55 * share))
        for share in np.linspace(0.002, 0.998, 20)
    ]
    session = page.context.new_cdp_session(page)
    for kind_, points in (
        ("touchStart", places[:1]),
        *(("touchMove", [place]) for place in places[1:]),
        ("touchEnd", []),
    ):
        touches = [{"x": px, "y": py} for px, py in points]
        session.send("Input.dispatchTouchEvent", {"type": kind_, "touchPoints": touches})
    expect(line).to_contain_text("travels first and calms down")
    assert page.evaluate("scrollY") == scrolled


@pytest.mark.slow
def test_the_keys_draw_the_rest_of_the_schedule(live):
    page = live("schedule_race", reduced_motion="reduce")
    pen = page.get_by_role("slider", name="rate from here on")
    line = page.locator(".explorable-answer")
    pen.press("Shift+ArrowRight")
    expect(line).to_contain_text("Update 150: the rate is 0.4")
    pen.press("PageDown")
    expect(pen).to_have_attribute("aria-valuetext", "update 150, rate 0.0429")
    expect(line).to_contain_text("lower the end")
