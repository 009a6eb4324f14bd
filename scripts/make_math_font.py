"""Cut the font of the formulas down to the characters that a course like this uses.

    python scripts/make_math_font.py STIXTwoMath-Regular.ttf

Writes coursebook/site/static/fonts/stix-two-math.woff, a twentieth of the font, with the parts
from which browsers build large roots and brackets. A character that is missing is found by
tests/coursebook/site/test_formulas.py.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parent.parent / "coursebook/site/static/fonts/stix-two-math.woff"

RANGES = [
    (0x20, 0x7E),  # what keyboards have
    (0x391, 0x3A9),  # Greek capitals
    (0x3B1, 0x3C9),  # Greek
    (0x1D434, 0x1D467),  # Latin in italics, which browsers use for letters
    (0x1D6E2, 0x1D71B),  # Greek in italics
]
SIGNS = (
    "\u00a0±·×÷¬ıȷϑϕϖϱϵℎ𝚤𝚥ℂℕℚℝℤℙ𝔼𝕀𝟙"
    "ˆˉ˜˙¯ʹ\u0302\u0303\u0304\u0307\u20d7‖′″…⋯⋮⋱\u2061\u2062\u2063\u2064"
    "←↑→↓↔↦⇐⇒⇔∀∂∃∅∆∇∈∉∏∑−∓∖∗∘√∝∞∣∥∧∨∩∪∫∼≃≈≠≡≤≥≪≫⊂⊃⊆⊇⊕⊗⊙⊤⊥⋅⌈⌉⌊⌋⟨⟩⏞⏟⩽⩾"
)


def narrow_roots(font: TTFont) -> None:
    """Make the tall root signs as narrow as the small one.

    Chromium reserves the width of the widest one for every root, which leaves a gap behind √n.
    """
    variants = font["MATH"].table.MathVariants
    small = font.getBestCmap()[ord("√")]
    sizes = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(small)]
    width = font["hmtx"][small][0]
    taller = {record.VariantGlyph for record in sizes.MathGlyphVariantRecord}
    taller |= {part.glyph for part in sizes.GlyphAssembly.PartRecords}
    glyphs = font.getGlyphSet()
    for name in sorted(taller - {small}):
        scale = width / font["hmtx"][name][0]
        pen = TTGlyphPen(None)
        glyphs[name].draw(TransformPen(pen, (scale, 0, 0, 1, 0, 0)))
        font["glyf"][name] = pen.glyph()
        font["glyf"][name].recalcBounds(font["glyf"])
        font["hmtx"][name] = (width, font["glyf"][name].xMin)


def main() -> None:
    """Read the font that is named, write the part."""
    options = subset.Options(flavor="woff", layout_features=[], hinting=False, desubroutinize=True)
    font = subset.load_font(sys.argv[1], options)
    cutter = subset.Subsetter(options)
    ranges = [code for first, last in RANGES for code in range(first, last + 1)]
    cutter.populate(unicodes=[*ranges, *map(ord, SIGNS)])
    cutter.subset(font)
    narrow_roots(font)
    subset.save_font(font, str(TARGET), options)
    print(f"{TARGET}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
