"""Imitate a processor that rounds otherwise: initial weights move by a unit in their last place.

No instruction set of this machine rounds as an unknown processor does. But what another rounding
does to a training, it does by moving weights in their last place, early on, and the training either
forgets that or carries it to another end. Seen: with such weights chapter 02 of the first edition
printed, digit for digit, what a Zen 3 printed, where the imitated instruction sets changed nothing.
"""

import functools
import importlib.abc
import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

#: Of float32, relative.
LAST_PLACE = 2.0**-23


def imitate(seed: int) -> None:
    """Let all weights that are drawn from now on differ in their last place; for a fresh kernel.

    Parameters
    ----------
    seed : int
        Another one imitates another processor.
    """
    rng = np.random.default_rng(seed)

    def noise(shape: tuple[int, ...]) -> NDArray[np.float32]:
        return (1 + LAST_PLACE * rng.uniform(-1, 1, size=shape)).astype(np.float32)

    sys.meta_path.insert(0, _Hook(noise))


class _Hook(importlib.abc.MetaPathFinder):
    """Changes what draws weights when it is imported: a page decides whether to import it."""

    def __init__(self, noise: Callable):
        self.changes = {
            "lecture_utils.sweep": functools.partial(_change_sweep, noise=noise),
            "keras.src.initializers.random_initializers": functools.partial(
                _change_keras, noise=noise
            ),
        }

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        """Return the module's own spec, with a loader that changes the module once loaded."""
        change = self.changes.pop(name, None)
        if change is None:
            return None
        spec = importlib.util.find_spec(name)  # comes here again, and finds nothing to change
        load = spec.loader.exec_module

        def load_and_change(module: ModuleType) -> None:
            load(module)
            change(module)

        spec.loader.exec_module = load_and_change
        return spec


def _change_sweep(module: ModuleType, noise: Callable) -> None:
    draw, sweep = module.initial_weights, module.sweep

    @functools.wraps(draw)
    def drawn(*arguments: object, **named: object) -> tuple[NDArray, ...]:
        return tuple(part * noise(part.shape) for part in draw(*arguments, **named))

    @functools.wraps(sweep)
    def swept(*arguments: object, weights: object, **named: object) -> object:
        weights = [np.asarray(part, np.float32) * noise(np.shape(part)) for part in weights]
        return sweep(*arguments, weights=weights, **named)

    module.initial_weights, module.sweep = drawn, swept


def _change_keras(module: ModuleType, noise: Callable) -> None:
    draw = module.VarianceScaling.__call__  # of dense layers and convolutions

    @functools.wraps(draw)
    def drawn(*arguments: object, **named: object) -> object:
        weights = draw(*arguments, **named)
        return weights * noise(tuple(weights.shape))

    module.VarianceScaling.__call__ = drawn
