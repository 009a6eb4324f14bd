"""A pytest plugin for nbval: outputs compare by the rules of `coursebook.comparison`.

A cell may widen the tolerance of its numbers in its metadata, with the reason:

    nbval: {rtol: 0.02, atol: 0.001, reason: trained on another processor}

A notebook that names data in its metadata (``lecture: {requires: [imdb]}``) is skipped,
with the reason, when that data is not on this machine.
"""

import dataclasses

import pytest
from nbval.plugin import IPyNbCell

from coursebook.comparison import RTOL, Tolerant
from lecture_utils import datasets
from lecture_utils.records import SPREAD_TYPE, stored_summary


def pytest_itemcollected(item):
    """Wrap what the cell compares: nbval hands every value to `sanitize` just before."""
    if not isinstance(item, IPyNbCell):
        return
    wanted = item.cell.metadata.get("nbval", {})
    rtol, atol = float(wanted.get("rtol", RTOL)), float(wanted.get("atol", 0))
    sanitize = item.sanitize
    item.sanitize = lambda value: Tolerant(sanitize(value), rtol, atol)
    compare = item.compare_outputs

    def compare_and_quote(test, ref, skip_compare=None):
        same = compare(_with_whole_samples(test), _with_whole_samples(ref), skip_compare)
        if not same:  # nbval says that there is a text on stderr, but not which
            complaints = [output.text for output in test if output.get("name") == "stderr"]
            item.comparison_traceback.extend(f"stderr: {text:.2000}" for text in complaints)
        return same

    item.compare_outputs = compare_and_quote

    def report(key, left, right):
        found = left.differences(right)
        item.comparison_traceback.append(f"{key}: {len(found)} differences with rtol={rtol:g}")
        item.comparison_traceback.extend(f"  {line}" for line in found[:10])
        item.comparison_traceback.append(f"stored: {left!r:.2000}\nnow:    {right!r:.2000}")

    item.format_output_compare = report


def _with_whole_samples(outputs: list) -> list:
    """Return `outputs` with mean, spread and n of a stored sample in one place, to be judged."""
    whole = []
    for output in outputs:
        sample = stored_summary(output.get("data", {}))
        data = output.get("data") if sample is None else {SPREAD_TYPE: dataclasses.asdict(sample)}
        whole.append(output if sample is None else type(output)({**output, "data": data}))
    return whole


def pytest_collection_modifyitems(items):
    """Skip the chapters whose data is not here, and say so."""
    reasons = {}
    for item in items:
        if isinstance(item, IPyNbCell):
            for name in item.parent.nb.metadata.get("lecture", {}).get("requires", []):
                if name not in reasons:
                    reasons[name] = (
                        ""
                        if datasets.is_available(name)
                        else (
                            f"the data set {name!r} is not on this machine: "
                            "run 'make data' or set LECTURE_DATA_DIR"
                        )
                    )
                if reasons[name]:
                    item.add_marker(pytest.mark.skip(reason=reasons[name]))
