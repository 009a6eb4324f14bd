"""An edition of the book in another language: the same code, outputs, numbers and links."""

import re
from collections import Counter

import jupytext
import nbformat
import pytest
import yaml

from coursebook import anatomy, standalone
from coursebook.site import editions
from coursebook.translation import anchors, checks, languages, messages
from coursebook.translation.edition import Edition, with_notice, with_text
from coursebook.translation.state import Translation

ROOT = anatomy.ROOT
LINK = re.compile(r"\]\(([^)#\s]+)?(#[^)\s]*)?\)")


@pytest.fixture(scope="module")
def korean(tmp_path_factory):
    """Return the folder of the Korean edition as it is published."""
    folder = tmp_path_factory.mktemp("edition") / "ko"
    left = Edition(Translation("ko")).write(folder)
    assert set(left.values()) == {0}
    return folder


def published():
    return Translation("ko").published()


def notebooks():
    return [name for name in published() if (ROOT / f"{name}.ipynb").exists()]


def texts(name, folder):
    """Return the Markdown of a page in English and in the edition."""
    file = f"{name}.md"
    if (folder / f"{name}.ipynb").exists():
        found = (nbformat.read(at / f"{name}.ipynb", as_version=4) for at in (ROOT, folder))
        return [anatomy.markdown(notebook) for notebook in found]
    return [(at / file).read_text(encoding="utf-8") for at in (ROOT, folder)]


@pytest.mark.parametrize("name", notebooks())
def test_code_outputs_and_counts_are_those_of_the_english_notebook(korean, name):
    english, other = (nbformat.read(at / f"{name}.ipynb", as_version=4) for at in (ROOT, korean))
    for one, two in zip(english.cells, other.cells, strict=True):
        assert one.cell_type == two.cell_type
        if one.cell_type == "code":
            for part in ("source", "outputs", "execution_count"):
                assert one[part] == two[part]
            assert {**one.metadata, "mystnb": 0} == {**two.metadata, "mystnb": 0}
    assert english.metadata.lecture.get("guards") == other.metadata.lecture.get("guards")


@pytest.mark.parametrize("name", published())
def test_numbers_formulas_and_links_are_those_of_the_english_page(korean, name):
    english, other = texts(name, korean)
    english, other = (re.sub(r"^(```|:::).*$", "", text, flags=re.M) for text in (english, other))
    for what in ("formula", "code"):
        pattern = checks.KEPT[what]
        assert {m[0] for m in pattern.finditer(english)} == {m[0] for m in pattern.finditer(other)}
    pages = [
        Counter(link[0].removeprefix("../") for link in LINK.findall(text))
        for text in (english, other)
    ]
    assert pages[0] == pages[1]
    decimals = [set(re.findall(r"\d+\.\d+", text)) for text in (english, other)]
    assert decimals[0] <= decimals[1]
    assert "{glue:" not in other


def test_every_link_of_the_edition_leads_to_a_file(korean):
    for file in [*korean.rglob("*.ipynb"), *korean.rglob("*.md")]:
        text = file.read_text(encoding="utf-8")
        for path, _ in LINK.findall(text):
            if path and not re.match(r"\w+:", path):
                inside = (file.parent / path).resolve()
                outside = ROOT / "ko" / file.relative_to(korean).parent / path
                assert inside.exists() or outside.resolve().exists(), (file, path)


def test_what_is_not_published_leads_to_the_english_page(korean):
    stub = nbformat.read(korean / "chapters/02_lab.ipynb", as_version=4)
    assert "](../../chapters/02_lab.ipynb)" in stub.cells[0].source
    assert "(영어)" in stub.cells[0].source.split("\n")[0]
    facts = editions.facts(korean)
    assert facts["language"] == "ko" and "chapters/02_lab" in facts["stubs"]
    assert not set(facts["published"]) & set(facts["stubs"])


def test_title_and_contents_of_the_edition_are_translated(korean):
    config = yaml.safe_load((korean / "_config.yml").read_text(encoding="utf-8"))
    assert config["title"] == "측정으로 배우는 실전 딥러닝"
    assert config["sphinx"]["config"]["language"] == "ko"
    contents = (korean / "_toc.yml").read_text(encoding="utf-8")
    assert "caption: 학습률" in contents and "file: chapters/01_lab" in contents


class Unchanged(Translation):
    """A translation in which every text is the English one."""

    def sure(self, name):
        return {message.key: message.text for message in self.messages.get(name, ())} | {
            message.key: message.text for message in self.messages["common"]
        }


@pytest.fixture(scope="module")
def unchanged():
    translation = Unchanged("ko")
    return Edition(translation, translation.messages.keys() & messages.pages().keys())


