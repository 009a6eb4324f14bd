"""Formulas as MathML, and the font that has their characters."""

import re
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from docutils.utils.math import MathError
from fontTools.ttLib import TTFont

from coursebook.site import formulas

ROOT = Path(__file__).resolve().parents[3]
FONT = ROOT / "coursebook" / "site" / "static" / "fonts" / "stix-two-math.woff"
FORMULA = re.compile(r"(?<![\\$])\$\$(.+?)\$\$|(?<![\\$])\$(?!\s)([^$]+?)(?<!\s)\$(?!\d)", re.S)


def texts():
    """Yield the Markdown of every page of the book, without its code."""
    for page in sorted(ROOT.glob("chapters/*.ipynb")):
        for cell in nbformat.read(page, as_version=4).cells:
            if cell.cell_type == "markdown":
                yield page.name, cell.source
    for page in (*ROOT.glob("*.md"), *ROOT.glob("appendices/*.md")):
        yield page.name, page.read_text(encoding="utf-8")


def course_formulas():
    found = []
    for page, text in texts():
        plain = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.S)
        found += [(page, block or line, bool(block)) for block, line in FORMULA.findall(plain)]
    assert len(found) > 300
    return found


def characters(markup):
    markup = re.sub(r"&(ApplyFunction|InvisibleTimes);", "", markup)
    return set("".join(ElementTree.fromstring(markup).itertext()))


@pytest.mark.parametrize(
    ("tex", "part"),
    [
        (r"\tfrac12 h", "<mn>1</mn><mn>2</mn></mfrac><mi>h</mi>"),
        ("x^12", "<msup><mi>x</mi><mn>1</mn></msup><mn>2</mn>"),
        (r"\log p", '<mspace width="0.17em"/><mi>p</mi>'),
        (r"\log(p)", "<mi>log</mi><mo>&ApplyFunction;</mo><mo"),
        (r"\lambda_{\max}", "<msub><mi>λ</mi><mi>max</mi></msub>"),
    ],
)
def test_formulas_mean_what_tex_means(tex, part):
    assert part in formulas.to_mathml(tex, block=False)


def test_bars_open_and_close():
    markup = formulas.to_mathml(r"|a| < \lVert b \rVert", block=False)
    assert re.findall('form="([a-z]+)"', markup) == ["prefix", "postfix"] * 2


def test_an_unknown_command_is_an_error():
    with pytest.raises(MathError):
        formulas.to_mathml(r"\nosuchcommand x", block=False)


def test_every_formula_of_the_course_has_its_characters_in_the_font():
    known = TTFont(FONT).getBestCmap().keys()
    for page, tex, block in course_formulas():
        missing = {c for c in characters(formulas.to_mathml(tex, block)) if ord(c) not in known}
        assert not missing, f"{page}: {missing} of {tex}"


def test_the_font_draws_letters_in_italics_and_large_brackets():
    font = TTFont(FONT)
    known = font.getBestCmap()
    # Browsers write a variable x as the mathematical italic x.
    assert {0x1D465, 0x1D703} <= known.keys()
    assert font["MATH"].table.MathVariants.VertGlyphConstruction
    assert FONT.stat().st_size < 50_000


def test_no_root_is_wider_than_the_small_one():
    # Chromium reserves the widest for each: there was a gap behind every √n.
    font = TTFont(FONT)
    variants = font["MATH"].table.MathVariants
    small = font.getBestCmap()[ord("√")]
    sizes = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(small)]
    names = [record.VariantGlyph for record in sizes.MathGlyphVariantRecord]
    names += [part.glyph for part in sizes.GlyphAssembly.PartRecords]
    assert len(names) > 4
    assert {font["hmtx"][name][0] for name in names} == {font["hmtx"][small][0]}
