"""Prove what Binder does: build its environment, start JupyterLab in it, run chapters there.

    python scripts/binder_trial.py                        everything, in a folder of its own
    python scripts/binder_trial.py --environment FOLDER   with an environment that is there
    python scripts/binder_trial.py 01_gradient_descent    chapters of your choice

The steps are those of the Dockerfile that `jupyter-repo2docker --no-build --debug .` prints,
on a fresh clone of the last commit. The chapters run through the server, as in a browser: a
session, a kernel, a message a cell. Then a browser opens them: pictures, charts whose sliders
move, answers that unfold, *Restart Kernel and Run All Cells*, the stored state brought back.
Exits 1 if a cell fails, something is not shown, or server and kernel together had more than
Binder grants.
"""

import argparse
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import uuid
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import nbformat
import psutil
import requests
import websocket
from playwright.sync_api import Locator, Page, TimeoutError, sync_playwright

from coursebook.kernel_environment import HANGS_AFTER_SECONDS
from coursebook.memory import BINDER_MEBIBYTES, peak_mebibytes

ROOT = Path(__file__).resolve().parent.parent
#: Three that fit; CONTRIBUTING.md names chapters that do not.
CHAPTERS = ["01_gradient_descent", "08_lab", "10_lab"]
#: What repo2docker's image (2026.4, Python 3.11) has before it reads a repository; the same pip
#: then installs our lock over it.
BASE = [
    "ipywidgets==8.1.7",
    "jupyter-offlinenotebook==0.3.2",
    "jupyter-resource-usage==1.2.0",
    "jupyter-server==2.17.0",
    "jupyterhub==5.4.0",
    "jupyterlab==4.4.9",
    "notebook==7.4.7",
]
CHROMIUM = "/usr/bin/chromium"
VIEW = {"width": 1280, "height": 900}


class Server:
    """A Jupyter server of the environment, asked through its API."""

    def __init__(self, process: subprocess.Popen, port: int, token: str):
        self.process, self.token = process, token
        self.url = f"http://127.0.0.1:{port}"
        self.headers = {"Authorization": f"token {token}"}

    def ask(self, method: str, where: str, **body) -> requests.Response:
        """Send a request to the API; raise if it is refused."""
        answer = requests.request(
            method, f"{self.url}/api/{where}", headers=self.headers, json=body or None, timeout=60
        )
        answer.raise_for_status()
        return answer

    def peak_mebibytes(self) -> int:
        """Return the largest memory that server and kernels have had, in MiB."""
        processes = [self.process.pid]
        processes += [p.pid for p in psutil.Process(self.process.pid).children(recursive=True)]
        return sum(peak_mebibytes(pid) or 0 for pid in processes)

    def run(self, chapter: str) -> tuple[int, list[str]]:
        """Run a chapter's cells in a new kernel; return their number and what went wrong."""
        path = f"chapters/{chapter}.ipynb"
        stored = self.ask("GET", f"contents/{quote(path)}").json()["content"]
        session = self.ask(
            "POST", "sessions", path=path, name=path, type="notebook", kernel={"name": "python3"}
        ).json()
        address = f"ws{self.url[4:]}/api/kernels/{session['kernel']['id']}/channels"
        channel = websocket.create_connection(
            address, header=self.headers, timeout=HANGS_AFTER_SECONDS
        )
        try:
            cells = [cell for cell in stored["cells"] if cell["cell_type"] == "code"]
            return len(cells), [error for cell in cells for error in _run(channel, cell["source"])]
        finally:
            channel.close()

    def stop_kernels(self) -> None:
        """End every session, as a reader does with 'Shut Down All'."""
        for session in self.ask("GET", "sessions").json():
            self.ask("DELETE", f"sessions/{session['id']}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("chapters", nargs="*", default=CHAPTERS)
    parser.add_argument("--environment", type=Path, help="use it, build none")
    parser.add_argument("--pictures", type=Path, help="put what the browser shows there")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "course")
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        environment = options.environment or Path(folder, "environment")
        if options.environment is None:
            build(environment, clone)
        faults = []
        for chapter in options.chapters:
            with served(environment, clone) as server:
                begin = time.perf_counter()
                cells, errors = server.run(chapter)
                seconds, peak = time.perf_counter() - begin, server.peak_mebibytes()
            print(
                f"{chapter:24}{cells:4} cells{seconds:7.1f} s{peak:7} MiB, server and kernel",
                flush=True,
            )
            faults += [f"{chapter}: {error}" for error in errors]
            if peak > BINDER_MEBIBYTES:
                faults.append(f"{chapter}: {peak} MiB are more than {BINDER_MEBIBYTES}")
        with served(environment, clone) as server:
            faults += look(server, options.chapters, clone, options.pictures)
    print(*faults or ["Binder's reader finds everything."], sep="\n")
    return int(bool(faults))


