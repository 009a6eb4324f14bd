"""Frozen or free? Learn 20 classes of CIFAR-100 with a network that knows the 80 others.

    python experiments/15_frozen_or_free.py --seeds 5

writes experiments/results/15_frozen_or_free.json. The pretrained network is the one that the
package holds. Three questions, in this order:

1. Which rate suits each way to use the network, for each number of labels? Every way chooses its
   own: decades from 1e-5 on first, then the half decades beside the best of them, and further out
   while the best is an end of what was tried. The validation pictures of the target decide, with a
   draw of labels that is not used again.
2. How well does each way do on the 20 classes that were held out, one of each superclass, and on
   the ten classes of Fashion-MNIST, "far"? A seed draws the labelled pictures, the head and the
   order of the batches.
3. What does the network still know about the 80 classes, with its old head put back?

Ways that answer a question of their own run with one number of labels only.

Each network is evaluated on the test pictures once, when its training is over. A stopped script
goes on where it was. One thread, so that the order of additions does not depend on the machine's
cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf

from lecture_utils.augmentation import crop_randomly, flip_horizontally
from lecture_utils.batches import batch_order
from lecture_utils.datasets import CIFAR100_FINE_TO_COARSE, load_cifar100, load_fashion_mnist
from lecture_utils.datasets.pretrained import load_cifar100_network
from lecture_utils.results import LongRun
from lecture_utils.schedules import one_cycle
from lecture_utils.training import CompiledTraining, StepTraining

SETTINGS = {
    "filters": [16, 48, 96],
    "optimizer": "adam",
    "warmup_share": 0.25,
    "split_seed": 0,
    "choice_seed": 100,
    "threads": 1,
    "batch_size": 40,
    "crop_padding": 4,
    "candidate_decades": [0.00001, 0.0001, 0.001, 0.01],
    "most_candidates": 9,
    "validation_per_class": 100,
    "source_validation_per_class": 50,
    "near": {"pool": 400, "labels_per_class": [4, 20, 80, 400], "steps": [100, 200, 400, 1000]},
    "far": {"pool": 400, "labels_per_class": [20], "steps": [200]},
}
#: The first class of each superclass, in the order of their numbers, is held out.
TARGET_CLASSES = sorted(CIFAR100_FINE_TO_COARSE.index(coarse) for coarse in range(20))
SOURCE_CLASSES = sorted({*range(100)} - {*TARGET_CLASSES})
FEW, SOME, MANY = [4], [80], [400]
EVERY = [4, 20, 80, 400]
#: With how many labels a class each way runs. The ways whose name holds "features" train a head
#: alone; of the others "scratch" starts from random weights, "random_head" and "two_rates" from the
#: trained front and a random head, and the rest from the trained front and its trained head.
WAYS = {
    "near": {
        "features": EVERY,
        "features_longer": EVERY,  # twice the steps, as many as "head_first" in both its stages
        "random_features": EVERY,
        "head_first": FEW + SOME + MANY,
        "by_batch": SOME,
        "two_rates": SOME,  # the head at the best rate of "features", the front at its own
        "random_head": FEW,
        "scratch": FEW + SOME + MANY,
        "features_augmented": SOME,
        "head_first_augmented": SOME,
    },
    "far": {"features": [20], "random_features": [20], "head_first": [20], "scratch": [20]},
}
#: What a way trains; the others train all convolutions and the head.
TRAINS = {"features_augmented": "head"}
#: What starts from the pretrained front and a head that was trained on its features.
AFTER_HEAD = ("head_first", "by_batch", "head_first_augmented")
#: What changes the pretrained front, so that something can be forgotten.
CHANGES_FRONT = (*AFTER_HEAD, "random_head", "two_rates")


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
    """Return the source task and the targets; of the source only what judges."""
    cifar = [(x, y[:, 0]) for x, y in load_cifar100()]
    clothes = [(as_cifar(x), y.astype(int)) for x, y in load_fashion_mnist()]
    n_validation = SETTINGS["validation_per_class"]
    n_source = SETTINGS["source_validation_per_class"]
    tasks = {"source": split(*cifar, SOURCE_CLASSES, n_validation=n_source, n_fit=1)}
    for name, data, classes in (
        ("near", cifar, TARGET_CLASSES),
        ("far", clothes, list(range(10))),
    ):
        pool = SETTINGS[name]["pool"]
        tasks[name] = split(*data, classes, n_validation=n_validation, n_fit=pool)
    return tasks


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


class TwoRates(StepTraining):
    """Step by step, with the front at a share of the head's rate.

    A step of Adam is the rate times something that does not depend on the rate, so a share of
    the step is the step at a share of the rate.
    """

    def __init__(self, model: keras.Model, front: keras.Model) -> None:
        super().__init__(model)
        self.front_weights = front.trainable_variables
        self.front_share = tf.Variable(1.0, dtype=tf.float32)

    def _step(self, x_batch: tf.Tensor, labels_batch: tf.Tensor) -> tf.Tensor:
        """Take one step; return its loss."""
        before = [tf.identity(weight.value) for weight in self.front_weights]
        loss = super()._step(x_batch, labels_batch)
        for weight, old in zip(self.front_weights, before, strict=True):
            weight.assign(old + self.front_share * (weight - old))
        return loss


class Network:
    """One network and its compiled step, started again for every run."""

    def __init__(self, n_classes: int, *, by_batch: bool, trains: str = "all") -> None:
        front = build_front()
        for layer in front.layers:
            # A call with training=False would not do: Keras 3 overrules it while training.
            is_normalization = isinstance(layer, keras.layers.BatchNormalization)
            if trains == "head" or (is_normalization and not by_batch):
                layer.trainable = False
        inputs = keras.Input((32, 32, 3), dtype="uint8")
        head = keras.layers.Dense(n_classes)
        self.model = compiled(keras.Model(inputs, head(front(inputs))))
        self.front = front
        self.training = TwoRates(self.model, front)
        self.fresh_optimizer = [v.numpy() for v in self.model.optimizer.variables]

    def train(
        self,
        weights: list[np.ndarray],
        task: Pictures,
        *,
        rates: np.ndarray,
        batches: np.ndarray,
        change: Callable[[np.ndarray], np.ndarray] | None = None,
        front_share: float = 1.0,
    ) -> None:
        """Train from these weights, with the optimizer of a new model.

        The front takes `front_share` of each rate, the head all of it.
        """
        self.training.front_share.assign(front_share)
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
    return crop_randomly(flipped, rng, padding=SETTINGS["crop_padding"])


class Laboratory:
    """The data, the networks, and the runs on them."""

    def __init__(self, run: LongRun) -> None:
        self.tasks = load_tasks()
        self.run = run
        self.networks = {}
        self.front = build_front()
        *self.pretrained, _ = load_cifar100_network().values()  # front and old head
        self.kept_features = {}

    def features(self, front_weights: list[np.ndarray], images: np.ndarray) -> np.ndarray:
        """Return what a front makes of images, normalized by the stored averages."""
        self.front.set_weights(front_weights)
        parts = np.array_split(images, -(-len(images) // 500))
        return np.concatenate([self.front.predict_on_batch(part) for part in parts])

    def pretrained_features(self, target: str, part: str) -> np.ndarray:
        """Return the features of the pretrained front for one part of a target, computed once."""
        if (target, part) not in self.kept_features:
            images = getattr(self.tasks[target], part)
            self.kept_features[target, part] = self.features(self.pretrained[:-2], images)
        return self.kept_features[target, part]

    def accuracy(self, weights: list[np.ndarray], task: Pictures, part: str) -> float:
        """Return the share of right answers of a whole network on one part of a task."""
        *front, kernel, bias = weights
        scores = self.features(front, getattr(task, part)) @ kernel + bias
        return float(np.mean(scores.argmax(axis=1) == getattr(task, f"{part}_labels")))

    def train_head(
        self,
        features: np.ndarray,
        labels: np.ndarray,
        head: list[np.ndarray],
        *,
        peak: float,
        batches: np.ndarray,
    ) -> list[np.ndarray]:
        """Return a head trained on these rows of `features`."""
        rows = np.unique(batches)
        x = features[rows]
        key = "head", *x.shape, batches.shape, head[-1].shape
        if key not in self.networks:
            model = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Dense(len(head[-1]))])
            self.networks[key] = CompiledTraining(compiled(model))
        training = self.networks[key]
        training.restart(head)
        training.run(
            x,
            labels[rows],
            rates=rates_up_to(peak, len(batches)),
            batches=np.searchsorted(rows, batches),
        )
        return training.model.get_weights()

    def transfer(
        self, target: str, way: str, n: int, *, seed: int, peak: float, head_peak: float, part: str
    ) -> dict:
        """Return what one run with `n` labels a class found, from its file if it is there."""

        def measure() -> dict:
            task = self.tasks[target]
            weights = self._transfer(target, way, n, seed, peak, head_peak)
            if way in ("features", "features_longer"):
                kernel, bias = weights[-2:]
                scores = self.pretrained_features(target, part) @ kernel + bias
                right = scores.argmax(axis=1) == getattr(task, f"{part}_labels")
                found = {part: float(right.mean())}
            else:
                found = {part: self.accuracy(weights, task, part)}
            if way in CHANGES_FRONT and part == "test":
                old = [*weights[:-2], *self.pretrained[-2:]]
                found["source_test"] = self.accuracy(old, self.tasks["source"], "test")
            print(found, end=" ")
            return found

        return self.run.part(f"{target}-{way}-{n}-{peak:g}-{seed}-{part}", measure)

    def _transfer(
        self, target: str, way: str, n: int, seed: int, peak: float, head_peak: float
    ) -> list[np.ndarray]:
        """Train in one way; return the weights of the whole network."""
        settings, task = SETTINGS[target], self.tasks[target]
        n_steps = settings["steps"][settings["labels_per_class"].index(n)]
        rng = np.random.default_rng(seed)
        labelled = np.concatenate(
            [rng.permutation(np.flatnonzero(task.fit_labels == k))[:n]
             for k in range(task.n_classes)]
        )  # fmt: skip
        if way == "features_longer":
            n_steps *= 2
        size = min(SETTINGS["batch_size"], len(labelled))
        batches = labelled[batch_order(len(labelled), batch_size=size, n_steps=n_steps, rng=rng)]
        *untrained, kernel, bias = first_weights(seed, task.n_classes)
        front, head = self.pretrained[:-2], [kernel, bias]
        train_head = partial(self.train_head, labels=task.fit_labels, head=head, batches=batches)
        if way == "random_features":
            features = np.empty((len(task.fit), len(kernel)), np.float32)
            rows = np.unique(batches)
            features[rows] = self.features(untrained, task.fit[rows])
            return [*untrained, *train_head(features, peak=peak)]
        if way in ("features", "features_longer"):
            head = train_head(self.pretrained_features(target, "fit"), peak=peak)
            return [*front, *head]
        if way in AFTER_HEAD:
            head = train_head(self.pretrained_features(target, "fit"), peak=head_peak)
        if way == "scratch":
            front = untrained
        network = self._network(
            task.n_classes,
            by_batch=way in ("scratch", "by_batch"),
            trains=TRAINS.get(way, "all"),
        )
        augmented = way.endswith("_augmented")
        network.train(
            [*front, *head],
            task,
            rates=rates_up_to(head_peak if way == "two_rates" else peak, n_steps),
            batches=batches,
            change=partial(augment, rng=np.random.default_rng([seed, 1])) if augmented else None,
            front_share=peak / head_peak if way == "two_rates" else 1.0,
        )
        return network.get_weights()

    def _network(self, n_classes: int, **settings: bool | str) -> Network:
        """Return a network of this kind, compiled once."""
        key = n_classes, *settings.values()
        if key not in self.networks:
            self.networks[key] = Network(n_classes, **settings)
        return self.networks[key]


def rates_up_to(peak: float, n_steps: int) -> np.ndarray:
    """Return the rates of a one-cycle schedule."""
    return one_cycle(n_steps, peak=peak, rising_share=SETTINGS["warmup_share"])


def measure(
    laboratory: Laboratory, target: str, way: str, n: int, *, seeds: list[int], head_peak: float
) -> dict:
    """Return how a way did with `n` labels a class, at the rate that it chose before."""
    transfer = partial(laboratory.transfer, target, way, n, head_peak=head_peak)
    judged = SETTINGS["choice_seed"]
    tried = choose_rate(lambda rate: transfer(seed=judged, peak=rate, part="validation"))
    rate = best_rate(tried)
    runs = collect([transfer(seed=seed, peak=rate, part="test") for seed in seeds])
    print(f"{target} {n} {way} at {rate:g}: {np.mean(runs['test']):.4f}", flush=True)
    choice = [[each, tried[each]["validation"]] for each in sorted(tried)]
    return {"choice": choice, "rate": rate, "runs": runs}


def choose_rate(judge: Callable[[float], dict]) -> dict[float, dict]:
    """Return what `judge` found at each rate that it was asked for.

    First decades; then the half decades beside the best, and on while the best is an end.
    """
    tried = {rate: judge(rate) for rate in SETTINGS["candidate_decades"]}
    while len(tried) < SETTINGS["most_candidates"]:
        best = best_rate(tried)
        missing = [rate for rate in beside(best) if rate not in tried]
        if not missing:
            break
        tried |= {rate: judge(rate) for rate in missing}
    return tried


def best_rate(tried: dict[float, dict]) -> float:
    """Return the rate with the highest validation accuracy, the smallest of equal ones."""
    return max(sorted(tried), key=lambda rate: tried[rate]["validation"])


def beside(rate: float) -> tuple[float, float]:
    """Return the half decade below and above: 1, 3, 10, 30, ..."""
    digit, exponent = f"{rate:.0e}".split("e")
    below, above = {"1": ("3", 1), "3": ("1", 0)}[digit], {"1": ("3", 0), "3": ("1", 1)}[digit]
    return (
        float(f"{below[0]}e{int(exponent) - below[1]}"),
        float(f"{above[0]}e{int(exponent) + above[1]}"),
    )


def collect(runs: list[dict]) -> dict:
    """Return what the runs of all seeds found, quantity by quantity."""
    return {name: [run[name] for run in runs] for name in runs[0]}


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 0 (5)")
    seeds = list(range(parser.parse_args().seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])

    long_run = LongRun(__file__)
    laboratory = Laboratory(long_run)
    before = laboratory.accuracy(laboratory.pretrained, laboratory.tasks["source"], "test")
    results = {"source_test": before}
    for target, ways in WAYS.items():
        found = results[target] = {n: {} for n in SETTINGS[target]["labels_per_class"]}
        for way, sizes in ways.items():
            for n in sizes:
                if n in found:  # a short run has fewer
                    head_peak = found[n].get("features", {}).get("rate", 0.0)
                    found[n][way] = measure(
                        laboratory, target, way, n, seeds=seeds, head_peak=head_peak
                    )
    long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    main()
