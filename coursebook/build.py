"""Build chapters/NN_name.ipynb from chapters/NN_name.md, or check that they belong together.

    python scripts/build_chapters.py 02_learning_rate   build one chapter (no name: all)
    python scripts/build_chapters.py --check            change nothing; exit 1 on any fault
    python scripts/build_chapters.py --draft NAME       build in spite of complaints

A build executes the page in a fresh kernel in its folder, writes the recorded numbers into the
text, and keeps of the result only what is on the allow-lists below. What guards or records in a
lesson or a lab stays out of the notebook that people open; `whole` puts it back for the check.
"""

import argparse
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from coursebook import anatomy, cell_options, formatting, kernel_environment
from coursebook.numbers import recorded, resolve
from coursebook.palette import with_palette
from coursebook.rules import complaints
from coursebook.stills import with_still
from coursebook.whole import published, whole, with_solutions
from lecture_utils.interactive import MIME_TYPE as CHART

NOTEBOOK_METADATA = ("kernelspec", "language_info", "lecture")
#: Name and language of the kernel, as JupyterLab writes them into a notebook when the kernel has
#: started. If they, or `language_info` with the version of Python, were missing or different, every
#: notebook would count as changed as soon as somebody opens it.
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CELL_METADATA = ("tags", "mystnb", "nbval")
OUTPUT_METADATA = ("scrapbook",)  # without it a recorded value loses its name

#: JupyterLab folds what the page folds or hides
FOLDED = {
    "hide-input": {"source_hidden": True},
    "remove-cell": {"source_hidden": True},
    "hide-cell": {"source_hidden": True, "outputs_hidden": True},
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="chapters, as in 02_learning_rate")
    parser.add_argument("--check", action="store_true", help="change nothing, report faults")
    parser.add_argument("--draft", action="store_true", help="build in spite of complaints")
    parser.add_argument("--root", type=Path, default=anatomy.ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)

    known = {path.name: path for path in anatomy.pages(options.root)}
    faulty = False
    for name in options.names or known:
        page = known.get(name, options.root / "chapters" / name).with_suffix(".md")
        try:
            faults = compare(page) if options.check else build(page, draft=options.draft)
        except nbformat.ValidationError as error:
            faults = [f"the metadata of a cell: {error.message}"]
        print(f"{name}: {'ok' if not faults else ''}", *faults, sep="\n  - " if faults else "")
        faulty |= bool(faults)
    return int(faulty)


def build(page: Path, *, draft: bool = False) -> list[str]:
    """Execute `page` and write its notebook, unless there are faults; return them."""
    if not page.is_file():
        return [f"there is no {page}"]
    kind = anatomy.kind(page.stem)
    _format(page, kind)
    source = jupytext.read(page)
    notebook = with_solutions(source)
    client = NotebookClient(
        notebook,
        timeout=kernel_environment.HANGS_AFTER_SECONDS,
        startup_timeout=kernel_environment.HANGS_AFTER_SECONDS,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(page.parent)}},
    )
    try:
        with kernel_environment.applied():
            client.execute()
    except CellExecutionError as error:
        return [f"a cell failed:\n{error}"]
    try:
        built = normalised(_with_numbers(notebook, recorded(notebook) | _minutes(source)))
    except ValueError as error:
        return [str(error)]
    faults = list(complaints(page, source, built))
    if draft or not faults:
        _write(page.with_suffix(".ipynb"), normalised(published(built, kind)))
    return faults


def compare(page: Path) -> list[str]:
    """Compare the committed notebook with its page, without executing anything."""
    target = page.with_suffix(".ipynb")
    missing = [f"there is no {path.name}" for path in (page, target) if not path.is_file()]
    if missing:
        return missing
    source = jupytext.read(page)
    stored = target.read_text(encoding="utf-8")
    notebook = nbformat.reads(stored, as_version=4)
    faults = []
    text = page.read_text(encoding="utf-8")
    if cell_options.in_one_form(text) != text:
        faults.append("options of cells in another form, as JupyterLab saves them: build it again")
    if "language_info" not in notebook.metadata or _text(normalised(notebook)) != stored:
        faults.append("the notebook is not in normal form: build it again")
    try:
        complete = whole(source, notebook, anatomy.kind(page.stem))
        expected = _with_numbers(with_solutions(source), recorded(complete) | _minutes(source))
        faults.extend(_differences(normalised(expected), normalised(complete)))
    except ValueError as error:
        return [*faults, str(error)]
    faults.extend(complaints(page, source, complete))
    return faults