def build(environment: Path, clone: Path) -> None:
    """Make the environment by the commands of repo2docker's Dockerfile, in their order."""
    wanted = (clone / "runtime.txt").read_text(encoding="utf-8").strip()
    version = f"python-{sys.version_info.major}.{sys.version_info.minor}"
    if wanted != version:
        raise SystemExit(f"runtime.txt names {wanted}: run this script with it, not with {version}")
    venv.create(environment, with_pip=True)
    pip = [environment / "bin" / "pip", "install", "--quiet", "--no-cache-dir"]
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    commands = (
        [*pip, *BASE],
        [*pip, "-r", "requirements.txt"],
        [*pip, "."],
        ["./postBuild"],
        [pip[0], "check"],
    )
    for command in commands:
        begin = time.perf_counter()
        subprocess.run(command, cwd=clone, check=True, env={**os.environ, "PATH": path})
        print(f"{time.perf_counter() - begin:7.0f} s  {' '.join(map(str, command[-2:]))}")
    size = sum(file.lstat().st_blocks * 512 for file in environment.rglob("*"))
    print(f"{size / 1e9:7.2f} GB environment")


@contextmanager
def served(environment: Path, clone: Path) -> Iterator[Server]:
    """Start the server of `environment` in `clone`, on the loopback address, with a token."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex()
    # What the Dockerfile starts; JupyterLab is a page of this server.
    command = [environment / "bin" / "jupyter", "notebook", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--no-browser", "--allow-root", "--ServerApp.port_retries=0"]
    variables = {**os.environ, "JUPYTER_TOKEN": token}
    # The clone's package, not the one of whoever runs this; no settings of the user.
    variables.pop("PYTHONPATH", None)
    variables |= {"JUPYTER_CONFIG_DIR": str(clone.parent / "settings")}
    variables["PATH"] = f"{environment / 'bin'}{os.pathsep}{variables['PATH']}"
    with (clone.parent / "server.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=clone, env=variables, stdout=log, stderr=log)
    server = Server(process, port, token)
    try:
        _wait(server, clone.parent / "server.log")
        yield server
        server.stop_kernels()
    finally:
        process.terminate()
        process.wait(30)


def look(server: Server, chapters: list[str], clone: Path, pictures: Path | None) -> list[str]:
    """Open the chapters in a browser; return what is not as a reader expects it."""
    faults = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport=VIEW)
        for number, chapter in enumerate(chapters):
            stored = nbformat.read(clone / "chapters" / f"{chapter}.ipynb", as_version=4)
            page.goto(f"{server.url}/lab/tree/chapters/{chapter}.ipynb?token={server.token}&reset")
            page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
            seen = _scroll_through(page)
            print(f"{chapter:24}shown: " + ", ".join(f"{seen[k]} {k}" for k in seen), flush=True)
            for kind, wanted in _stored(stored).items():
                if seen[kind] != wanted:
                    faults.append(f"{chapter}: {seen[kind]} {kind} are shown of {wanted}")
            if pictures:
                pictures.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=pictures / f"{chapter}.png")
            if number == 0:
                faults += [f"{chapter}: {fault}" for fault in _use(page)]
                faults += _run_all(page, server, chapter)
                faults += _reset(page, server, chapter, clone)
        browser.close()
    return faults


def _stored(notebook) -> dict[str, int]:
    """Count what a reader must see of a notebook as it is committed."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    # What JupyterLab folds away with a solution is not drawn before it is unfolded.
    folded = [
        output
        for cell in notebook.cells
        if cell.metadata.get("jupyter", {}).get("outputs_hidden")
        for output in cell.get("outputs", [])
    ]
    shown = [set(output.get("data", {})) for output in outputs if output not in folded]
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return {
        "pictures": sum("image/png" in kinds for kinds in shown),
        "charts": sum(any("vegalite" in kind for kind in kinds) for kinds in shown),
        "folded answers": text.count("<details>"),
        "raw roles": 0,
    }


