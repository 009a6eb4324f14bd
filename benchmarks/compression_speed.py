"""How long a prediction takes when the network of chapter 16 has been made smaller, each way.

Every variant is a LiteRT file that runs in one thread, once for one picture at a time and once
for a hundred. They are measured in turn, so that whatever else the machine does meets all of them,
against the float32 file of the same run; so is Keras' own prediction. How long a network takes
does not depend on what it has learned, so nothing is trained. The widest network is there to see
whether the ratios depend on the size. The stored results give seconds for one call.
"""

import time
from collections.abc import Callable

import keras
import numpy as np

from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.machine import processor_name
from lecture_utils.studies.litert import LiteRT, convert
from lecture_utils.studies.pruning import magnitude_masks
from lecture_utils.studies.small_networks import build_small_network

SEEDS = range(1)  # the same pictures and weights every time; repetitions are what varies

SETTINGS = {
    "n_threads": 1,
    "batch_sizes": [1, 100],
    "n_repeats": 61,
    "least_s": 0.02,  # of one measurement, which repeats a call until it takes as long
    "n_calibration_rows": 100,
    "sparsity": 0.875,
}
FULL = (16, 32, 64)
#: Filters, how the weights are changed, and the precision of the file.
VARIANTS = {
    "float32": {"filters": FULL},
    "half": {"filters": (8, 16, 32)},
    "quarter": {"filters": (4, 8, 16)},
    "eighth": {"filters": (2, 4, 8)},
    "separable": {"filters": FULL, "separable": True},
    "pruned": {"filters": FULL, "pruned": True},
    "dynamic": {"filters": FULL, "precision": "dynamic"},
    "int8": {"filters": FULL, "precision": "int8"},
    "pruned_int8": {"filters": FULL, "pruned": True, "precision": "int8"},
    "half_int8": {"filters": (8, 16, 32), "precision": "int8"},
    "separable_int8": {"filters": FULL, "separable": True, "precision": "int8"},
    "wide": {"filters": (64, 128, 256)},
    "wide_dynamic": {"filters": (64, 128, 256), "precision": "dynamic"},
    "wide_int8": {"filters": (64, 128, 256), "precision": "int8"},
}


def build(filters: tuple, *, separable: bool = False, pruned: bool = False) -> keras.Model:
    """Return a network with random weights, the smallest of them set to zero if it is pruned."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(SEEDS[0])
    model = build_small_network(filters, separable=separable)
    if pruned:
        kernels = [layer.kernel for layer in model.layers if hasattr(layer, "kernel")]
        masks = magnitude_masks([k.numpy() for k in kernels], sparsity=SETTINGS["sparsity"])
        for kernel, mask in zip(kernels, masks, strict=True):
            kernel.assign(kernel * mask)
    return model


def calls(images: np.ndarray, batch_size: int) -> dict[str, Callable[[], object]]:
    """Return one call of every variant, ready to be repeated."""
    found = {}
    batch = images[:batch_size]
    for name, variant in VARIANTS.items():
        options = dict(variant)
        precision = options.pop("precision", "float32")
        rows = images[: SETTINGS["n_calibration_rows"]] if precision == "int8" else None
        content = convert(
            build(**options), precision=precision, calibration=rows, batch_size=batch_size
        )
        dtype = np.uint8 if precision == "int8" else np.float32
        found[name] = _call(LiteRT(content), batch.astype(dtype))
    model, floats = build(FULL), batch.astype(np.float32)
    found["keras"] = lambda: model.predict_on_batch(floats)
    return found


def _call(model: LiteRT, batch: np.ndarray) -> Callable[[], object]:
    """Return a call that predicts one batch."""
    return lambda: model.run(batch)


def repetitions(call: Callable[[], object], least_s: float) -> int:
    """Return how often a call must be repeated to take `least_s` seconds; warms it up too."""
    n_calls = 1
    while (duration := seconds(call, n_calls)) < least_s / 2:
        n_calls *= 2
    return max(1, round(n_calls * least_s / duration))


def seconds(call: Callable[[], object], n_calls: int) -> float:
    """Return the seconds that `n_calls` calls take."""
    start = time.perf_counter()
    for _ in range(n_calls):
        call()
    return time.perf_counter() - start


def measure(settings: dict = SETTINGS) -> dict:
    """Return the seconds of one call of every variant, measured in turn, for each batch size."""
    (images, _), _ = load_fashion_mnist(sample=True)
    images = images[..., np.newaxis]
    found = {}
    for batch_size in settings["batch_sizes"]:
        variants = calls(images, batch_size)
        n_calls = {name: repetitions(call, settings["least_s"]) for name, call in variants.items()}
        times = {name: [] for name in variants}
        for _ in range(settings["n_repeats"]):
            for name, call in variants.items():
                times[name].append(seconds(call, n_calls[name]) / n_calls[name])
        found[str(batch_size)] = times
    return {"seconds": found, "processor": processor_name()}
