"""The environment in which chapters are executed, by the build and by nbval alike.

It holds what a machine needs to run a program and what the course defines, and nothing else, so
that no setting of the person who runs it can change a number, a picture or a warning.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from unittest import mock

from lecture_utils.runtime import TENSORFLOW_ENVIRONMENT

#: Settings that programs keep below HOME are looked for here instead, where there are none.
FOLDER = Path(__file__).resolve().parent.parent / "_build" / "kernels"

#: A cell that takes as long, or a kernel that is not there by then, hangs: no machine is so busy.
HANGS_AFTER_SECONDS = 1800

#: What is taken from the person's environment: where things are on this machine and in this
#: network, and the data sets. No name on this list changes a result.
KEPT = re.compile(
    r"PATH|LD_LIBRARY_PATH|HOME|USER|LOGNAME|TMPDIR|TMP|TEMP|LANG|LC_\w+|XDG_(CACHE_HOME|RUNTIME_DIR)"
    r"|VIRTUAL_ENV|LECTURE_(?!THREADS$)\w+|COURSE_\w+|PLAYWRIGHT_\w+|CI|TERM"
    r"|(HTTPS?|ALL|NO)_PROXY|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|SSL_CERT_(FILE|DIR)"
    # Windows starts no Python without these.
    r"|SYSTEM(ROOT|DRIVE)|WINDIR|COMSPEC|PATHEXT|(LOCAL)?APPDATA|PROGRAM(DATA|FILES)"
    r"|USER(PROFILE|NAME)|HOME(DRIVE|PATH)|NUMBER_OF_PROCESSORS|PROCESSOR_\w+",
    re.IGNORECASE,
)

#: With these `make portability` imitates other processors; nbval's kernels take them over.
IMITATION = (
    "LECTURE_THREADS",
    "XLA_FLAGS",
    "NPY_DISABLE_CPU_FEATURES",
    "OPENBLAS_CORETYPE",
    "ONEDNN_MAX_CPU_ISA",
)

DEFINED = {
    **TENSORFLOW_ENVIRONMENT,
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONUTF8": "1",
    "IPYTHONDIR": str(FOLDER / "ipython"),
    "JUPYTER_CONFIG_DIR": str(FOLDER / "jupyter"),
    "JUPYTER_DATA_DIR": str(FOLDER / "jupyter"),
    "JUPYTER_RUNTIME_DIR": str(FOLDER / "jupyter" / "runtime"),
    "KERAS_HOME": str(FOLDER / "keras"),
    "MPLCONFIGDIR": str(FOLDER / "matplotlib"),
}


def impersonal(person: Mapping[str, str], *, imitation: bool = False) -> dict[str, str]:
    """Return what the environment of a person says about machine, network and data sets.

    Parameters
    ----------
    person : mapping of str to str
        Environment variables, as in `os.environ`.
    imitation : bool
        Whether to take over the variables with which `make portability` imitates processors.

    Returns
    -------
    dict of str to str
        Environment variables.

    Examples
    --------
    >>> impersonal({"HOME": "/home/ann", "MPLBACKEND": "agg", "OMP_NUM_THREADS": "2"})
    {'HOME': '/home/ann'}
    """
    imitated = IMITATION if imitation else ()
    return {k: v for k, v in person.items() if k in imitated or KEPT.fullmatch(k)}


def applied(*, imitation: bool = False) -> AbstractContextManager:
    """Return a context in which this process has the environment of a kernel, to start one.

    Parameters
    ----------
    imitation : bool
        As of `impersonal`.
    """
    Path(DEFINED["IPYTHONDIR"]).mkdir(parents=True, exist_ok=True)  # IPython warns, and makes none
    asked = {name: os.environ[name] for name in IMITATION if imitation and name in os.environ}
    environment = {**impersonal(os.environ), **DEFINED, **asked}
    # Matplotlib lists the system's fonts once, and a kernel that waits for it says so on stderr.
    if not any(Path(DEFINED["MPLCONFIGDIR"]).glob("fontlist-*.json")):
        listing = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(listing, env=environment, check=True, capture_output=True)
    return mock.patch.dict(os.environ, environment, clear=True)
