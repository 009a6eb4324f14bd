"""Pretrain a small network on 80 classes of CIFAR-100, then learn 20 others from few labels.

    python experiments/15_transfer_learning.py --seeds 5

writes experiments/results/15_transfer_learning.json and, for the chapters, the pretrained network:
lecture_utils/data/cifar100_network/weights.npz. Three questions, in this order:

1. Which rate suits each way to use the network, for each number of labels? The validation
   pictures of the target classes decide, with draws of labels of their own: three where labels
   are few, else one.
2. How well does each way do on two targets: the 20 classes of CIFAR-100 that were held out, one of
   each superclass, and, at the same rates and with few labels, the ten classes of Fashion-MNIST?
   A seed draws the labelled pictures, the head and the order of the batches.
3. What does the network still know about the 80 classes, with its old head put back?

Pretraining is one run, at the peak rate that chapter 12 chose for this network. Each network is
evaluated on the test pictures once, when its training is over. A stopped script goes on where it
was.

One thread, so that the order of additions does not depend on the machine's cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf

from lecture_utils.augmentation import crop_randomly, flip_horizontally
from lecture_utils.batches import batch_order
from lecture_utils.datasets import CIFAR100_FINE_TO_COARSE, load_cifar100, load_fashion_mnist
from lecture_utils.results import LongRun
from lecture_utils.schedules import one_cycle
from lecture_utils.training import CompiledTraining, StepTraining

SETTINGS = {
    "filters": [16, 48, 96],
    "optimizer": "adam",
    "warmup_share": 0.25,
    "split_seed": 0,
    "first_choice_seed": 100,
    "threads": 1,
    "source": {
        "validation_per_class": 50,
        "batch_size": 125,
        "epochs": 6,
        "crop_padding": 4,
        "rate": 0.009,
        "seed": 0,
    },
    "target": {
        "validation_per_class": 100,
        "labels_per_class": [4, 20, 80, 400],
        "far_labels_per_class": [4, 20],
        "steps": [100, 200, 400, 1000],
        "choice_runs": [3, 3, 1, 1],
        "batch_size": 40,
        "candidate_rates": [0.0003, 0.0015, 0.0075, 0.0375],
    },
}
#: The first class of each superclass, in the order of their numbers, is held out.
TARGET_CLASSES = sorted(CIFAR100_FINE_TO_COARSE.index(coarse) for coarse in range(20))
SOURCE_CLASSES = sorted({*range(100)} - {*TARGET_CLASSES})
WAYS = {
    "near": ("scratch", "random_features", "features", "last_block", "all", "all_by_batch",
             "two_stage"),
    "far": ("scratch", "random_features", "features", "all"),
}  # fmt: skip
#: They differ from "all" in one thing each, normalization or the head that they start from, so
#: they take over its rate.
RATE_OF = {"all_by_batch": "all", "two_stage": "all"}
#: What starts from the pretrained front and changes it, so that something can be forgotten.
CHANGES_FRONT = ("last_block", "all", "all_by_batch", "two_stage")
WEIGHTS_FILE = Path(__file__).parents[1] / "lecture_utils/data/cifar100_network/weights.npz"
WEIGHT_NAMES = [
    *(f"{layer}_{part}" for k in (1, 2, 3) for layer, parts in (
        (f"convolution_{k}", ("kernel",)),
        (f"normalization_{k}", ("scale", "shift", "mean", "variance")),
    ) for part in parts),
    "head_kernel",
    "head_bias",
]  # fmt: skip


class Pictures(NamedTuple):
    """The pictures of one task, split; the labels count from 0."""

    fit: np.ndarray
    fit_labels: np.ndarray
    validation: np.ndarray
    validation_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray

    @property
    def n_classes(self) -> int:
        """The number of classes."""
        return int(self.fit_labels.max()) + 1


def split(
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    classes: list[int],
    *,
    n_validation: int,
    n_fit: int,
) -> Pictures:
    """Return the pictures of some classes, with as many validation and fit rows of each."""
    (x, y), (x_test, y_test) = train, test
    rng = np.random.default_rng(SETTINGS["split_seed"])
    numbers = np.full(max(classes) + 1, -1)
    numbers[classes] = np.arange(len(classes))
    drawn = [rng.permutation(np.flatnonzero(y == k))[: n_validation + n_fit] for k in classes]
    validation = np.concatenate([rows[:n_validation] for rows in drawn])
    fit = np.concatenate([rows[n_validation:] for rows in drawn])
    seen = np.isin(y_test, classes)
    return Pictures(
        *(x[fit], numbers[y[fit]], x[validation], numbers[y[validation]]),
        *(x_test[seen], numbers[y_test[seen]]),
    )


def load_tasks() -> dict[str, Pictures]:
    """Return the source task and the two targets."""
    cifar = [(x, y[:, 0]) for x, y in load_cifar100()]
    clothes = [(as_cifar(x), y.astype(int)) for x, y in load_fashion_mnist()]
    source, target = SETTINGS["source"], SETTINGS["target"]
    counts = {
        "n_validation": target["validation_per_class"],
        "n_fit": max(target["labels_per_class"]),
    }
    n_validation = source["validation_per_class"]
    return {
        "source": split(
            *cifar, SOURCE_CLASSES, n_validation=n_validation, n_fit=500 - n_validation
        ),
        "near": split(*cifar, TARGET_CLASSES, **counts),
        "far": split(*clothes, list(range(10)), **counts),
    }


def as_cifar(images: np.ndarray) -> np.ndarray:
    """Return grey pictures of 28 x 28 as colour pictures of 32 x 32, with a black frame."""
    return np.repeat(np.pad(images, ((0, 0), (2, 2), (2, 2)))[..., np.newaxis], 3, axis=3)


def build_front() -> keras.Sequential:
    """Return the untrained network of chapter 12 without its last layer: 1,536 features."""
    layers = [keras.Input((32, 32, 3), dtype="uint8"), keras.layers.Rescaling(1 / 64, offset=-2)]
    for n_filters, size in zip(SETTINGS["filters"], (4, 3, 3), strict=True):
        layers += [
            keras.layers.Conv2D(n_filters, size, strides=2, padding="same", use_bias=False),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
        ]
    return keras.Sequential([*layers, keras.layers.Flatten()])


def compiled(model: keras.Model) -> keras.Model:
    """Return the model, ready to train."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=SETTINGS["optimizer"], loss=loss)
    return model


