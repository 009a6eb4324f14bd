"""The stored benchmarks belong to the code that is there, and the page shows them."""

import sys
from pathlib import Path

import numpy as np
import pytest

from lecture_utils.results import load_results
from lecture_utils.training import CompiledTraining
from lecture_utils.used_code import code_digest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import benchmark_page as page  # noqa: E402
import compression_speed  # noqa: E402
import sweep_speed  # noqa: E402
import text_speed  # noqa: E402
import training_speed  # noqa: E402

MODULES = {
    "sweep": sweep_speed,
    "training": training_speed,
    "text": text_speed,
    "compression": compression_speed,
}


@pytest.fixture(scope="module")
def stored():
    return {name: load_results(f"{name}_speed", folder=BENCHMARKS / "results") for name in MODULES}


@pytest.mark.parametrize("name", MODULES)
def test_results_were_made_by_the_code_that_is_there(stored, name):
    assert stored[name]["digest"] == code_digest(MODULES[name].__file__), (
        "the code has changed since it was measured: run `make bench` "
        "(`python benchmarks/run.py training text --tune` where it searches) and commit the results"
    )
    assert stored[name]["settings"] == MODULES[name].SETTINGS


def test_page_shows_the_stored_results(stored):
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.written(text, stored) == text, "run `python benchmarks/run.py --page`"


def test_page_without_marks_is_refused(stored):
    with pytest.raises(ValueError, match="the page must hold <!-- results: begin -->"):
        page.written("# Benchmarks", stored)


def test_every_seed_reaches_the_lectures_accuracy_with_a_budget_chosen_without_the_test(stored):
    results = stored["training"]["results"]
    assert results["budget"] == training_speed.chosen(results["searched"])
    assert len(results["test_accuracies"]) == len(training_speed.SEEDS)
    assert min(results["test_accuracies"]) > training_speed.TARGET


def test_linear_model_reaches_the_accuracy_in_a_tenth_of_the_time(stored):
    results = stored["text"]["results"]
    assert results["budget"] == text_speed.chosen(results["searched"])
    assert len(results["test_accuracies"]["linear"]) == len(text_speed.SEEDS)
    assert min(results["test_accuracies"]["linear"]) > text_speed.TARGET
    durations = results["seconds"]
    for lecture, linear in zip(durations["lecture"], durations["linear"], strict=True):
        assert linear < lecture / 10


def test_chosen_text_budget_is_the_fastest_that_is_good_enough():
    searched = [
        {"budget": 0, "validation_accuracies": [0.88, 0.89], "fastest_s": 0.1},  # the worst counts
        {"budget": 1, "validation_accuracies": [0.885, 0.89], "fastest_s": 0.3},
        {"budget": 2, "validation_accuracies": [0.90, 0.90], "fastest_s": 0.4},
    ]
    assert text_speed.chosen(searched) == 1


def test_all_ways_to_read_reviews_learn_in_small(monkeypatch):
    monkeypatch.setitem(text_speed.LECTURE, "n_epochs", 60)
    monkeypatch.setitem(text_speed.LECTURE, "batch_size", 64)
    monkeypatch.setitem(text_speed.LECTURE, "n_training", 400)
    rng = np.random.default_rng(0)
    reviews = np.empty(500, dtype=object)
    reviews[:] = [rng.integers(10, 50, size=n).tolist() for n in rng.integers(5, 20, size=500)]
    labels = rng.integers(0, 2, size=500)
    for review, label in zip(reviews, labels, strict=True):
        review[-1] = 100 + int(label)  # the last word tells the label
    training, validation = text_speed.split(reviews, labels, seed=0)
    assert (len(training[0]), len(validation[0])) == (400, 100)
    padded = text_speed.pad(validation[0])

    model = text_speed.fit_as_the_lecture(training, validation, seed=0)
    assert model.evaluate(padded, validation[1], verbose=0)[1] > 0.9
    weights = text_speed.train_on_counts(training, validation, seed=0)
    counts = text_speed.count_words(padded, text_speed.N_WORDS)
    assert np.mean((text_speed.scores(weights, counts) > 0) == validation[1]) > 0.9
    for words in ("last", "whole"):
        budget = {"words": words, "strength": 10.0, "tolerance": 1e-4}
        linear = text_speed.fit_linear(training, budget)
        assert linear.score(text_speed.count(validation[0], words), validation[1]) > 0.9