def _scroll_through(page: Page) -> dict[str, int]:
    """Count what is shown, going through the notebook: JupyterLab draws what is near."""
    seen = {"pictures": set(), "charts": set(), "folded answers": set(), "raw roles": set()}
    outer = page.locator(".jp-Notebook .jp-WindowedPanel-outer").first
    page.wait_for_timeout(3000)
    at_the_end = 0
    while at_the_end < 5:
        page.wait_for_timeout(200)
        found = outer.evaluate(LOOK)
        for kind in seen:
            seen[kind].update(map(tuple, found[kind]))
        # Heights change while cells are drawn: the end counts when it stays the end.
        at_the_end = at_the_end + 1 if outer.evaluate(SCROLL) else 0
    return {kind: len(places) for kind, places in seen.items()}


SCROLL = """outer => {
  const before = outer.scrollTop;
  outer.scrollBy(0, 500);
  return outer.scrollTop <= before;
}"""

#: A place is a cell and a number within it. A chart counts when it has been drawn.
LOOK = """outer => {
  const places = (selector, valid) => [...outer.querySelectorAll('.jp-Cell')].flatMap(cell =>
    [...cell.querySelectorAll(selector)].filter(valid).map((_, k) => [
      cell.dataset.windowedListIndex, k]));
  return {
    'pictures': places('.jp-OutputArea img', e => e.complete && e.naturalWidth > 0),
    'charts': places('.vega-embed', e => e.querySelector('canvas, svg.marks')),
    'folded answers': places('.jp-MarkdownCell details', e => !e.open),
    'raw roles': places('.jp-MarkdownCell', e => e.textContent.includes('{glue')),
  };
}"""


def _use(page: Page) -> Iterator[str]:
    """Move a slider by keyboard and unfold an answer; yield what does not follow."""
    slider, chart = (page.locator(f".vega-embed {part}").first for part in ("input", "canvas"))
    _scroll_to(page, slider)
    before = chart.evaluate("canvas => canvas.toDataURL()")
    # JupyterLab takes the arrow keys for itself: they leave the slider for the next cell.
    slider.press("PageUp")
    page.wait_for_timeout(1000)
    if chart.evaluate("canvas => canvas.toDataURL()") == before:
        yield "the slider moves nothing"
    fold = page.locator(".jp-MarkdownCell details").first
    _scroll_to(page, fold)
    fold.locator("summary").click()
    if not fold.evaluate("details => details.open"):
        yield "a folded answer does not open"


def _scroll_to(page: Page, place: Locator) -> None:
    """Go down from the top of the notebook until JupyterLab has drawn `place`."""
    outer = page.locator(".jp-Notebook .jp-WindowedPanel-outer").first
    outer.evaluate("outer => outer.scrollTo(0, 0)")
    page.wait_for_timeout(500)
    while not place.count() and not outer.evaluate(SCROLL):
        page.wait_for_timeout(300)
    place.scroll_into_view_if_needed()