@cache
def first_weights(seed: int, n_classes: int) -> list[np.ndarray]:
    """Return the weights of an untrained network, the front's and then the head's."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([build_front(), keras.layers.Dense(n_classes)])
    return model.get_weights()


class Network:
    """One network and its compiled step, started again for every run."""

    def __init__(self, n_classes: int, *, by_batch: bool, only_last_block: bool = False) -> None:
        front = build_front()
        for k, layer in enumerate(front.layers):
            # A call with training=False would not do: Keras 3 overrules it while training.
            if not by_batch and isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False
            if only_last_block and k < len(front.layers) - 4:  # before the last convolution
                layer.trainable = False
        inputs = keras.Input((32, 32, 3), dtype="uint8")
        head = keras.layers.Dense(n_classes)
        self.model = compiled(keras.Model(inputs, head(front(inputs))))
        self.front = front
        self.training = StepTraining(self.model)
        self.fresh_optimizer = [v.numpy() for v in self.model.optimizer.variables]

    def train(
        self,
        weights: list[np.ndarray],
        task: Pictures,
        *,
        rates: np.ndarray,
        batches: np.ndarray,
        change: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> None:
        """Train from these weights, with the optimizer of a new model."""
        self.front.set_weights(weights[:-2])
        self.model.layers[-1].set_weights(weights[-2:])
        for variable, fresh in zip(
            self.model.optimizer.variables, self.fresh_optimizer, strict=True
        ):
            variable.assign(fresh)
        # In parts, because a run gives back the memory of its batches only at its end.
        for part in np.array_split(np.arange(len(rates)), -(-len(rates) // 100)):
            self.training.run(
                task.fit, task.fit_labels, rates=rates[part], batches=batches[part], change=change
            )

    def get_weights(self) -> list[np.ndarray]:
        """Return the weights, the front's and then the head's, whatever is frozen."""
        return [*self.front.get_weights(), *self.model.layers[-1].get_weights()]


def augment(images: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Mirror half of the images and shift each by up to 4 pixels."""
    flipped = flip_horizontally(images, rng)
    return crop_randomly(flipped, rng, padding=SETTINGS["source"]["crop_padding"])


