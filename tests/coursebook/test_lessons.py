"""Lessons: what stays out of their notebook, their exercises and quiz, their rules."""

import re
import shutil
from pathlib import Path

import jupytext
import nbformat
import pytest
from minimal_page import EXERCISE, NAME, cell, fold, page, write

from coursebook import anatomy, build, formatting, rules, statistics, whole


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """Return the page of a lesson without faults, built once."""
    path = write(tmp_path_factory.mktemp("course"), page())
    assert build.build(path) == []
    return path


def published(lesson):
    return nbformat.read(lesson.with_suffix(".ipynb"), as_version=4)


def test_the_notebook_shows_no_cell_that_guards_or_records(lesson):
    notebook = published(lesson)
    code = [c for c in notebook.cells if c.cell_type == "code"]
    assert not [c for c in code if "record" in c.source or "rehearse" in c.source]
    assert [c.execution_count for c in code] == [1, 2, 3]
    assert "The number is 1.50." in anatomy.markdown(notebook)
    assert build.compare(lesson) == []


def test_the_notebook_says_which_python_ran_it_so_that_it_opens_unchanged(lesson):
    metadata = published(lesson).metadata
    assert metadata.kernelspec.display_name == "Python 3 (ipykernel)"
    assert metadata.language_info.version


def test_the_check_runs_guards_and_solutions(lesson):
    complete = whole.read(lesson.with_suffix(".ipynb"))
    code = [c for c in complete.cells if c.cell_type == "code"]
    assert "record(x=1.5)" in code[1].source and code[1].outputs
    assert code[-1].outputs[0].text == "Correct.\n"


def test_canary_a_changed_recorded_number(lesson, tmp_path):
    spoilt = write(tmp_path, page())
    notebook = published(lesson)
    notebook.metadata.lecture.guards[0][0].data["application/papermill.record/text/plain"] = "2.5"
    nbformat.write(notebook, spoilt.with_suffix(".ipynb"))
    assert any("differs between page and notebook" in fault for fault in build.compare(spoilt))


def test_canary_a_page_with_another_guard(lesson, tmp_path):
    spoilt = write(tmp_path, page(extra=cell("assert True", "remove-cell")))
    nbformat.write(published(lesson), spoilt.with_suffix(".ipynb"))
    assert any("have different cells" in fault for fault in build.compare(spoilt))


def built(tmp_path, change):
    changed = change(page())
    assert changed != page()
    return build.build(write(tmp_path, changed))


def test_canary_a_solution_that_is_wrong(tmp_path):
    faults = built(tmp_path, lambda p: p.replace("answer = 2", "answer = 1"))
    assert any("a solution prints 'Correct.' alone" in fault for fault in faults)


def test_canary_a_wrong_answer_that_is_right(tmp_path, monkeypatch):
    monkeypatch.setattr("minimal_page.ANSWERS", page.__globals__["ANSWERS"].replace("1,", "2,"))
    (fault,) = build.build(write(tmp_path, page()))
    assert "exercise 90.1: the wrong answer 2 gets 'Correct.'" in fault


GUARD = cell("hidden = 1", "remove-cell")
PAGES = {
    "begin with '90 '": lambda p: p.replace("# 90 Spoil", "# Spoil"),
    "'## Next' is missing": lambda p: p.replace("## Next", "## After"),
    "'**After this lesson**' is missing": lambda p: p.replace("**After", "*After"),
    "exercise_minutes:.0f`' is missing": lambda p: p.replace("{glue:text}`exercise_minutes", "5`"),
    "'0.87' is typed into the prose": lambda p: p.replace("## Summary", "## Summary\n\nIs 0.87."),
    "two sentences on one line": lambda p: p.replace("## Summary", "## Summary\n\nOne. Two."),
    "uses 'hidden', which only": lambda p: p.replace(
        "## Next", f"{GUARD}\n{cell('hidden')}\n## Next"
    ),
    "records a number, which shows": lambda p: p.replace(":tags: [remove-cell]\n\n", ""),
    "is not formatted": lambda p: p.replace("print(3)", "print( 3 )"),
    "a line of more than 72": lambda p: p.replace("print(3)", f'print("{"x" * 80}")'),
    "no cell is tagged": lambda p: p.replace(":tags: [exercise]\n\n", ""),
    "no exercise '90.2'": lambda p: p.replace("90.1", "90.2"),
    "need one folded solution": lambda p: p.replace("<summary>Solution", "<summary>Result"),
    "0 folded hints": lambda p: p.replace("<summary>Hint 1", "<summary>Aside"),
    "feedback for a": lambda p: p.replace("- (b) No", "- (c) No"),
    "one feedback that begins with": lambda p: p.replace("**Right.** ", ""),
    "needs options": lambda p: p.replace("- (b) That.\n", "").replace("- (b) No", "  No"),
}


