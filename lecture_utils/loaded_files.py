"""Give back the memory that only the loading of a library needed."""

import ctypes
import re
from pathlib import Path

_SMAPS = Path("/proc/self/smaps")
#: Begin, end, permissions and file of a mapping; its counters follow, a line each.
_HEADER = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$", re.MULTILINE)
_MADV_DONTNEED = 4


def give_back_file_pages() -> None:
    """Give back the memory in which this process holds read-only pages of files.

    Loading TensorFlow touches 330 MB of its files, most of them never again. They stay in the
    system's cache, from which a later access takes what it needs. Does nothing on a system
    without ``/proc/self/smaps``.

    Notes
    -----
    ``madvise(2)`` promises this for private mappings of files. A mapping with pages of its own
    is left alone, for those would be lost.
    """
    if not _SMAPS.exists():
        return
    library = ctypes.CDLL(None)
    library.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    _, *parts = _HEADER.split(_SMAPS.read_text(encoding="utf-8", errors="replace"))
    for begin, end, permissions, file, counters in zip(*[iter(parts)] * 5, strict=True):
        untouched = re.search(r"^Anonymous: +0 kB$", counters, re.MULTILINE)
        if file.startswith("/") and re.fullmatch("r-[-x]p", permissions) and untouched:
            begin, end = int(begin, 16), int(end, 16)
            library.madvise(begin, end - begin, _MADV_DONTNEED)
