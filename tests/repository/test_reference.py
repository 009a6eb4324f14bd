"""The reference names every public module of the package, once."""

import re
from pathlib import Path

import lecture_utils
from lecture_utils import explorables

PACKAGE = Path(lecture_utils.__file__).parent
PAGES = PACKAGE.parent / "reference"


def test_every_module_is_on_one_page():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES.glob("*.md"))
    documented = re.findall(r"^\.\. automodule:: (\S+)$", text, re.M)
    files = [*PACKAGE.glob("[a-z]*.py"), *PACKAGE.glob("studies/[a-z]*.py")]
    modules = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in files]
    datasets = ["lecture_utils.datasets", "lecture_utils.datasets.pretrained"]
    live = [f"lecture_utils.explorables.{name}" for name in explorables.NAMES]
    assert sorted(documented) == sorted([*modules, *datasets, "lecture_utils.explorables", *live])


def test_every_page_is_linked_from_the_first():
    first = (PAGES / "lecture_utils.md").read_text(encoding="utf-8")
    others = {page.name for page in PAGES.glob("*.md")} - {"lecture_utils.md"}
    assert set(re.findall(r"\]\((\w+\.md)\)", first)) == others
