"""What a kernel keeps of the files that it loaded."""

import ctypes
import mmap
import subprocess
import sys
from pathlib import Path

import pytest

from lecture_utils.loaded_files import give_back_file_pages

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/smaps").exists(), reason="only Linux tells what is resident"
)
RESIDENT = """
import keras, re
from pathlib import Path
assert float(keras.ops.sum(keras.ops.ones((3, 3)) @ keras.ops.ones((3, 3)))) == 27
status = Path("/proc/self/status").read_text()
print(int(re.search(r"VmRSS:\\s*(\\d+)", status)[1]) // 1024)
"""


def test_keras_starts_with_little_more_than_half_of_its_memory():
    started = "from lecture_utils import runtime; runtime.start_keras(seed=0)"
    before, after = (
        int(subprocess.check_output([sys.executable, "-c", code]))
        for code in (RESIDENT, started + RESIDENT)
    )
    assert after < 0.7 * before, (before, after)


def test_what_was_changed_in_memory_is_kept(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"a" * mmap.PAGESIZE)
    with path.open("r+b") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    mapped[0:1] = b"b"
    # As the loader does with a library whose addresses it has filled in.
    address = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
    read_only = ctypes.CDLL(None).mprotect(ctypes.c_void_p(address), mmap.PAGESIZE, mmap.PROT_READ)
    assert read_only == 0
    give_back_file_pages()
    assert mapped[0:2] == b"ba"