@pytest.mark.parametrize("complaint", PAGES)
def test_pages_that_are_refused(complaint, lesson):
    changed = PAGES[complaint](page())
    assert changed != page()
    spoilt = jupytext.reads(changed, fmt="md:myst")
    for part in spoilt.cells:
        part.setdefault("outputs", [])
    assert any(complaint in found for found in rules.complaints(lesson, spoilt, spoilt))


def test_a_fold_needs_empty_lines(lesson):
    spoilt = jupytext.reads(page().replace(fold("Hint 1", "Count."),
        "<details><summary>Hint 1</summary>Count.</details>\n"), fmt="md:myst")  # fmt: skip
    assert any("its Markdown raw" in found for found in rules._folds(spoilt))


def test_scene_and_folds_may_hold_typed_numbers():
    text = page().replace("Count.", "It is 0.5 and 2.5 together. Then add them.")
    assert list(rules._prose("lesson", jupytext.reads(text, fmt="md:myst"))) == []


def test_the_build_formats_the_code_of_a_page(tmp_path):
    path = write(tmp_path, page().replace("print(3)", "print( 3 )"))
    assert build.build(path) == []
    assert path.read_text(encoding="utf-8") == page()
    assert formatting.with_formatted_cells(page()) == page()


def test_quiz_and_minutes_are_read_from_the_page():
    read = jupytext.reads(page(), fmt="md:myst")
    (question,) = anatomy.quiz(read)
    assert question.options == {"a": "This.", "b": "That."}
    assert question.feedback["a"] == "**Right.** It is this."
    longer = page(extra=650 * "word " + "\n")
    assert anatomy.minutes(read) == (5, 5)
    assert anatomy.minutes(jupytext.reads(longer, fmt="md:myst")) == (10, 5)
    assert EXERCISE.format("...") not in anatomy.solutions(read)[0]


def test_the_contents_give_the_order_of_pages(tmp_path):
    chapters = tmp_path / "chapters"
    chapters.mkdir()
    for name in ("07_lab", "07_noise", "07_regularization", "08_new", NAME):
        Path(chapters, f"{name}.md").write_text("", encoding="utf-8")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nparts:\n- caption: One\n  chapters:\n"
        "  - file: chapters/07_regularization\n  - file: chapters/07_noise\n    sections:\n"
        "    - file: chapters/07_lab\n",
        encoding="utf-8",
    )
    names = [path.name for path in anatomy.pages(tmp_path)]
    assert names == ["07_regularization", "07_noise", "07_lab", "08_new", NAME]


@pytest.mark.parametrize("kind", ["lesson", "lab"])
def test_a_template_builds(kind, tmp_path):
    source = Path(build.__file__).parent / "templates"
    page = tmp_path / ("90_lab.md" if kind == "lab" else "90_new.md")
    shutil.copy(source / f"{kind}.md", page)
    shutil.copy(source / f"{kind}.answers.yml", page.with_suffix(".answers.yml"))
    assert build.build(page) == []


def test_a_page_is_described_beside_its_peers(capsys, tmp_path):
    path = write(tmp_path, page(extra="One word. " * 200))
    assert statistics.main([str(path)]) == 0
    rows = dict(re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in
                capsys.readouterr().out.splitlines()[:-1])  # fmt: skip
    assert rows["words a sentence"] == "2"
    assert rows["visible lines"].split() == ["5", "95"]
    assert rows["exercises"] == "1"