def normalised(notebook):
    """Return a copy of `notebook` with nothing in it but what is on the allow-lists."""
    cells, count = [], 0
    for cell in notebook.cells:
        metadata = {k: v for k, v in cell.metadata.items() if k in CELL_METADATA}
        folding = {k: v for t in metadata.get("tags", []) for k, v in FOLDED.get(t, {}).items()}
        if folding:
            metadata["jupyter"] = folding
        kept = {"cell_type": cell.cell_type, "metadata": metadata, "source": cell.source}
        if cell.cell_type == "code":
            count += 1
            kept["execution_count"] = count
            kept["outputs"] = [_output(o, count) for o in _joined(cell.get("outputs", []))]
        cells.append(kept)
    metadata = {k: v for k, v in notebook.metadata.items() if k in NOTEBOOK_METADATA}
    metadata["kernelspec"] = KERNEL
    return nbformat.from_dict(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    )


def _joined(outputs):
    """Join neighbouring pieces of one stream: how a stream is cut is a matter of timing."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.output_type == "stream" and last.get("name") == output.get("name"):
            joined[-1] = {**last, "text": last["text"] + output.text}
        else:
            joined.append(dict(output))
    return joined


def _output(output, count: int):
    if "execution_count" in output:
        output = {**output, "execution_count": count}
    if "metadata" in output:
        kept = {k: v for k, v in output["metadata"].items() if k in OUTPUT_METADATA}
        output = {**output, "metadata": kept}
    if "data" in output:
        data = with_still(output["data"], CHART)
        if "image/png" in data:
            data = {**data, "image/png": with_palette(data["image/png"])}
        output = {**output, "data": data}
    return output


def _format(page: Path, kind: str) -> None:
    """Give options and code of a page's cells the form of all others, in place."""
    text = page.read_text(encoding="utf-8")
    formatted = cell_options.in_one_form(text)
    if kind != "chapter":
        formatted = formatting.with_formatted_cells(formatted)
    if formatted != text:
        page.write_text(formatted, encoding="utf-8", newline="\n")


def _minutes(page) -> dict[str, str]:
    """Return what a page may say about its own length, as `recorded` does."""
    reading, exercises = anatomy.minutes(page)
    return {"reading_minutes": str(reading), "exercise_minutes": str(exercises)}


def _with_numbers(notebook, values: dict[str, str]):
    """Write the recorded numbers into text, captions and alternative texts, in place."""
    for number, cell in enumerate(notebook.cells, 1):
        try:
            if cell.cell_type == "markdown":
                cell.source = resolve(cell.source, values)
            if "mystnb" in cell.metadata:
                cell.metadata["mystnb"] = resolve(cell.metadata["mystnb"], values)
        except ValueError as error:
            raise ValueError(f"cell {number}: {error}") from error
    return notebook


def _differences(expected, notebook):
    """Yield where the notebook is not what its page says, outputs aside."""
    stale = "build it again"
    if expected.metadata.get("lecture") != notebook.metadata.get("lecture"):
        yield f"the metadata of page and notebook differ: {stale}"
    if len(expected.cells) != len(notebook.cells):
        yield f"the page has {len(expected.cells)} cells, the notebook {len(notebook.cells)}"
        return
    for number, (new, old) in enumerate(zip(expected.cells, notebook.cells, strict=True), 1):
        for part in ("cell_type", "source", "metadata"):
            if new[part] != old[part]:
                yield f"cell {number}: its {part} differs between page and notebook: {stale}"


def _text(notebook) -> str:
    return nbformat.writes(notebook, ensure_ascii=False) + "\n"


def _write(target: Path, notebook) -> None:
    temporary = target.with_suffix(".ipynb.part")
    temporary.write_text(_text(notebook), encoding="utf-8", newline="\n")
    temporary.replace(target)
