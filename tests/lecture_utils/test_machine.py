"""What the package says about the machine it runs on."""

import subprocess
from types import SimpleNamespace

import pytest

from lecture_utils import machine


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("flags\t: fpu sse4_2 avx2\n", ["AVX2"]),
        ("flags\t: avx2 avx512f avx512_vnni amx_int8\n", ["AVX2", "AVX-512", "VNNI", "AMX"]),
        ("flags\t: avx2 avx_vnni\n", ["AVX2", "VNNI"]),
        ("Features\t: fp asimd asimddp i8mm\n", ["dotprod", "i8mm"]),
    ],
)
def test_instruction_sets_on_linux(monkeypatch, told, expected):
    monkeypatch.setattr(machine.platform, "system", lambda: "Linux")
    monkeypatch.setattr(machine, "Path", lambda _: SimpleNamespace(read_text=lambda **_: told))
    assert machine.instruction_sets() == expected


def test_instruction_sets_on_macos(monkeypatch):
    told = "hw.optional.arm.FEAT_DotProd: 1\nhw.optional.arm.FEAT_I8MM: 0\nhw.optional.neon: 1\n"
    monkeypatch.setattr(machine.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=told))
    assert machine.instruction_sets() == ["dotprod"]


def test_a_system_that_does_not_tell_has_none(monkeypatch):
    monkeypatch.setattr(machine.platform, "system", lambda: "Windows")
    assert machine.instruction_sets() == []
