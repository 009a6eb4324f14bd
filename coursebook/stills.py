"""A still picture for every interactive chart, so that whatever cannot draw charts shows one."""

import base64

import vl_convert

from lecture_utils.figure_style import FONTS

VEGA_LITE_VERSION = "5.21"  # of the stored charts
vl_convert.register_font_directory(str(FONTS))  # of those that the charts name
SCALE = 2  # pixels a point: sharp on a screen of twice the usual density


def with_still(bundle: dict, mime_type: str) -> dict:
    """Return an output's data with a PNG picture of its chart, if it holds one and no picture.

    The build does this, not the kernel: whoever runs a page needs no converter, and a run is
    compared without the picture.

    Parameters
    ----------
    bundle : dict
        The data of an output, by mime type.
    mime_type : str
        That of a chart.

    Returns
    -------
    dict
        A copy if something was added.
    """
    if mime_type not in bundle or "image/png" in bundle:
        return bundle
    picture = vl_convert.vegalite_to_png(
        bundle[mime_type], vl_version=VEGA_LITE_VERSION, scale=SCALE
    )
    return {**bundle, "image/png": base64.b64encode(picture).decode("ascii")}
