"""Convert Keras models to LiteRT (once TensorFlow Lite), quietly, and run them."""

import gzip
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from lecture_utils.arguments import whole_number

PRECISIONS = ("float32", "dynamic", "int8")


@contextmanager
def quiet() -> Iterator[None]:
    """Drop what compiled code writes to the standard error meanwhile, and TensorFlow's remarks.

    The converter and the interpreter report there what they do, past Python's own streams.
    Warnings and errors of Python still come through.

    Examples
    --------
    >>> with quiet():
    ...     _ = os.write(2, b"nobody reads this")
    """
    kept, logger = os.dup(2), tf.get_logger()
    level = logger.level
    try:
        logger.setLevel(logging.WARNING)
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        logger.setLevel(level)
        os.dup2(kept, 2)
        os.close(kept)


def convert(
    model: keras.Model,
    *,
    precision: str = "float32",
    calibration: NDArray | None = None,
    batch_size: int = 1,
) -> bytes:
    """Return the content of the LiteRT file of a model; Keras' ``model.export`` writes it.

    Parameters
    ----------
    model : keras.Model
        Takes one array and gives one. Batch normalization that follows a convolution is folded
        into it by the converter.
    precision : str
        ``"float32"``; ``"dynamic"``: int8 weights, activations float32 in the file; or
        ``"int8"``: int8 weights and activations, the model takes uint8 and gives int8.
    calibration : ndarray, shape (n_rows, ...), optional
        Inputs of the model from which the ranges of the activations are taken, in whole batches;
        for ``"int8"`` only, and needed there.
    batch_size : int
        Rows that the converted model takes at a time. Positive.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    ValueError
        If `precision` is unknown, or calibration rows are missing, given in vain, or do not fill
        whole batches.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> content = convert(model)
    >>> content[4:8]
    b'TFL3'
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
    if (calibration is not None and len(calibration) > 0) != (precision == "int8"):
        raise ValueError('calibration rows belong to the precision "int8", which needs them')
    whole_number("batch_size", batch_size)
    if precision == "int8" and len(calibration) % batch_size:
        raise ValueError(
            f"calibration rows must fill batches of {batch_size}, got {len(calibration)}"
        )
    options = {}
    if precision != "float32":
        options["optimizations"] = [tf.lite.Optimize.DEFAULT]
    if precision == "int8":
        rows = np.asarray(calibration, np.float32).reshape(
            -1, batch_size, *np.shape(calibration)[1:]
        )
        options |= {
            "representative_dataset": lambda: ([row] for row in rows),
            "target_spec": {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]},
            "inference_input_type": tf.uint8,
            "inference_output_type": tf.int8,
        }
    shape = (batch_size, *model.input_shape[1:])
    with tempfile.TemporaryDirectory() as folder, quiet():
        path = Path(folder, "model.tflite")
        model.export(
            path,
            format="litert",
            verbose=False,
            input_signature=[keras.InputSpec(shape=shape, dtype="float32")],
            **options,
        )
        return path.read_bytes()


class LiteRT:
    """A converted model, ready to run in one thread.

    Parameters
    ----------
    content : bytes
        The file; see `convert`.

    Attributes
    ----------
    interpreter : Interpreter
        LiteRT's own, for a look at the tensors.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    >>> model.set_weights([np.array([[2.0]])])
    >>> LiteRT(convert(model)).outputs(np.array([[1], [3]]))
    array([[2.],
           [6.]], dtype=float32)
    """

    def __init__(self, content: bytes) -> None:
        with quiet():
            self.interpreter = Interpreter(model_content=content, num_threads=1)
            self.interpreter.allocate_tensors()
        (self._input,) = self.interpreter.get_input_details()
        (self._output,) = self.interpreter.get_output_details()

    def outputs(self, inputs: NDArray) -> NDArray[np.float32]:
        """Return the model's outputs, as real numbers also where it gives codes.

        Parameters
        ----------
        inputs : ndarray, shape (n_rows, ...)
            What the model takes: for a model of uint8 its codes, which are the pixels themselves
            if the model was calibrated on pixels from 0 to 255. As many rows as fit in whole
            batches.

        Returns
        -------
        ndarray of float32, shape (n_rows, ...)
            Outputs; codes are turned into ``scale * (code - zero_point)``.

        Raises
        ------
        ValueError
            If the rows do not fill whole batches.
        """
        batch_size = self._input["shape"][0]
        if len(inputs) == 0 or len(inputs) % batch_size:
            raise ValueError(f"inputs must fill whole batches of {batch_size}, got {len(inputs)}")
        found = np.empty((len(inputs), *self._output["shape"][1:]), self._output["dtype"])
        for start in range(0, len(inputs), batch_size):
            rows = slice(start, start + batch_size)
            self.run(inputs[rows].astype(self._input["dtype"], copy=False))
            found[rows] = self.interpreter.get_tensor(self._output["index"])
        scale, zero_point = self._output["quantization"]
        if scale == 0:  # not quantized
            return found
        return np.float32(scale) * (found.astype(np.float32) - zero_point)

    def run(self, batch: NDArray) -> None:
        """Compute the outputs of one batch, of the type that the model takes, and leave them there.

        This is what a benchmark measures: the copy of the inputs and the computation.
        """
        self.interpreter.set_tensor(self._input["index"], batch)
        self.interpreter.invoke()


def gzipped_size(content: bytes) -> int:
    """Return how many bytes are left after gzip.

    Parameters
    ----------
    content : bytes
        A file.

    Returns
    -------
    int
        Bytes, at gzip's highest level.

    Examples
    --------
    >>> gzipped_size(bytes(1000)) < 50
    True
    """
    return len(gzip.compress(content, mtime=0))
