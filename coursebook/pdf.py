"""The whole book as one PDF, from the built pages.

    python scripts/pdf.py            writes _build/practical-deep-learning.pdf

The pages of the site hold what is in print as well: the numbers of the cells, figures, still
pictures of what moves, formulas. Pandoc turns each into Typst, and Typst sets the book; both come
as wheels (`make pdf` installs them), so nobody needs TeX. The reference of the package stays on
the site.
"""

import argparse
import json
import re
import shutil
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urldefrag

import yaml
from bs4 import BeautifulSoup, Tag

from coursebook import anatomy

ROOT = anatomy.ROOT
HTML = ROOT / "_build" / "html"
TARGET = ROOT / "_build" / "practical-deep-learning.pdf"
TEMPLATE = Path(__file__).resolve().parent / "templates" / "book.typ"
TOOLS = ("pypandoc", "typst")
#: Not on paper: what is clicked, and code that the page folds because it only draws.
SCREEN_ONLY = (
    "script, style, button, nav, noscript, .headerlink, .start-buttons, .copybtn, .vega-chart, "
    ".place, .tag_hide-input details.hide, .tag_exercise .cell_output, .toctree-wrapper, "
    "summary .expanded"
)
#: How what is folded on a page is set: Pandoc hands it on to Typst's block.
FOLD = {"width": "100%", "inset": "(left: 9pt, y: 2pt)", "stroke": "(left: 1pt + luma(180))"}
#: Parts of the contents that paper leaves out.
SITE_ONLY = ("Reference",)
#: Pixels that are as wide as the text on paper: of a figure with many to the inch, of a drawing.
TEXT_WIDTH = {".png": 1100, ".svg": 620}
WORDS = {
    "subtitle": "A course on the choices that decide whether a network learns",
    "contents": "Contents",
    "solutions": "Hints and solutions",
    "licence": "Code under the MIT licence, text and figures under CC BY 4.0.",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; a missing tool or book is said, and no failure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--html", type=Path, default=HTML, help="the built site")
    parser.add_argument("--target", type=Path, default=TARGET)
    options = parser.parse_args(arguments)
    if missing := missing_tools():
        print(f"no PDF: {' and '.join(missing)} missing; `make pdf` installs them")
        return 0
    if not (options.html / "index.html").exists():
        print(f"no PDF: there is no built site in {options.html}; `make book` builds it")
        return 1
    began = time.monotonic()
    pages = write(options.html, options.target)
    size = options.target.stat().st_size / 1e6
    took = time.monotonic() - began
    print(f"{options.target}: {pages} pages, {size:.1f} MB, {took:.0f} s")
    return 0


def missing_tools() -> list[str]:
    """Return what is not installed of what the PDF needs."""
    return [name for name in TOOLS if find_spec(name) is None]


def contents(root: Path = ROOT) -> list[tuple[str, list[str]]]:
    """Return the parts of the book that are printed, each with its pages, in reading order."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))

    def files(entries):
        for entry in entries:
            yield entry["file"]
            yield from files(entry.get("sections", []))

    return [
        (part["caption"], list(files(part["chapters"])))
        for part in toc["parts"]
        if part["caption"] not in SITE_ONLY
    ]


def write(html: Path, target: Path) -> int:
    """Set the book from the site in `html` into `target`; return its number of pages."""
    import typst

    folder = ROOT / "_build" / "pdf"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    parts = contents()
    printed = {page for _, pages in parts for page in pages}
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    words = {**WORDS, "title": config["title"], "author": config["author"], "language": "en"}
    source = [re.sub(r"<<(\w+)>>", lambda name: words[name[1]], TEMPLATE.read_text("utf-8"))]
    for caption, pages in parts:
        source.append(f"#part[{caption}]\n")
        source += [typeset(html, page, printed, folder) for page in pages]
    source.append("#context [#metadata(here().page()) <last-page>]")
    (folder / "book.typ").write_text(with_whole_links("\n".join(source)), encoding="utf-8")
    target.write_bytes(typst.compile(str(folder / "book.typ"), root=str(folder)))
    counted = typst.query(
        str(folder / "book.typ"), "<last-page>", field="value", one=True, root=str(folder)
    )
    return int(json.loads(counted))


def typeset(html: Path, page: str, printed: set[str], folder: Path) -> str:
    """Return one page of the site as Typst; its pictures are copied into `folder`."""
    import pypandoc

    soup = BeautifulSoup((html / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
    article = soup.select_one("article.bd-article")
    prepare(article, page, printed)
    for image in article.find_all("img"):
        file = (html / page).parent / image["src"]
        name = f"{page.replace('/', '-')}-{file.name}"
        shutil.copyfile(file, folder / name)
        image["src"] = name
    how = ["--wrap=none", "--shift-heading-level-by=1"]  # above a chapter there is its part
    text = pypandoc.convert_text(
        str(article), "typst", format="html-auto_identifiers", extra_args=how
    )
    top = f"#metadata(none) <{anchor(page, 'top')}>\n"
    heading, line, rest = text.partition("\n")
    return f"{heading}{line}{rest}".replace("\n\n", f"\n\n{top}", 1)


def with_whole_links(text: str) -> str:
    """Return the book with the text alone where a link leads to what has no label.

    >>> with_whole_links("= A <a> #link(<a>)[see] #link(<b>)[that]")
    '= A <a> #link(<a>)[see] #[that]'
    """
    labels = set(re.findall(r"(?<!\()<([\w.-]+)>", text))

    def keep(link):
        return link[0] if link[1] in labels else "#"

    return re.sub(r"#link\(<([\w.-]+)>\)", keep, text)


def prepare(article: Tag, page: str, printed: set[str]) -> None:
    """Make of a page's article what paper can show."""
    for node in article.select(SCREEN_ONLY):
        node.decompose()
    gather_solutions(article)
    for fold in article.find_all("details"):
        name = fold.find("summary")
        name.name = "p"
        name.string = name.get_text()
        name.contents[0].wrap(Tag(name="strong"))
        fold.name, fold.attrs = "div", {f"data-typst:{name}": value for name, value in FOLD.items()}
    for bar in article.select("mover > mo"):  # Pandoc takes this bar for an exponent
        if bar.get_text() == "\u02c9":
            bar.string = "\u0304"
    for formula in article.select("div.math"):  # a block of its own would not be centred
        formula.unwrap()
    for code in article.find_all("pre"):
        printed_by_cell = code.find_parent(class_="cell_output") is not None
        code.string = code.get_text().rstrip("\n")
        code.attrs = {"class": "output" if printed_by_cell else "python"}
        for around in code.find_parents(class_=re.compile("^highlight")):
            around.unwrap()
    for terms in article.find_all("dl"):
        name_terms(terms)
    for node in article.find_all(id=True):
        node["id"] = anchor(page, node["id"])
    for link in article.find_all("a", href=True):
        lead(link, page, printed)
    for image in article.find_all("img"):
        source = image["src"].partition("?")[0]
        whole = TEXT_WIDTH.get(Path(source).suffix, 620)
        share = min(1, float(image.get("width", whole)) / whole)
        image.attrs = {"src": source, "alt": image.get("alt", ""), "width": f"{share:.0%}"}


def name_terms(definitions: Tag) -> None:
    """Make paragraphs of a list of terms: one with two names would be two lines of Typst."""
    names = []
    for node in definitions.find_all(["dt", "dd"], recursive=False):
        if node.name == "dt":
            names.append(node.extract())
            continue
        label = Tag(name="p")
        for number, name in enumerate(names):
            text = Tag(name="strong")
            text.string = name.get_text().strip()
            # A label belongs to what stands before it, so the name stands within.
            place = Tag(name="span", attrs={"id": name["id"]} if name.get("id") else {})
            place.append(text)
            label.extend([" · " if number else "", place])
        node.insert_before(label)
        node.name, names = "div", []
    definitions.name = "div"


def gather_solutions(article: Tag) -> None:
    """Put what is said to an exercise at the end of the page, under the exercise's name."""
    folds = [
        fold
        for fold in article.find_all("details")
        if (section := fold.find_parent("section")) is not None
        and (
            section.select_one(":scope > .tag_exercise") or fold.find_parent(class_="quiz-question")
        )
    ]
    if not folds:
        return
    end = article.find("section")
    heading = Tag(name="h2")
    heading.string = WORDS["solutions"]
    end.append(heading)
    for fold in folds:
        summary = fold.find("summary")
        summary.string = f"{question(fold)} {summary.get_text()}".strip()
        end.append(fold.extract())


def hides_answer(fold: Tag) -> bool:
    """Return whether a fold belongs to an exercise or to a question of the quiz."""
    section = fold.find_parent("section")
    asked = section is not None and section.select_one(":scope > .tag_exercise")
    return bool(asked or fold.find_parent(class_="quiz-question"))


def question(fold: Tag) -> str:
    """Return the bold number before a fold, "" if there is none."""
    around = fold.find_parent(class_="quiz-question")
    if around is not None:
        return around.find("strong").get_text()
    for node in fold.find_previous_siblings("p"):
        bold = node.find("strong")
        if bold is not None and re.match(r"\d", bold.get_text()):
            return bold.get_text()
    return ""


def anchor(page: str, name: str) -> str:
    """Return the label of a place in the book: names repeat from page to page.

    >>> anchor("chapters/02_lab", "the-run")
    'chapters-02_lab--the-run'
    """
    return f"{page.replace('/', '-')}--{re.sub(r'[^A-Za-z0-9_.-]', '-', name)}"


def lead(link: Tag, page: str, printed: set[str]) -> None:
    """Make a link between pages one inside the book; what is not printed is no link."""
    address, place = urldefrag(link["href"])
    if re.match(r"[a-z]+:", address):
        return
    path = (Path("/", page).parent / address).as_posix() if address else f"/{page}.html"
    parts = []
    for part in path.strip("/").split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    target = "/".join(parts).removesuffix(".html")
    if target not in printed:
        link.unwrap()
        return
    link.attrs = {"href": f"#{anchor(target, place)}" if place else f"#{anchor(target, 'top')}"}


if __name__ == "__main__":
    sys.exit(main())
