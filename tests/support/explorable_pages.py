"""An explorable as tests show it, its programs, and what a reader does with it."""

from importlib import resources

from lecture_utils.explorables import explorable

BROWSER = resources.files("lecture_utils.explorables") / "browser"
ENGINE = (
    "optimizers.js",
    "descent.js",
    "network.js",
    "backward_pass.js",
    "least_squares.js",
    "schedules.js",
    "noisy_bowl.js",
    "statistics.js",
    "stream.js",
)
QUESTION = "Which is the longest step that still gets you down?"
DESCRIPTION = "A ball on the left side of a parabola."


def shown(name, **settings):
    return explorable(name, question=QUESTION, description=DESCRIPTION, **settings)


def answer(page):
    return page.locator(".explorable-answer").inner_text()


def set_slider(page, name, value):
    page.get_by_role("slider", name=name).fill(str(value))
