"""A notebook that stands alone, as Colab opens it: in an empty folder it fetches the course."""

import json
import subprocess

import pytest

from coursebook import anatomy, standalone

ROOT = anatomy.ROOT
#: One that draws, one that loads the results of a long run, one that trains with Keras.
PAGES = ("chapters/01_gradient_descent", "chapters/06_overfitting", "chapters/01_lab")
HISTORY = subprocess.run(
    ["git", "rev-parse", "--abbrev-ref", "HEAD"], cwd=ROOT, capture_output=True, encoding="utf-8"
)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Return a repository to clone with what is in the working tree, committed or not."""
    if HISTORY.returncode:
        pytest.skip("this course was downloaded without its history, so it cannot be cloned")
    folder = tmp_path_factory.mktemp("remote") / "course"
    tracked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(tracked, cwd=ROOT, capture_output=True, check=True).stdout
    folder.mkdir()
    copy = ["xargs", "-0", "cp", "--parents", "-t", str(folder)]
    present = b"\0".join(n for n in names.split(b"\0") if n and (ROOT / n.decode()).is_file())
    subprocess.run(copy, cwd=ROOT, input=present, check=True)
    person = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q", "-b", "trunk"], ["add", "."], [*person, "commit", "-qm", "All"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_it_runs_in_an_empty_folder(page, course):
    done = standalone.run(ROOT / page, address=course.as_uri(), branch="trunk")
    assert all(cell.execution_count for cell in done.cells if cell.cell_type == "code")


def test_without_an_address_it_says_what_it_needs():
    notebook = standalone.standalone(ROOT / PAGES[0], address="", branch="")
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert "unpack the archive" in first.source
    compile(first.source, "first cell", "exec")


def test_links_lead_to_the_site_where_there_is_one():
    site = "https://alice.github.io/course/"
    page = ROOT / PAGES[1]
    notebook = standalone.standalone(page, address="x", branch="main", site=site)
    text = json.dumps(notebook.cells, ensure_ascii=False)
    assert f"]({site}chapters/06_lab.html)" in text and ".ipynb)" not in text


def test_the_notebooks_of_the_repository_stay_without_the_cell():
    for page in anatomy.pages():
        assert "find_spec" not in page.with_suffix(".ipynb").read_text(encoding="utf-8"), page
