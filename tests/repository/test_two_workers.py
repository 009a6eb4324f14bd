"""Two worker processes over loopback train exactly as one does, and a wrong loss is noticed."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "experiments" / "17_two_workers.py"
SEEDS = [0]
#: The sums over rows are added in another order: some units in the last place of float32.
TOLERANCE = {"rtol": 1e-5, "atol": 1e-6}


def load(script):
    """Return the script as a module; its workers are processes of their own."""
    spec = importlib.util.spec_from_file_location("two_workers", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assert_same_training(runs, reference):
    """Fail unless every worker has the losses, step by step, and the weights of the reference."""
    for run in runs:
        np.testing.assert_allclose(run["losses"], reference["losses"], **TOLERANCE)
        np.testing.assert_allclose(run["weights"], reference["weights"], **TOLERANCE)
        np.testing.assert_array_equal(run["weights"], runs[0]["weights"])


@pytest.fixture(scope="module")
def one_worker():
    (run,) = load(SCRIPT).run_workers(1, SEEDS)
    return run


@pytest.mark.slow
def test_two_workers_do_what_one_does(one_worker):
    assert one_worker["losses"].shape == (1, 25)
    assert one_worker["losses"][0, -5:].mean() < one_worker["losses"][0, 0] - 0.5  # it learns
    runs = load(SCRIPT).run_workers(2, SEEDS)
    assert len(runs) == 2
    assert_same_training(runs, one_worker)


@pytest.mark.slow
def test_a_loss_divided_by_the_local_batch_is_noticed(one_worker, tmp_path):
    right = "tf.nn.compute_average_loss(per_row, global_batch_size=GLOBAL_BATCH_SIZE)"
    text = SCRIPT.read_text(encoding="utf-8")
    assert text.count(right) == 1
    wrong = tmp_path / SCRIPT.name
    wrong.write_text(text.replace(right, "tf.reduce_mean(per_row)"), encoding="utf-8")
    runs = load(wrong).run_workers(2, SEEDS)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_same_training(runs, one_worker)


@pytest.mark.slow
def test_a_failing_worker_ends_the_others(tmp_path):
    text = SCRIPT.read_text(encoding="utf-8")
    broken = tmp_path / SCRIPT.name
    broken.write_text(
        text.replace(
            '    """Be one worker', "    raise SystemExit(3)\n" + '    """Be one worker', 1
        ),
        encoding="utf-8",
    )
    with pytest.raises(RuntimeError, match="worker 0 of 2 ended with status 3"):
        load(broken).run_workers(2, SEEDS)


def test_ports_are_free_and_different():
    ports = load(SCRIPT).free_ports(3)
    assert len(set(ports)) == 3
    assert all(0 < port < 65536 for port in ports)
