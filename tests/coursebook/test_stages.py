"""What `make test` says of the chapters' costs."""

import json
import os
import sys

import psutil
import pytest

from coursebook import memory, stages


@pytest.mark.parametrize(
    ("cost", "within", "said"),
    [
        ({}, True, "10.0      500"),
        ({"peak_mebibytes": None}, True, "-"),
        ({"cpu_seconds": 61.0}, True, "over 60 cpu_seconds"),
        ({"cpu_seconds": 121.0}, False, "over 60 cpu_seconds"),
        ({"peak_mebibytes": memory.KERNEL_MEBIBYTES + 1}, False, "over 904 peak_mebibytes"),
        ({"exempt_cells": 2}, False, "2 of 20 code cells"),
    ],
)
def test_a_chapter_that_costs_too_much_fails_the_stage(
    tmp_path, monkeypatch, capsys, cost, within, said
):
    usual = {"cpu_seconds": 10.0, "peak_mebibytes": 500}
    usual |= {"code_cells": 20, "widened_cells": 0, "exempt_cells": 0}
    (tmp_path / "costs").mkdir()
    (tmp_path / "costs" / "01_lines.json").write_text(json.dumps(usual | cost))
    monkeypatch.setattr(stages, "BUILD", tmp_path)
    assert stages.print_costs() is within
    assert said in capsys.readouterr().out


def test_the_peak_of_a_process_is_no_more_than_its_machine_has():
    peak = memory.peak_mebibytes(os.getpid())
    assert peak is None or 10 < peak < psutil.virtual_memory().total / 2**20
    assert memory.peak_mebibytes(2**30) is None


def test_what_runs_beside_the_others_is_reported_in_its_place(tmp_path, monkeypatch, capfd):
    def python(code):
        return [[sys.executable, "-c", code]]

    monkeypatch.setattr(stages, "LEFTOVERS", {})
    waiting = f"import pathlib, time\nwhile not pathlib.Path({str(tmp_path / 'x')!r}).exists():\n "
    some = {
        "lint": python(f"{waiting} time.sleep(0.1)\nprint('of lint')"),
        "book": python(
            f"open({str(tmp_path / 'x')!r}, 'w')\nprint('of book')\nraise SystemExit(1)"
        ),
        "site": python("print('of site')"),
    }
    monkeypatch.setattr(stages, "STAGES", some)
    assert stages.main([]) == 1
    printed = capfd.readouterr().out
    places = [printed.index(f"{before} {stage}") for stage in some for before in ("===", "of")]
    assert places == sorted(places)
    assert "FAILED" in printed and "2 passed, 1 failed" in printed