@pytest.mark.parametrize("name", messages.pages())
def test_a_page_translated_into_itself_is_the_english_page(unchanged, name):
    made = unchanged.page(name)
    assert not made.untranslated
    notebook = ROOT / f"{name}.ipynb"
    if not notebook.exists():
        assert "{glue:" not in made.content
        return
    english = nbformat.read(notebook, as_version=4)
    joiner = languages.rules("ko").WORD_JOINER
    for one, two in zip(english.cells, made.content.cells, strict=True):
        assert one.source == two.source.replace(joiner, "")
        assert one.get("outputs") == two.get("outputs")


def page(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def test_a_notebook_takes_text_captions_and_nothing_else():
    twin = page(
        nbformat.v4.new_markdown_cell("It is 0.25."),
        nbformat.v4.new_code_cell(
            "1 / 4  # a quarter", metadata={"mystnb": {"image": {"alt": "A."}}}
        ),
    )
    source = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {name: python3, display_name: Python 3}
---

{glue:text}`x:.2f`입니다.

```{code-cell} ipython3
---
mystnb:
  image: {alt: "가."}
---
something else
```
"""
    made = with_text(twin, jupytext.reads(source, fmt="md:myst"), {"x": "0.25"}, "lesson")
    assert made.cells[0].source == "0.25입니다."
    assert made.cells[1].source == "1 / 4  # a quarter"
    assert made.cells[1].metadata.mystnb.image.alt == "가."


def test_a_page_that_does_not_belong_to_its_notebook_is_refused():
    twin = page(nbformat.v4.new_markdown_cell("a"), nbformat.v4.new_code_cell("1"))
    with pytest.raises(ValueError, match="build the notebook again"):
        with_text(twin, page(nbformat.v4.new_markdown_cell("가")), {}, "lesson")


def test_a_page_says_how_much_of_it_is_in_english():
    assert with_notice("# Title\n\nText", "> two texts") == "# Title\n\n> two texts\n\nText"
    assert with_notice("# Title", "") == "# Title"


def test_a_stale_text_is_shown_in_english_and_counted(monkeypatch):
    translation = Translation("ko")
    entry = next(e for e in translation.catalogues["first_network"] if e.msgid == "A line")
    entry.flags.append("fuzzy")
    made = Edition(translation).page("first_network")
    assert made.untranslated == 1 and "## A line" in made.text()
    assert "1개" in made.content.cells[0].source
    complaints = list(translation.complaints())
    assert complaints == ["first_network is published, but not translated: 'A line'"]


def test_links_hold_in_the_folder_of_the_edition():
    edition = Edition(Translation("ko"))
    slugs = {"chapters/01_lab": {"the-run": "실행"}, "chapters/02_lab": {"a": "가"}}
    for link, expected in {
        "[x](01_lab.ipynb#the-run)": "[x](01_lab.ipynb#실행)",
        "[x](#a)": "[x](#가)",
        "[x](../experiments/README.md)": "[x](../../experiments/README.md)",
        "[x](../appendices/claims.md#c07)": "[x](../appendices/claims.md#c07)",
        "[x](https://a.example/b#c)": "[x](https://a.example/b#c)",
    }.items():
        assert edition.linked(link, "chapters/02_lab", slugs) == expected
    archive = '<a href="practical-deep-learning-site.zip">'
    assert edition.linked(archive, "index", {}) == '<a href="../practical-deep-learning-site.zip">'


def test_anchors_are_those_of_the_site_and_of_markdown():
    text = "# 01 Walk *downhill*\n\n```\n# a comment\n```\n\n#### Deep: `x`\n"
    assert anchors.ids(text) == ["walk-downhill", "deep-x"]
    assert anchors.slugs(text) == ["01-walk-downhill"]


@pytest.mark.parametrize(
    ("name", "here", "there", "address"),
    [
        ("index", "en", "ko", "ko/index.html"),
        ("index", "ko", "en", "../index.html"),
        ("chapters/02_lab", "en", "ko", "../ko/chapters/02_lab.html"),
        ("chapters/02_lab", "ko", "en", "../../chapters/02_lab.html"),
    ],
)
def test_the_switch_leads_to_the_same_page(name, here, there, address):
    assert editions.relative(name, here, there) == address


def test_a_notebook_that_stands_alone_names_its_language():
    cell = standalone.first_cell("https://github.com/alice/course", "main", "ko")
    compile(cell.source, "first cell", "exec")
    assert 'os.environ["LECTURE_LANGUAGE"] = "ko"' in cell.source
    assert "LECTURE_LANGUAGE" not in standalone.first_cell("", "main").source
