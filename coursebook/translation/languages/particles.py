"""Korean particles after what is filled in: 3을(를) becomes 3을, 2을(를) becomes 2를.

A particle depends on whether the word before it ends in a consonant. A number from a run is not
known when a sentence is translated, so a translator writes both forms, and the build chooses by how
the number is read aloud.
"""

import re

#: Both forms as they are written: the form after a consonant, and after a vowel.
PAIRS = {
    "을(를)": ("을", "를"),
    "이(가)": ("이", "가"),
    "은(는)": ("은", "는"),
    "과(와)": ("과", "와"),
    "으로(로)": ("으로", "로"),
    "이라(라)": ("이라", "라"),
    "이었(였)": ("이었", "였"),
}
#: The consonant in which each digit ends, read aloud: 영 일 이 삼 사 오 육 칠 팔 구.
DIGITS = dict(zip("0123456789", ("ㅇ", "ㄹ", "", "ㅁ", "", "", "ㄱ", "ㄹ", "ㄹ", ""), strict=True))
#: And each power of ten: 십 백 천 만 십만 백만 천만 억.
TENS = ("", "ㅂ", "ㄱ", "ㄴ", "ㄴ", "ㄴ", "ㄴ", "ㄴ", "ㄱ")
BOTH = re.compile(r"(?P<before>\S*?\S)(?P<both>" + "|".join(map(re.escape, PAIRS)) + ")")
#: A particle at the end of a word, which the glossary and the search look past.
ENDING = re.compile(
    "(?:은|는|이|가|을|를|과|와|의|에|도|만|로|으로|에서|에게|까지|부터|마다|이나|나|이란|란|이다|입니다"
    "|에는|에서는|에서도|으로는|로는)$"
)
#: What may stand between a word and its particle.
CLOSING = re.compile(r"[`*_)\]\"'”’\u2060]+$")


def final(text: str) -> str | None:
    """Return the consonant in which a text ends when it is read, "" for a vowel, None if unknown.

    >>> final("0.52"), final("0.21"), final("30"), final("1,000"), final("12%"), final("손실")
    ('', 'ㄹ', 'ㅂ', 'ㄴ', '', 'ㄹ')
    >>> final("10,000"), final("w")
    ('ㄴ', None)
    """
    text = CLOSING.sub("", text)
    if text.endswith(("%", "퍼센트", "$")):
        return "" if not text.endswith("$") else final(text[:-1])
    last = text[-1:]
    if "가" <= last <= "힣":
        return {0: "", 8: "ㄹ"}.get((ord(last) - ord("가")) % 28, "ㅇ")
    number = re.search(r"\d[\d,]*(?:\.\d+)?(?P<power>e[+-]?\d+)?$", text)
    if not number:
        return None
    if number["power"]:
        return final(number["power"].lstrip("e+-"))  # 십의 마이너스 3승: the power is read last
    digits = number[0].replace(",", "")
    zeros = len(digits) - len(digits.rstrip("0"))
    if "." in digits or not digits.strip("0") or not zeros:
        return DIGITS[digits[-1]]
    return TENS[min(zeros, len(TENS) - 1)]


def decided(text: str) -> str:
    """Return a text with one form of every particle of which both are written.

    Raises
    ------
    ValueError
        If what stands before a particle can be read in several ways.

    >>> decided("0.52을(를) 넘고 0.21을(를) 넘지 않으며 30%이(가) 됩니다. 3으로(로), 1으로(로)")
    '0.52를 넘고 0.21을 넘지 않으며 30%가 됩니다. 3으로, 1로'
    """

    def choose(found: re.Match) -> str:
        end = final(found["before"])
        if end is None:
            raise ValueError(f"write one particle: no one knows how {found[0]!r} is read")
        closed, opened = PAIRS[found["both"]]
        is_closed = end not in ("", "ㄹ") if found["both"] == "으로(로)" else bool(end)
        return found["before"] + (closed if is_closed else opened)

    return BOTH.sub(choose, text)
