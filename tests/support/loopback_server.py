"""A real HTTP server on the loopback interface that can misbehave, and a tiny data set for it."""

import gzip
import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from lecture_utils.datasets.dataset import Dataset, Places
from lecture_utils.datasets.download import Patience
from lecture_utils.datasets.official_files import OfficialFile
from lecture_utils.datasets.prepared import content_digest
from lecture_utils.datasets.unwrap import read_idx

N_VALUES = 60_000
FILE_NAME = "noise-idx1-ubyte.gz"
# Noise does not compress, so that the file, half of it, and the array all have their size.
VALUES = np.random.default_rng(0).integers(0, 256, N_VALUES, dtype=np.uint8)
IDX = bytes([0, 0, 8, 1]) + N_VALUES.to_bytes(4, "big") + VALUES.tobytes()
BODY = gzip.compress(IDX, mtime=0)


def read_noise(path: Path) -> dict[str, np.ndarray]:
    return {"noise": read_idx(path, (N_VALUES,))}


def double(arrays) -> dict[str, np.ndarray]:
    return {"doubled": arrays["noise"] * np.int32(2)}


def noise_dataset(base_url: str = "http://127.0.0.1:9", **changes) -> Dataset:
    """A data set of one file; nothing answers on the default address."""
    file = OfficialFile(f"{base_url}/{FILE_NAME}", hashlib.md5(BODY).hexdigest(), len(BODY))
    settings = {
        "name": "noise",
        "title": "Noise",
        "licence": "none",
        "files": (file,),
        "read": read_noise,
        "derive": double,
        "digest": content_digest({"noise": VALUES}),
    }
    return Dataset(**(settings | changes))


def impatient_places(folder: Path, data: Path | None = None, retries: int = 0) -> Places:
    patience = Patience(retries=retries, connect=2, stall=0.5, progressbar=False)
    return Places(cache=folder / "cache", data=data, patience=patience)


class Server(ThreadingHTTPServer):
    """Answers every request with `BODY`, after having worked through `faults` one by one."""

    def __init__(self, faults: tuple[str, ...]):
        super().__init__(("127.0.0.1", 0), partial(Handler))
        self.faults = list(faults)
        self.requests = Counter()
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests[self.path] += 1
        fault = self.server.faults.pop(0) if self.server.faults else "none"
        if fault == "not found":
            self.send_error(404)
            return
        body = BODY[::-1] if fault == "wrong bytes" else BODY
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == "truncated":
            self.wfile.write(body[: len(body) // 2])
        elif fault == "stall":
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.server.released.wait(30)
        else:
            self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@contextmanager
def serving(*faults: str) -> Iterator[Server]:
    """Serve until the block ends."""
    server = Server(faults)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
