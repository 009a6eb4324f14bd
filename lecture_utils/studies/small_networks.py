"""The small convolutional network of the chapter on efficient models, in every width."""

from collections.abc import Sequence

import keras

from lecture_utils.arguments import whole_number


def build_small_network(filters: Sequence[int], *, separable: bool = False) -> keras.Sequential:
    """Return an untrained classifier of 28 x 28 grey pictures into 10 classes.

    Every stage halves height and width: a 3 x 3 convolution of stride 2 without a bias, batch
    normalization, ReLU. A dense layer turns what is left into 10 logits.

    Parameters
    ----------
    filters : sequence of int
        Channels after each stage. Positive.
    separable : bool
        Every stage but the first in two steps: a depthwise 3 x 3 convolution of stride 2, then a
        1 x 1 convolution, each with batch normalization and ReLU.

    Returns
    -------
    keras.Sequential
        Built, not compiled. Takes float32 pixels from 0 to 255, shape (n, 28, 28, 1).

    Raises
    ------
    ValueError
        If there is no stage or a number of filters is not positive.

    Examples
    --------
    >>> build_small_network((16, 32, 64)).count_params()
    33882
    >>> build_small_network((16, 32, 64), separable=True).count_params()
    14026
    """
    if len(filters) == 0:
        raise ValueError("filters must not be empty")
    layers = [keras.Input((28, 28, 1)), keras.layers.Rescaling(1 / 255)]
    for stage, n_filters in enumerate(filters):
        whole_number("filters", n_filters)
        if separable and stage > 0:
            depthwise = keras.layers.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False)
            layers += [depthwise, *_normalized()]
            layers += [keras.layers.Conv2D(n_filters, 1, use_bias=False), *_normalized()]
        else:
            layers.append(
                keras.layers.Conv2D(n_filters, 3, strides=2, padding="same", use_bias=False)
            )
            layers += _normalized()
    return keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(10)])


def _normalized() -> list[keras.Layer]:
    """Return what follows every convolution."""
    return [keras.layers.BatchNormalization(momentum=0.9), keras.layers.ReLU()]
