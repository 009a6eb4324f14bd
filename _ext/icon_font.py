"""Cut the theme's icon font, and the rules that name its icons, down to the icons that are used.

Used is every icon whose class is in a page or a script. The theme has 1,400 of them in 150 kB,
which every page would load. Nothing else of its style sheet is touched.
"""

import re
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONT = "vendor/fontawesome/webfonts/fa-{}.{}"
#: `.fa-name:before{content:"\f000"}`, for one name or several that share the icon.
RULE = re.compile(r'((?:\.fa-[\w-]+:+before,?)+)\{content:"(\\[0-9a-f]+ ?|\\?.)"\}')
NAME = re.compile(r"\bfa-[a-z0-9-]+")
SOURCE = re.compile(
    r'src:url\((?P<start>\S*?)fa-(?P<kind>[\w-]+)\.woff2\) format\("woff2"\),'
    r'url\(\S*?\.ttf\) format\("truetype"\)'
)


def used_icons(folder):
    """Return the names of the icons in the pages and in the scripts that they load."""
    files = [*folder.rglob("*.html"), *folder.glob("_static/**/*.js")]
    texts = (file.read_text(encoding="utf-8") for file in files if file.name != "fontawesome.js")
    return {name for text in texts for name in NAME.findall(text)}


def cut_rules(css, used):
    r"""Return the style sheet without the rules of unused icons, and the characters that it draws.

    >>> css, drawn = cut_rules('.fa-a:before{content:"\\f001"}.fa-b:before{content:"\\f002"}b{}',
    ...                        {"fa-b"})
    >>> print(css, sorted(map(hex, drawn)))
    .fa-b:before{content:"\f002"}b{} ['0xf002']
    """

    def keep(match):
        return match[0] if used & set(NAME.findall(match[1])) else ""

    css = RULE.sub(keep, css)
    # The theme draws some by other rules.
    drawn = {int(code, 16) for code in re.findall(r"\\([0-9a-f]{4})\b", css)}
    plain = {ord(char) for _, char in RULE.findall(css) if len(char) == 1}
    return css, drawn | plain


def cut(app, exception):
    """Rewrite style sheet and fonts of the book that was built."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    sheet = static / "styles" / "pydata-sphinx-theme.css"
    css, drawn = cut_rules(sheet.read_text(encoding="utf-8"), used_icons(Path(app.outdir)))
    sheet.write_text(
        SOURCE.sub(r'src:url(\g<start>fa-\g<kind>.woff) format("woff")', css), encoding="utf-8"
    )
    for kind in ("solid-900", "regular-400", "brands-400"):
        font = TTFont(static / FONT.format(kind, "ttf"))
        options = subset.Options(flavor="woff", notdef_outline=True, layout_features=[])
        options.drop_tables += ["FFTM"]
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=drawn)
        cutter.subset(font)
        font.flavor = "woff"
        font.save(static / FONT.format(kind, "woff"))
    # No page asks for them, and the archive of the site would hold them.
    for pattern in ("*.map", "fontawesome.js", "fa-*.ttf", "fa-*.woff2"):
        for file in static.rglob(pattern):
            file.unlink()


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", cut)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
