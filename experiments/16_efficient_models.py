"""Make a small network smaller in every usual way, often enough to say what each way costs.

    python experiments/16_efficient_models.py --seeds 5 --workers 2

writes experiments/results/16_efficient_models.json. Five questions about a convolutional network
for Fashion-MNIST:

1. What do fewer filters and separable convolutions cost in accuracy?
2. Does a narrow network gain when it learns from the wide one (distillation)?
3. How many weights can be set to zero, at once or little by little, and does that beat a narrow
   network with as many weights, if both get the same extra training?
4. How few bits do the weights need, with one scale a layer or one a filter?
5. What do the real tools make of it: LiteRT's files, their size after gzip and their accuracy,
   by the number of calibration rows; and Keras' own ``model.quantize``?

Rates, and temperature and weight of the distillation, are chosen on 5,000 validation rows with
a seed that is not used again. Every finished variant meets the test set once a seed. A stopped
script goes on where it was.

One thread a process, so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
import multiprocessing
import tempfile
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split

from lecture_utils.batches import batch_order
from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.results import LongRun
from lecture_utils.schedules import one_cycle
from lecture_utils.studies.litert import LiteRT, convert, gzipped_size
from lecture_utils.studies.pruning import gradual_sparsity, magnitude_masks
from lecture_utils.studies.quantization import fold_normalization, quantize
from lecture_utils.studies.small_networks import build_small_network

SETTINGS = {
    "validation_rows": 5_000,
    "split_random_state": 0,
    "batch_size": 100,
    "optimizer": "adam",
    "epochs": 4,
    "warmup_share": 0.25,
    "fine_tuning_epochs": 1,
    "pruning_share": 0.75,
    "pruning_interval": 25,
    "networks": {
        "full": {"filters": [16, 32, 64]},
        "half": {"filters": [8, 16, 32]},
        "quarter": {"filters": [4, 8, 16]},
        "eighth": {"filters": [2, 4, 8]},
        "separable": {"filters": [16, 32, 64], "separable": True},
    },
    "rate_of": {
        "full": "full",
        "half": "full",
        "quarter": "quarter",
        "eighth": "quarter",
        "separable": "separable",
    },
    "candidate_rates": [0.006, 0.018, 0.054],
    "candidate_fine_tuning_rates": [0.002, 0.006, 0.018],
    "student": "quarter",
    "candidate_temperatures": [1.0, 3.0, 9.0],
    "candidate_soft_weights": [0.5, 0.9],
    "sparsities": [0.5, 0.75, 0.875, 0.95],
    "sparsity_for_rates": 0.875,
    "fine_tuned": ["full", "quarter", "eighth"],
    "bits": [8, 7, 6, 5, 4, 3, 2],
    "calibration_rows": [1, 10, 100, 1000],
    "usual_calibration_rows": 100,
    "choice_seed": 100,
    "threads": 1,
}
Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


@cache
def data() -> dict[str, np.ndarray]:
    """Return pictures (uint8, n x 28 x 28 x 1) and labels: fit, validation and test."""
    (x, y), (x_test, y_test) = load_fashion_mnist()
    fit, validation = train_test_split(
        np.arange(len(x)),
        test_size=SETTINGS["validation_rows"],
        stratify=y,
        random_state=SETTINGS["split_random_state"],
    )
    x, x_test = x[..., np.newaxis], x_test[..., np.newaxis]
    return {
        "x_fit": x[fit],
        "y_fit": y[fit],
        "x_validation": x[validation],
        "y_validation": y[validation],
        "x_test": x_test,
        "y_test": y_test,
    }


def cross_entropy() -> Loss:
    """Return the loss of a network that learns from labels alone."""
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def distillation(temperature: float, soft_weight: float) -> Loss:
    """Return the loss of a student; a target holds the label and the teacher's 10 logits."""

    def loss(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        labels, teacher = keras.ops.cast(targets[:, 0], "int32"), targets[:, 1:]
        hard = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
        soft_targets = keras.ops.softmax(teacher / temperature)
        soft = keras.losses.categorical_crossentropy(
            soft_targets, logits / temperature, from_logits=True
        )
        return (1 - soft_weight) * hard + soft_weight * temperature**2 * soft

    return loss


def new_network(name: str, seed: int) -> keras.Model:
    """Return an untrained network; what came before it is dropped from memory."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    return build_small_network(**SETTINGS["networks"][name])


def train(
    model: keras.Model,
    targets: np.ndarray,
    *,
    peak: float,
    epochs: int,
    seed: int,
    loss: Loss | None = None,
    after_step: Callable[[int], None] = lambda step: None,
) -> None:
    """Train a network in place on the fit rows, from where it is."""
    model.compile(SETTINGS["optimizer"], loss or cross_entropy())
    images = data()["x_fit"]
    n_steps = epochs * (len(images) // SETTINGS["batch_size"])
    order = batch_order(
        len(images),
        batch_size=SETTINGS["batch_size"],
        n_steps=n_steps,
        rng=np.random.default_rng(seed),
    )
    for step, (rate, rows) in enumerate(
        zip(
            one_cycle(n_steps, peak=peak, rising_share=SETTINGS["warmup_share"]), order, strict=True
        )
    ):
        model.optimizer.learning_rate = rate
        model.train_on_batch(images[rows], targets[rows])
        after_step(step + 1)


def train_new(name: str, *, peak: float, seed: int) -> keras.Model:
    """Return a network that learned from labels."""
    model = new_network(name, seed)
    train(model, data()["y_fit"], peak=peak, epochs=SETTINGS["epochs"], seed=seed)
    return model


def logits_of(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return the logits, shape (n, 10)."""
    parts = np.split(images, len(images) // 1_000)
    return np.concatenate([model.predict_on_batch(part) for part in parts])


def accuracy(model: keras.Model, part: str) -> float:
    """Return the accuracy on the validation or the test rows."""
    found = logits_of(model, data()[f"x_{part}"]).argmax(axis=1)
    return float((found == data()[f"y_{part}"]).mean())


def kernels_of(model: keras.Model) -> list[keras.Variable]:
    """Return the weights that are pruned: those of convolutions and of the dense layer."""
    return [layer.kernel for layer in model.layers if hasattr(layer, "kernel")]


class Pruner:
    """Keeps the smallest weights of a network at zero while it trains."""

    def __init__(self, model: keras.Model, sparsity: float, ramp: int = 0) -> None:
        self.kernels, self.sparsity, self.ramp = kernels_of(model), sparsity, ramp
        if ramp == 0:
            self.choose(sparsity)

    def choose(self, sparsity: float) -> None:
        """Take the smallest weights out, over all layers together."""
        self.masks = magnitude_masks([k.numpy() for k in self.kernels], sparsity=sparsity)
        self.apply()

    def apply(self) -> None:
        """Set what is out to zero."""
        for kernel, mask in zip(self.kernels, self.masks, strict=True):
            kernel.assign(kernel * mask)

    def __call__(self, step: int) -> None:
        """Follow the schedule while it rises; then hold."""
        if step < self.ramp and step % SETTINGS["pruning_interval"] > 0:
            return
        if step <= self.ramp:
            self.choose(float(gradual_sparsity(step, final=self.sparsity, n_steps=self.ramp)))
        else:
            self.apply()


def fine_tune(model: keras.Model, *, how: str, sparsity: float, peak: float, seed: int) -> None:
    """Train on: without pruning ("dense"), pruned at once ("one_shot"), or "gradual"."""
    targets, epochs = data()["y_fit"], SETTINGS["fine_tuning_epochs"]
    ramp = 0
    if how == "gradual":
        n_steps = epochs * (len(targets) // SETTINGS["batch_size"])
        interval = SETTINGS["pruning_interval"]
        ramp = round(SETTINGS["pruning_share"] * n_steps / interval) * interval
    after_step = {} if how == "dense" else {"after_step": Pruner(model, sparsity, ramp)}
    train(model, targets, peak=peak, epochs=epochs, seed=seed, **after_step)


def rate_task(runs: Path, name: str, peak: float) -> dict:
    """Return the validation accuracy that a rate leads to; keep the weights."""
    seed = SETTINGS["choice_seed"]
    model = train_new(name, peak=peak, seed=seed)
    np.savez(runs / f"{name}-{peak:g}.npz", *model.get_weights())
    return {"accuracy": accuracy(model, "validation")}


def trained_for_choices(runs: Path, name: str, peak: float) -> keras.Model:
    """Return the network that `rate_task` trained."""
    model = new_network(name, SETTINGS["choice_seed"])
    with np.load(runs / f"{name}-{peak:g}.npz") as stored:
        model.set_weights(list(stored.values()))
    return model


def distil(teacher_logits: np.ndarray, *, settings: dict, peak: float, seed: int) -> keras.Model:
    """Return a student that learned from labels and from its teacher's logits."""
    model = new_network(SETTINGS["student"], seed)
    targets = np.column_stack([data()["y_fit"], teacher_logits]).astype(np.float32)
    loss = distillation(**settings)
    train(model, targets, peak=peak, epochs=SETTINGS["epochs"], seed=seed, loss=loss)
    return model


def distillation_task(runs: Path, rates: dict, settings: dict) -> dict:
    """Return the validation accuracy of a student with these settings."""
    teacher_logits = logits_of(trained_for_choices(runs, "full", rates["full"]), data()["x_fit"])
    student_rate, seed = rates[SETTINGS["student"]], SETTINGS["choice_seed"]
    model = distil(teacher_logits, settings=settings, peak=student_rate, seed=seed)
    return {"accuracy": accuracy(model, "validation")}


def fine_tuning_task(runs: Path, rates: dict, how: str, peak: float) -> dict:
    """Return the validation accuracy that a rate of the fine-tuning leads to."""
    model = trained_for_choices(runs, "full", rates["full"])
    sparsity = SETTINGS["sparsity_for_rates"]
    fine_tune(model, how=how, sparsity=sparsity, peak=peak, seed=SETTINGS["choice_seed"])
    return {"accuracy": accuracy(model, "validation")}


def litert_accuracy(content: bytes) -> float:
    """Return the test accuracy of a converted model."""
    found = LiteRT(content).outputs(data()["x_test"]).argmax(axis=1)
    return float((found == data()["y_test"]).mean())


def sizes(content: bytes) -> dict:
    """Return the bytes of a file, as they are and after gzip."""
    return {"bytes": len(content), "gzip": gzipped_size(content)}


def measure(model: keras.Model) -> dict:
    """Return accuracy, parameters and file of a finished network in float32."""
    found = {"accuracy": accuracy(model, "test"), "parameters": model.count_params()}
    return found | sizes(convert(model))


def folded(model: keras.Model) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return kernel and bias of each layer of a plain network, normalization folded in."""
    found = []
    for layer, after in zip(model.layers, [*model.layers[1:], None], strict=True):
        if isinstance(layer, keras.layers.Conv2D):
            gain, shift, mean, variance = after.get_weights()
            found.append(
                fold_normalization(
                    layer.get_weights()[0],
                    gain=gain,
                    shift=shift,
                    mean=mean,
                    variance=variance,
                    epsilon=after.epsilon,
                )
            )
        elif isinstance(layer, keras.layers.Dense):
            found.append(tuple(layer.get_weights()))
    return found


def folded_network(filters: list[int]) -> keras.Model:
    """Return a network without normalization, whose convolutions have a bias."""
    layers = [keras.Input((28, 28, 1)), keras.layers.Rescaling(1 / 255)]
    for n_filters in filters:
        layers.append(
            keras.layers.Conv2D(n_filters, 3, strides=2, padding="same", activation="relu")
        )
    return keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(10)])


def bit_widths(model: keras.Model) -> dict:
    """Return accuracies with weights of few bits, and how far the weights moved."""
    parts = folded(model)
    plain = folded_network(SETTINGS["networks"]["full"]["filters"])
    plain.set_weights([weight for pair in parts for weight in pair])
    test = data()["x_test"][:1_000]
    largest = np.abs(logits_of(plain, test) - logits_of(model, test)).max()
    spreads = [np.abs(k).reshape(-1, k.shape[-1]).max(axis=0) for k, _ in parts]
    found = {
        "folding_error": float(largest),
        "range_ratios": [float(s.max() / np.median(s)) for s in spreads],
    }
    for scales, axis in (("layer", None), ("filter", -1)):
        found[scales] = {"accuracy": [], "relative_error": []}
        for bits in SETTINGS["bits"]:
            errors, weights = [], []
            for kernel, bias in parts:
                codes, scale = quantize(kernel, bits=bits, axis=axis)
                rounded = codes * scale
                if np.abs(rounded - kernel).max() > (1 + 1e-6) * scale.max() / 2:
                    raise RuntimeError("a weight moved by more than half a scale")
                errors.append(((rounded - kernel) ** 2).sum() / (kernel**2).sum())
                weights += [rounded, bias]
            plain.set_weights(weights)
            found[scales]["accuracy"].append(accuracy(plain, "test"))
            found[scales]["relative_error"].append([float(np.sqrt(e)) for e in errors])
    return found


def calibrations(seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Yield sets of rows that give the ranges of the activations, good ones and bad ones."""
    images = data()["x_fit"]
    rows = np.random.default_rng([seed, 2]).permutation(len(images))
    for n_rows in SETTINGS["calibration_rows"]:
        yield str(n_rows), images[rows[:n_rows]]
    usual = images[rows[: SETTINGS["usual_calibration_rows"]]]
    yield "black", np.zeros_like(usual)
    yield "scaled", usual / np.float32(255)


def quantized(model: keras.Model, rows: np.ndarray) -> dict:
    """Return accuracy and file of a network in int8."""
    content = convert(model, precision="int8", calibration=rows)
    return {"accuracy": litert_accuracy(content), **sizes(content)}


def keras_quantized(model: keras.Model) -> dict:
    """Return what Keras' own quantization does to accuracy and file; the model is changed."""
    found, parameters = {}, model.count_params()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("float32", "int8"):
            if name == "int8":
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    model.quantize("int8")
                left_out = [str(w.message).split()[1] for w in caught if "quantize" in str(w)]
                int8 = sum(w.shape.num_elements() for w in model.weights if w.dtype == "int8")
                found |= {"left_out": sorted(set(left_out)), "share_int8": int8 / parameters}
            path = Path(folder, f"{name}.keras")
            model.save(path, include_optimizer=False)
            found[name] = {"accuracy": accuracy(model, "test"), **sizes(path.read_bytes())}
    return found


def seed_task(seed: int, rates: dict, fine_tuning_rates: dict, settings: dict) -> dict:
    """Return everything about one seed."""
    usual = dict(calibrations(seed))[str(SETTINGS["usual_calibration_rows"])]
    found = {"networks": {}, "fine_tuned": {}, "pruned": {}, "int8": {}}
    weights = {}
    for name in SETTINGS["networks"]:
        model = train_new(name, peak=rates[SETTINGS["rate_of"][name]], seed=seed)
        weights[name] = model.get_weights()
        found["networks"][name] = measure(model)
        if name in ("half", "separable"):
            found["int8"][name] = quantized(model, usual)

    def trained(name: str) -> keras.Model:
        model = new_network(name, seed)
        model.set_weights(weights[name])
        return model

    full = trained("full")
    found["bits"] = bit_widths(full)
    content = convert(full, precision="dynamic")
    found["dynamic"] = {"accuracy": litert_accuracy(content), **sizes(content)}
    found["float32"] = {"accuracy": litert_accuracy(convert(full))}
    found["calibration"] = {name: quantized(full, rows) for name, rows in calibrations(seed)}
    found["keras"] = keras_quantized(trained("full"))

    teacher_logits = logits_of(full, data()["x_fit"])
    student_rate = rates[SETTINGS["student"]]
    student = distil(teacher_logits, settings=settings, peak=student_rate, seed=seed)
    found["networks"]["distilled"] = measure(student)

    tune = partial(fine_tune, seed=seed)
    for name in SETTINGS["fine_tuned"]:
        model = trained(name)
        tune(model, how="dense", sparsity=0, peak=fine_tuning_rates["dense"])
        found["fine_tuned"][name] = measure(model)
    for how in ("global", "by_layer", "one_shot", "gradual"):
        found["pruned"][how] = []
        for sparsity in SETTINGS["sparsities"]:
            model = trained("full")
            if how == "global":
                Pruner(model, sparsity)
            elif how == "by_layer":
                for kernel in kernels_of(model):
                    (mask,) = magnitude_masks([kernel.numpy()], sparsity=sparsity)
                    kernel.assign(kernel * mask)
            else:
                tune(model, how=how, sparsity=sparsity, peak=fine_tuning_rates[how])
            kernels = [kernel.numpy() for kernel in kernels_of(model)]
            stays = [float(np.mean(kernel != 0)) for kernel in kernels]
            row = {"accuracy": accuracy(model, "test"), "stays": stays}
            if how == "gradual":
                row |= sizes(convert(model))
                row["non_zero"] = sum(int(np.count_nonzero(kernel)) for kernel in kernels)
                if sparsity == SETTINGS["sparsity_for_rates"]:
                    found["int8"]["gradual"] = quantized(model, usual)
            found["pruned"][how].append(row)
    return found


def use_one_thread() -> None:
    """Prepare a process that runs parts."""
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])


def choose(long_run: LongRun, pool: ProcessPoolExecutor) -> tuple[dict, dict]:
    """Return the chosen settings, and the validation accuracies that chose them."""
    candidates = SETTINGS["candidate_rates"]
    kinds = dict.fromkeys(SETTINGS["rate_of"].values())
    tasks = {
        f"rate-{kind}-{peak:g}": partial(rate_task, long_run.folder, kind, peak)
        for kind in kinds
        for peak in candidates
    }
    found = long_run.parts(tasks, pool)
    rate_scores = {
        kind: [found[f"rate-{kind}-{peak:g}"]["accuracy"] for peak in candidates] for kind in kinds
    }
    rates = {kind: candidates[int(np.argmax(scores))] for kind, scores in rate_scores.items()}

    tuning_candidates = SETTINGS["candidate_fine_tuning_rates"]
    ways = ("dense", "one_shot", "gradual")
    tasks = {
        f"fine_tuning-{how}-{peak:g}": partial(fine_tuning_task, long_run.folder, rates, how, peak)
        for how in ways
        for peak in tuning_candidates
    }
    students = [
        {"temperature": temperature, "soft_weight": soft_weight}
        for temperature in SETTINGS["candidate_temperatures"]
        for soft_weight in SETTINGS["candidate_soft_weights"]
    ]
    names = ["student-{temperature:g}-{soft_weight:g}".format(**settings) for settings in students]
    for name, settings in zip(names, students, strict=True):
        tasks[name] = partial(distillation_task, long_run.folder, rates, settings)
    found |= long_run.parts(tasks, pool)
    tuning_scores = {
        how: [found[f"fine_tuning-{how}-{peak:g}"]["accuracy"] for peak in tuning_candidates]
        for how in ways
    }
    student_scores = [found[name]["accuracy"] for name in names]
    chosen = {
        "rates": rates,
        "fine_tuning_rates": {
            how: tuning_candidates[int(np.argmax(scores))] for how, scores in tuning_scores.items()
        },
        "settings": students[int(np.argmax(student_scores))],
    }
    scores = {"rates": rate_scores, "fine_tuning_rates": tuning_scores, "settings": student_scores}
    return chosen, {"scores": scores, "students": students}


def collected(parts: list) -> object:
    """Return the results of all seeds in one: a list in the place of every number."""
    if isinstance(parts[0], dict):
        return {key: collected([part[key] for part in parts]) for key in parts[0]}
    if isinstance(parts[0], list) and isinstance(parts[0][0], dict):
        return [collected(list(rows)) for rows in zip(*parts, strict=True)]
    return parts


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 0 (5)")
    parser.add_argument("--workers", type=int, default=1, help="processes side by side (1)")
    options = parser.parse_args()
    seeds = list(range(options.seeds))
    long_run = LongRun(__file__)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.workers, spawn, use_one_thread) as pool:
        chosen, choices = choose(long_run, pool)
        print(chosen, flush=True)
        tasks = {f"seed-{seed}": partial(seed_task, seed, **chosen) for seed in seeds}
        found = list(long_run.parts(tasks, pool).values())
    long_run.save(
        settings=SETTINGS,
        seeds=seeds,
        results={"chosen": chosen, "choices": choices, **collected(found)},
    )


if __name__ == "__main__":
    main()