def _reset(page: Page, server: Server, chapter: str, clone: Path) -> list[str]:
    """Spoil a notebook, bring it back as README.md says; return what went wrong."""
    where = f"contents/chapters/{chapter}.ipynb"
    stored = server.ask("GET", where).json()["content"]
    spoilt = {**stored, "cells": stored["cells"][:1]}
    server.ask("PUT", where, type="notebook", content=spoilt)
    page.goto(f"{server.url}/lab/tree/chapters/{chapter}.ipynb?token={server.token}&reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    subprocess.run(["git", "checkout", "--quiet", "chapters"], cwd=clone, check=True)
    page.locator(".lm-MenuBar-itemLabel", has_text="File").click()
    page.locator(".lm-Menu-itemLabel", has_text="Reload Notebook from Disk").click()
    if page.locator(".jp-Dialog .jp-mod-accept").count():
        page.locator(".jp-Dialog .jp-mod-accept").click()
    try:
        page.locator(".jp-Notebook .jp-Cell").nth(2).wait_for(timeout=30_000)
    except TimeoutError:
        return [f"{chapter}: 'Reload Notebook from Disk' does not bring the cells back"]
    return []


def _run_all(page: Page, server: Server, chapter: str) -> list[str]:
    """Choose 'Restart Kernel and Run All Cells...' in the menu; return what went wrong.

    It is done with a copy whose cells have neither outputs nor counts.
    """
    copy = f"contents/chapters/{chapter}-run-all.ipynb"
    content = server.ask("GET", f"contents/chapters/{chapter}.ipynb").json()["content"]
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell.update(execution_count=None, outputs=[])
    server.ask("PUT", copy, type="notebook", content=content)
    page.goto(f"{server.url}/lab/tree/{copy.partition('/')[2]}?token={server.token}&reset")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.locator(".lm-MenuBar-itemLabel", has_text="Kernel").click()
    page.locator(".lm-Menu-itemLabel", has_text="Restart Kernel and Run All Cells").click()
    page.locator(".jp-Dialog .jp-mod-accept").click()
    deadline = time.monotonic() + HANGS_AFTER_SECONDS
    while time.monotonic() < deadline:
        page.wait_for_timeout(3000)
        # A file that is asked for while JupyterLab writes it makes the writing fail.
        if any(
            kernel["execution_state"] != "idle" for kernel in server.ask("GET", "kernels").json()
        ):
            continue
        page.keyboard.press("Control+s")
        page.wait_for_timeout(3000)
        cells = server.ask("GET", copy).json()["content"]["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        errors = [o["evalue"] for c in code for o in c["outputs"] if o["output_type"] == "error"]
        if errors:
            return [f"{chapter}: 'Run All': {error}" for error in errors]
        if all(cell["execution_count"] for cell in code):
            return []
    return [f"{chapter}: 'Run All' did not end in {HANGS_AFTER_SECONDS} s"]


def _run(channel: websocket.WebSocket, code: str) -> Iterator[str]:
    """Execute `code` in the kernel behind `channel`; yield its errors."""
    number = uuid.uuid4().hex
    header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": number}
    header |= {"version": "5.4", "date": ""}
    content = {"code": code, "silent": False, "store_history": True, "stop_on_error": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    channel.send(json.dumps({**message, "channel": "shell", "buffers": []}))
    while True:
        answer = json.loads(channel.recv())
        if answer["parent_header"].get("msg_id") != number:
            continue
        if answer["msg_type"] == "error":
            yield f"{answer['content']['ename']}: {answer['content']['evalue']}"
        status = answer["content"].get("execution_state")
        if answer["msg_type"] == "status" and status == "idle":
            return


def _wait(server: Server, log: Path) -> None:
    for _ in range(240):
        if server.process.poll() is not None:
            raise SystemExit(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}")
        try:
            server.ask("GET", "status")
            return
        except requests.ConnectionError:
            time.sleep(0.25)
    raise SystemExit(f"JupyterLab does not answer:\n{log.read_text(encoding='utf-8')}")