def test_chosen_is_the_cheapest_budget_that_is_good_enough():
    def candidate(batch_size, n_epochs, worst, fastest_s):
        return {
            "budget": {"batch_size": batch_size, "n_epochs": n_epochs},
            "validation_accuracies": [worst, 0.95],
            "fastest_s": fastest_s,
        }

    searched = [
        candidate(128, 2, 0.8798, 0.2),  # not good enough
        candidate(128, 4, 0.8805, 0.9),  # 0.1 s an epoch, as the first one shows
        candidate(256, 4, 0.8805, 0.6),  # 0.15 s an epoch
    ]
    assert training_speed.chosen(searched) == searched[1]["budget"]


def test_validation_images_are_a_fair_share_of_every_class_and_of_no_use_for_training():
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(10), 600))
    training, validation = training_speed.split(labels)
    assert sorted([*training, *validation]) == list(range(len(labels)))
    assert np.bincount(labels[validation]).tolist() == [500] * 10


def test_sweep_is_measured_in_small():
    small = {**sweep_speed.SETTINGS, "n_rates": 3, "n_steps": 10, "record_every": 5,
             "eager_steps": 2, "eager_warm_up_steps": 1, "n_repeats": 2}  # fmt: skip
    results = sweep_speed.measure(small)
    assert len(results["eager_s"]) == len(results["compiled_s"]) == 2
    assert min(*results["eager_s"], *results["compiled_s"], results["first_call_s"]) > 0
    assert results["n_updates"] == 30


def test_every_smaller_model_is_measured_in_turn_and_shown(stored):
    times = stored["compression"]["results"]["seconds"]
    settings = compression_speed.SETTINGS
    assert list(times) == [str(size) for size in settings["batch_sizes"]]
    for variants in times.values():
        assert set(variants) == set(page.COMPRESSED) == {*compression_speed.VARIANTS, "keras"}
        for measured in variants.values():
            assert len(measured) == settings["n_repeats"] and min(measured) > 0
    assert min(times["100"]["float32"]) > min(times["1"]["float32"])


def test_smaller_models_are_measured_in_small(monkeypatch):
    kept = {name: compression_speed.VARIANTS[name] for name in ("float32", "pruned_int8")}
    monkeypatch.setattr(compression_speed, "VARIANTS", kept)
    small = {**compression_speed.SETTINGS, "batch_sizes": [2], "n_repeats": 2, "least_s": 1e-3}
    times = compression_speed.measure(small)["seconds"]["2"]
    assert set(times) == {"float32", "pruned_int8", "keras"}
    assert all(len(measured) == 2 and min(measured) > 0 for measured in times.values())


def test_pruned_model_of_the_benchmark_has_the_zeros_that_it_claims():
    model = compression_speed.build(compression_speed.FULL, pruned=True)
    kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
    zeros = sum((kernel == 0).sum() for kernel in kernels) / sum(k.size for k in kernels)
    assert zeros == pytest.approx(compression_speed.SETTINGS["sparsity"], abs=1e-4)


def test_repetitions_fill_the_time_that_is_asked_for(monkeypatch):
    monkeypatch.setattr(compression_speed, "seconds", lambda call, n_calls: 0.002 * n_calls)
    assert compression_speed.repetitions(None, least_s=0.02) == 10
    assert compression_speed.repetitions(None, least_s=0.001) == 1


def test_operations_are_counted_as_by_hand():
    # 8 rows, 3 features, 3 classes: 24 logits of 3 terms.
    assert sweep_speed.operations_per_update()["exponentials"] == 24
    assert training_speed.operations_per_image() == 2 * (2 * 784 * 128 + 3 * 128 * 10)


def test_both_trainings_learn_in_small():
    rng = np.random.default_rng(0)
    labels = np.arange(1280) % 10
    x = rng.integers(0, 100, size=(1280, 28, 28)).astype(np.uint8)
    x[np.arange(1280), labels] = 255  # a bright row tells the class
    training = CompiledTraining(training_speed.build(0))
    budget = {"batch_size": 64, "n_epochs": 4, "highest_rate": 0.01}
    training_speed.train_compiled(training, x, labels, seed=1, budget=budget)
    assert training_speed.accuracy(training.model, x, labels) > 0.9
    model = training_speed.fit_as_the_lecture(x, labels, seed=1)
    assert training_speed.accuracy(model, x / 255.0, labels) > 0.9


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.5e-5, "25 µs"),
        (0.0253, "25 ms"),
        (0.00253, "2.5 ms"),
        (17.4, "17 s"),
        (3251.0, "3,300 s"),
        (1.0, "1.0 s"),
    ],
)
def test_times_are_written_with_unit_and_two_digits(value, text):
    assert page._seconds(value) == text
