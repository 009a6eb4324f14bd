"""Korean: particles, line breaks, and what makes a translation read as one."""

import re
from collections.abc import Iterator, Mapping, Sequence

from coursebook.translation.blocks import Message
from coursebook.translation.languages.particles import decided, final

WORD_JOINER = "\u2060"
#: A particle stays in the line of the bracket before it: 과적합(overfitting)은.
AFTER_BRACKET = re.compile(r"(?<=\))(?=[가-힣])")
CODE = re.compile(r"\{glue:\w+\}`[^`]*`|(`+).+?\1|\$[^$\n]+\$", re.S)
GLUE = re.compile(r"\{glue:\w+\}`[^`]*`")
PARTICLES = {"을": 1, "를": 0, "은": 1, "는": 0, "과": 1, "와": 0, "이": 1, "가": 0}
AFTER_NUMBER = re.compile(r"(\d%?)(을|를|은|는|과|와|이|가)(?![가-힣(])")
AFTER_GLUE = re.compile(r"¤(을|를|은|는|과|와|이|가|으로|로)(?![가-힣(])")
AFTER_NAME = re.compile(r"\{\w+\}\)?(을|를|은|는|과|와|이|가|으로|로)(?![가-힣])")
SENTENCE = re.compile(r"(?:[A-Za-z][A-Za-z'’-]+[ ,]+){5,}[A-Za-z]+")
PLAIN_STYLE = re.compile(r"(한다|는다|이다|된다|었다|았다|않다|있다|없다)\.$")
#: A translation is this long, in parts of the English one, unless something is missing or added.
LENGTHS = (0.3, 0.85)


def finished(text: str) -> str:
    """Return a text as it is published, its numbers being in it.

    >>> finished("과적합(overfitting)은 3을(를)").replace(WORD_JOINER, "|")
    '과적합(overfitting)|은 3을'
    """
    return AFTER_BRACKET.sub(WORD_JOINER, decided(text))


def complaints(message: Message, text: str) -> Iterator[str]:
    """Yield what no Korean text may have."""
    try:
        decided(GLUE.sub("0.5", text))
    except ValueError as error:
        yield str(error)
    without_code = CODE.sub("", GLUE.sub("¤", text))
    for found in AFTER_NUMBER.finditer(without_code):
        if PARTICLES[found[2]] != bool(final(_number_before(without_code, found.end(1)))):
            yield f"the particle does not agree: {found[0]}"
    if AFTER_GLUE.search(without_code):
        yield "a particle after a number from a run: write both forms, as in 을(를)"
    if message.kind in ("string", "feedback") and AFTER_NAME.search(text):
        yield "a particle after a {name}: say it without one"
    if any(line.count("~") > 1 for line in without_code.split("\n")):
        yield "two ~ in a line strike out what is between them in JupyterLab and on GitHub"
    if SENTENCE.search(re.sub(r"\[[^\]]*\]|\*[^*]+\*|\([^)]*\)|\"[^\"]*\"", "", without_code)):
        yield "an English sentence is left"


def advice(message: Message, text: str, terms: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield what a person should look at."""
    source = CODE.sub("", message.text)
    if len(source) > 60:
        ratio = len(CODE.sub("", text)) / len(source)
        if not LENGTHS[0] < ratio < LENGTHS[1]:
            yield f"{ratio:.2f} times as long as the English text"
    if message.kind in ("text", "alt", "caption", "description", "question"):
        for sentence in re.split(r"(?<=[.?!])\s+", CODE.sub("", text)):
            if PLAIN_STYLE.search(sentence):
                yield f"plain style: …{sentence[-16:]}"
    joined = text.replace(" ", "")
    for english, korean in terms.items():
        used = re.search(rf"(?<![\w-]){re.escape(english)}s?(?![\w-])", source, re.I)
        if used and not any(term.replace(" ", "") in joined for term in korean):
            yield f"{english!r} without {' or '.join(korean)}"


def _number_before(text: str, end: int) -> str:
    return re.search(r"[\d.,%]+$", text[:end])[0]