class Laboratory:
    """The data, the networks, and the runs on them."""

    def __init__(self, run: LongRun) -> None:
        self.tasks = load_tasks()
        self.run = run
        self.networks = {}
        self.front = build_front()
        self.pretrained, self.source_run = self.pretrain()

    def features(self, front_weights: list[np.ndarray], images: np.ndarray) -> np.ndarray:
        """Return what a front makes of images, normalized by the stored averages."""
        self.front.set_weights(front_weights)
        parts = np.array_split(images, -(-len(images) // 500))
        return np.concatenate([self.front.predict_on_batch(part) for part in parts])

    def accuracy(self, weights: list[np.ndarray], task: Pictures, part: str) -> float:
        """Return the share of right answers of a whole network on one part of a task."""
        *front, kernel, bias = weights
        scores = self.features(front, getattr(task, part)) @ kernel + bias
        return float(np.mean(scores.argmax(axis=1) == getattr(task, f"{part}_labels")))

    def pretrain(self) -> tuple[list[np.ndarray], dict]:
        """Return the weights of a network of the source task, in half precision, and its run."""
        path = self.run.folder / "source.npz"

        def measure() -> dict:
            task, settings = self.tasks["source"], SETTINGS["source"]
            seed, batch_size = settings["seed"], settings["batch_size"]
            n_steps = settings["epochs"] * (len(task.fit) // batch_size)
            rng = np.random.default_rng(seed)
            batches = batch_order(len(task.fit), batch_size=batch_size, n_steps=n_steps, rng=rng)
            network = Network(task.n_classes, by_batch=True)
            network.train(
                first_weights(seed, task.n_classes),
                task,
                rates=one_cycle(
                    n_steps, peak=settings["rate"], rising_share=SETTINGS["warmup_share"]
                ),
                batches=batches,
                change=partial(augment, rng=np.random.default_rng([seed, 1])),
            )
            exact = network.get_weights()
            halved = [w.astype(np.float16) for w in exact]
            found = {}
            for name, kept in (("exact", exact), ("halved", halved)):
                found[f"validation_{name}"] = self.accuracy(kept, task, "validation")
            found["test"] = self.accuracy(halved, task, "test")
            print(f"source: {found}", flush=True)
            np.savez(path, *halved)
            return found

        found = self.run.part("source", measure)
        with np.load(path) as stored:
            return [stored[f"arr_{k}"].astype(np.float32) for k in range(len(WEIGHT_NAMES))], found

    def train_head(
        self, front: list[np.ndarray], head: list[np.ndarray], task: Pictures, peak: float, n: int
    ) -> list[np.ndarray]:
        """Return a head trained on the features of frozen front; `self.batches` are its rows."""
        n_steps = len(self.batches)
        rows = np.unique(self.batches)
        x = self.features(front, task.fit[rows])
        key = "head", task.n_classes, n
        if key not in self.networks:
            model = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Dense(task.n_classes)])
            self.networks[key] = CompiledTraining(compiled(model))
        training = self.networks[key]
        training.restart(head)
        training.run(
            x,
            task.fit_labels[rows],
            rates=one_cycle(n_steps, peak=peak, rising_share=SETTINGS["warmup_share"]),
            batches=np.searchsorted(rows, self.batches),
        )
        return training.model.get_weights()

    def transfer(
        self,
        target: str,
        way: str,
        n: int,
        *,
        seed: int,
        peak: float,
        head_peak: float | None,
        test: bool,
    ) -> dict:
        """Return what one run with `n` labels a class found, from its file if it is there."""

        def measure() -> dict:
            task = self.tasks[target]
            weights = self._transfer(task, way, n, seed, peak, head_peak)
            part = "test" if test else "validation"
            found = {part: self.accuracy(weights, task, part)}
            if way in CHANGES_FRONT:
                old = [*weights[:-2], *self.pretrained[-2:]]
                found[f"source_{part}"] = self.accuracy(old, self.tasks["source"], part)
            print(found, end=" ", flush=True)
            return found

        return self.run.part(f"{target}-{way}-{n}-{peak:g}-{seed}-{test}", measure)

    def _transfer(
        self,
        task: Pictures,
        way: str,
        n: int,
        seed: int,
        peak: float,
        head_peak: float | None,
    ) -> list[np.ndarray]:
        """Train in one way; return the weights of the whole network."""
        settings = SETTINGS["target"]
        n_steps = settings["steps"][settings["labels_per_class"].index(n)]
        rng = np.random.default_rng(seed)
        labelled = np.concatenate(
            [rng.permutation(np.flatnonzero(task.fit_labels == k))[:n]
             for k in range(task.n_classes)]
        )  # fmt: skip
        self.batches = labelled[
            batch_order(len(labelled), batch_size=settings["batch_size"], n_steps=n_steps, rng=rng)
        ]
        *untrained, kernel, bias = first_weights(seed, task.n_classes)
        front, head = self.pretrained[:-2], [kernel, bias]
        if way in ("scratch", "random_features"):
            front = untrained
        if way in ("features", "random_features"):
            return [*front, *self.train_head(front, head, task, peak, n)]
        if way == "two_stage":
            head = self.train_head(front, head, task, head_peak, n)
        by_batch = way in ("scratch", "all_by_batch")
        key = task.n_classes, by_batch, way == "last_block"
        if key not in self.networks:
            self.networks[key] = Network(
                task.n_classes, by_batch=by_batch, only_last_block=way == "last_block"
            )
        network = self.networks[key]
        rates = one_cycle(n_steps, peak=peak, rising_share=SETTINGS["warmup_share"])
        network.train([*front, *head], task, rates=rates, batches=self.batches)
        return network.get_weights()


def measure(
    laboratory: Laboratory,
    target: str,
    n: int,
    seeds: list[int],
    rates: dict[str, float] | None = None,
) -> dict:
    """Return how each way did with `n` labels a class; without `rates`, choose them before."""
    settings, first = SETTINGS["target"], SETTINGS["first_choice_seed"]
    n_choices = settings["choice_runs"][settings["labels_per_class"].index(n)]
    choice_seeds = range(first, first + n_choices)
    found = {}
    rates = {} if rates is None else rates
    for way in WAYS[target]:
        transfer = partial(laboratory.transfer, target, way, n, head_peak=rates.get("features"))
        found[way] = {}
        if way in RATE_OF:
            rates[way] = rates[RATE_OF[way]]
        elif way not in rates:
            tried = [
                collect([transfer(seed=seed, peak=rate, test=False) for seed in choice_seeds])
                for rate in settings["candidate_rates"]
            ]
            means = [np.mean(one["validation"]) for one in tried]
            rates[way] = settings["candidate_rates"][int(np.argmax(means))]
            found[way]["choice"] = tried
        runs = [transfer(seed=seed, peak=rates[way], test=True) for seed in seeds]
        found[way] |= {"rate": rates[way], "runs": collect(runs)}
    return found


def collect(runs: list[dict]) -> dict:
    """Return what the runs of all seeds found, quantity by quantity."""
    return {name: [run[name] for run in runs] for name in runs[0]}


def ship(weights: list[np.ndarray]) -> None:
    """Write a network for the package: half precision, and which class each score means."""
    WEIGHTS_FILE.parent.mkdir(parents=True, exist_ok=True)
    arrays = dict(zip(WEIGHT_NAMES, (w.astype(np.float16) for w in weights), strict=True))
    np.savez(WEIGHTS_FILE, **arrays, source_classes=np.array(SOURCE_CLASSES, np.uint8))


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 0 (5)")
    seeds = list(range(parser.parse_args().seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])

    long_run = LongRun(__file__)
    laboratory = Laboratory(long_run)
    results = {"source": laboratory.source_run, "near": {}, "far": {}}
    for n in SETTINGS["target"]["labels_per_class"]:
        near = results["near"][n] = measure(laboratory, "near", n, seeds)
        if n in SETTINGS["target"]["far_labels_per_class"]:
            rates = {way: near[way]["rate"] for way in WAYS["far"]}
            results["far"][n] = measure(laboratory, "far", n, seeds, rates)
    ship(laboratory.pretrained)
    long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    main()
