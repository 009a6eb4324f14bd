"""The small network has the layers and parameters that a count by hand gives."""

import pytest

from lecture_utils.studies.small_networks import build_small_network


@pytest.mark.parametrize("filters", [(16, 32, 64), (2, 4, 8), (3,)])
@pytest.mark.parametrize("separable", [False, True])
def test_parameters_are_as_counted_by_hand(filters, separable):
    side, channels, expected = 28, 1, 0
    for stage, n_filters in enumerate(filters):
        side = -(-side // 2)
        if separable and stage > 0:
            expected += 9 * channels + 4 * channels + channels * n_filters + 4 * n_filters
        else:
            expected += 9 * channels * n_filters + 4 * n_filters
        channels = n_filters
    expected += side**2 * channels * 10 + 10
    model = build_small_network(filters, separable=separable)
    assert model.count_params() == expected
    assert model.output_shape == (None, 10) and model.input_shape == (None, 28, 28, 1)


@pytest.mark.parametrize(
    ("filters", "message"),
    [((), "filters must not be empty"), ((4, 0), "filters must be at least 1, got 0")],
)
def test_wrong_filters_are_refused(filters, message):
    with pytest.raises(ValueError, match=message):
        build_small_network(filters)
