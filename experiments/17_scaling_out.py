"""Find out how far a larger batch replaces more steps, and which learning rate it needs.

    python experiments/17_scaling_out.py --seeds 5

writes experiments/results/17_scaling_out.json. Three questions, in this order, about a small
dense network on Fashion-MNIST:

1. Which rate is best for each batch size, after the same number of epochs? Validation data and
   seeds of their own decide, for plain gradient descent and for Adam.
2. How do the best rate, the one of the linear rule, that of the square-root rule and the
   unchanged one compare, with and without warm-up? On fresh seeds; each trained network is
   evaluated on the test set once.
3. How many steps does each batch size need to a fixed validation loss, at its own best rate, and
   how large is the gradient noise scale on the way?

A stopped script goes on where it was; `--optimizers adam` lets a second process do that part. One
thread, so that the order of additions does not depend on the number of cores.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
from collections.abc import Callable
from functools import partial

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split

from lecture_utils.batches import batch_order
from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.results import LongRun
from lecture_utils.schedules import linear_warmup
from lecture_utils.training import CompiledTraining

SETTINGS = {
    "validation_rows": 5_000,
    "split_random_state": 0,
    "hidden_units": 64,
    "batch_sizes": {
        "sgd": [8, 32, 128, 512, 2048, 8192],
        "adam": [32, 512, 8192],
    },
    "base_batch_size": 32,
    "epochs": 8,
    "warmup_epochs": 1,
    "rate_factor": 2,
    "middle_rate": {"sgd": 0.1, "adam": 0.001},
    "first_doublings": {"sgd": -2, "adam": 0},
    "choice_seeds": [100, 101, 102],
    "target_loss": 0.45,
    "target_choice_seeds": [200, 201],
    "evaluations_per_epoch": 8,
    "longest_epochs": 100,
    "noise_scale_losses": [1.0, 0.6, 0.45],
    "threads": 1,
}
BASE = SETTINGS["base_batch_size"]
OPTIMIZERS = ("sgd", "adam")


class Clothes:
    """Fashion-MNIST as rows of bytes, with the validation rows taken out of the training set."""

    def __init__(self):
        (x, y), (x_test, self.y_test) = load_fashion_mnist()
        x_fit, x_validation, self.y_fit, self.y_validation = train_test_split(
            x.reshape(-1, 784),
            y,
            test_size=SETTINGS["validation_rows"],
            stratify=y,
            random_state=SETTINGS["split_random_state"],
        )
        self.x_fit = x_fit
        self.mean = x_fit.mean(axis=0, dtype=np.float64).astype(np.float32)
        self.scaled_validation = self.scaled(x_validation)
        self.scaled_test = self.scaled(x_test.reshape(-1, 784))

    def scaled(self, x: np.ndarray) -> np.ndarray:
        """Return what the network's first layer makes of the pixels."""
        return (x - self.mean) / np.float32(255)

    def build(self, optimizer: str) -> keras.Model:
        """Return an untrained network that scales its pixels itself, ready to train."""
        model = keras.Sequential(
            [
                keras.Input((784,)),
                keras.layers.Normalization(mean=self.mean, variance=np.full(784, 255.0**2)),
                keras.layers.Dense(SETTINGS["hidden_units"], activation="relu"),
                keras.layers.Dense(10),
            ]
        )
        model.compile(
            optimizer={"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}[optimizer](0.1),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        return model


class Trainer:
    """Trains networks for one optimizer and batch size; compiles once for each length."""

    def __init__(self, clothes: Clothes, optimizer: str, batch_size: int):
        keras.utils.clear_session()
        self.clothes, self.batch_size = clothes, batch_size
        self.training = CompiledTraining(clothes.build(optimizer))
        self.optimizer = optimizer
        self.steps_per_epoch = len(clothes.y_fit) // batch_size

    def start(self, seed: int, n_steps: int) -> np.ndarray:
        """Put a new network in place; return the rows of each of its steps."""
        keras.utils.set_random_seed(seed)
        self.training.restart(self.clothes.build(self.optimizer).get_weights())
        rng = np.random.default_rng([seed, self.batch_size])
        return batch_order(
            len(self.clothes.y_fit), batch_size=self.batch_size, n_steps=n_steps, rng=rng
        )

    def go_on(self, rates: np.ndarray, batches: np.ndarray) -> list[np.ndarray]:
        """Take these steps; return the weights of the two dense layers."""
        clothes = self.clothes
        self.training.run(clothes.x_fit, clothes.y_fit, rates=rates, batches=batches)
        return self.training.model.get_weights()[-4:]

    def train(self, seed: int, rate: float, warmup_from: float | None = None) -> list[np.ndarray]:
        """Train for all epochs; return the weights."""
        n_steps = SETTINGS["epochs"] * self.steps_per_epoch
        batches = self.start(seed, n_steps)
        rates = np.full(n_steps, rate)
        if warmup_from is not None:
            rates = linear_warmup(
                np.arange(n_steps),
                schedule=partial(np.full_like, fill_value=rate, dtype=float),
                warmup_steps=SETTINGS["warmup_epochs"] * self.steps_per_epoch,
                start_rate=warmup_from,
            )
        return self.go_on(rates, batches)

    def steps_to_target(self, seed: int, rate: float, *, noise: bool = False) -> dict:
        """Train until the validation loss is down; return the steps, and the noise scales.

        Between two evaluations the loss is taken as a straight line.
        """
        clothes, losses = self.clothes, list(SETTINGS["noise_scale_losses"])
        stride = max(1, self.steps_per_epoch // SETTINGS["evaluations_per_epoch"])
        n_pieces = SETTINGS["longest_epochs"] * self.steps_per_epoch // stride
        batches = self.start(seed, n_pieces * stride)
        scales, weights = {}, self.training.model.get_weights()[-4:]
        before = loss_and_accuracy(weights, clothes.scaled_validation, clothes.y_validation)[0]
        if noise:
            scales["start"] = noise_scale(weights, clothes)
        for piece in range(n_pieces):
            weights = self.go_on(
                np.full(stride, rate), batches[piece * stride : (piece + 1) * stride]
            )
            loss, _ = loss_and_accuracy(weights, clothes.scaled_validation, clothes.y_validation)
            if loss is None:
                break
            passed = [wanted for wanted in losses if loss <= wanted]
            losses = losses[len(passed) :]
            if noise and passed:
                scales[str(passed[-1])] = noise_scale(weights, clothes)
            if loss <= SETTINGS["target_loss"]:
                share = (before - SETTINGS["target_loss"]) / (before - loss)
                return {"steps": (piece + share) * stride, "noise_scales": scales}
            before = loss
        return {"steps": None, "noise_scales": scales}


def forward(weights: list[np.ndarray], x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the hidden layer's outputs and the logits."""
    kernel_1, bias_1, kernel_2, bias_2 = weights
    hidden = np.maximum(0, x @ kernel_1 + bias_1)
    return hidden, hidden @ kernel_2 + bias_2


def loss_and_accuracy(
    weights: list[np.ndarray], x: np.ndarray, y: np.ndarray
) -> tuple[float | None, float]:
    """Return mean cross-entropy (nats; None if the network diverged) and accuracy."""
    if not all(np.isfinite(w).all() for w in weights):
        return None, float((y == 0).mean())  # NaN everywhere: class 0 is predicted
    logits = forward(weights, x)[1].astype(np.float64)
    logits -= logits.max(axis=1, keepdims=True)
    of_the_label = logits[np.arange(len(y)), y]
    loss = (np.log(np.exp(logits).sum(axis=1)) - of_the_label).mean()
    return float(loss), float((logits.argmax(axis=1) == y).mean())


def noise_scale(weights: list[np.ndarray], clothes: Clothes) -> float:
    """Return the variance of one row's gradient divided by the full gradient's squared length.

    A dense layer's gradient for one row is the outer product of its inputs (and a one, for the
    bias) and the errors at its outputs, so its squared length is the product of theirs.
    """
    n_rows, squares = len(clothes.y_fit), 0.0
    sums = [np.zeros(w.shape) for w in weights]
    for rows in np.array_split(np.arange(n_rows), 11):
        x, y = clothes.scaled(clothes.x_fit[rows]), clothes.y_fit[rows]
        hidden, logits = forward(weights, x)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        errors = powers / powers.sum(axis=1, keepdims=True)
        errors[np.arange(len(y)), y] -= 1
        hidden_errors = (errors @ weights[2].T) * (hidden > 0)
        for inputs, outputs, i in ((x, hidden_errors, 0), (hidden, errors, 2)):
            squares += (((inputs**2).sum(axis=1) + 1) * (outputs**2).sum(axis=1)).sum()
            sums[i] += inputs.T @ outputs
            sums[i + 1] += outputs.sum(axis=0)
    gradient_square = sum(((total / n_rows) ** 2).sum() for total in sums)
    variance = (squares - n_rows * gradient_square) / (n_rows - 1)
    return float(variance / gradient_square)


def rate_of(optimizer: str, doublings: int) -> float:
    """Return a rate of the grid."""
    return SETTINGS["middle_rate"][optimizer] * SETTINGS["rate_factor"] ** doublings


def smallest(values: dict[int, list[float | None]]) -> int:
    """Return the key with the smallest mean; a key with a failed run is out."""
    means = {k: np.mean(v) for k, v in values.items() if None not in v}
    return min(means, key=means.get)


def climb(runs: Callable[[int], list[float | None]], start: int) -> tuple[int, dict]:
    """Return where `runs` has its smallest mean, with a larger one on either side, and all runs."""
    found = {k: runs(k) for k in (start - 1, start, start + 1)}
    while (best := smallest(found)) in (min(found), max(found)):
        further = best - 1 if best == min(found) else best + 1
        found[further] = runs(further)
    return best, {str(k): v for k, v in sorted(found.items())}


def choose_rates(trainer: Trainer, start: int, long_run: LongRun) -> tuple[int, dict]:
    """Return the best rate, in doublings, and the validation losses that say so."""
    clothes, optimizer, size = trainer.clothes, trainer.optimizer, trainer.batch_size

    def losses(k: int) -> list[float | None]:
        def run(seed: int) -> float | None:
            weights = trainer.train(seed, rate_of(optimizer, k))
            return loss_and_accuracy(weights, clothes.scaled_validation, clothes.y_validation)[0]

        return [
            long_run.part(f"choice {optimizer} {size} {k} {seed}", partial(run, seed))
            for seed in SETTINGS["choice_seeds"]
        ]

    return climb(losses, start)


def judge_rules(
    trainer: Trainer, best: int, base: int, seeds: list[int], long_run: LongRun
) -> dict:
    """Return losses and accuracies of the rules on fresh seeds; the test set once a network."""
    clothes, optimizer = trainer.clothes, trainer.optimizer
    times = trainer.batch_size / BASE
    unchanged = rate_of(optimizer, base)
    rules = {
        "best": (rate_of(optimizer, best), None),
        "linear": (unchanged * times, None),
        "square root": (unchanged * times**0.5, None),
        "unchanged": (unchanged, None),
    }
    if times > 1:
        rules["linear, warm-up"] = (unchanged * times, unchanged)
    seen = slice(0, SETTINGS["validation_rows"])  # as many training rows as validation rows
    sets = {
        "training": (clothes.scaled(clothes.x_fit[seen]), clothes.y_fit[seen]),
        "validation": (clothes.scaled_validation, clothes.y_validation),
        "test": (clothes.scaled_test, clothes.y_test),
    }

    def run(seed: int, rate: float, warmup_from: float | None) -> dict:
        weights = trainer.train(seed, rate, warmup_from)
        return {name: loss_and_accuracy(weights, *rows) for name, rows in sets.items()}

    found = {}
    for rule, (rate, warmup_from) in rules.items():
        # Equal rates are equal runs, made once.
        key = f"rules {optimizer} {trainer.batch_size} {rate:.6g} {warmup_from}"
        runs = [long_run.part(f"{key} {s}", partial(run, s, rate, warmup_from)) for s in seeds]
        found[rule] = {"rate": rate} | {
            f"{name}_{what}": [r[name][i] for r in runs]
            for name in sets
            for i, what in enumerate(("loss", "accuracy"))
        }
    return found


def steps_to_target(trainer: Trainer, start: int, seeds: list[int], long_run: LongRun) -> dict:
    """Climb to the rate with the fewest steps; return steps and noise scales of fresh seeds."""
    size = trainer.batch_size

    def steps(k: int) -> list[float | None]:
        def run(seed: int) -> float | None:
            return trainer.steps_to_target(seed, rate_of("sgd", k))["steps"]

        return [
            long_run.part(f"target choice {size} {k} {seed}", partial(run, seed))
            for seed in SETTINGS["target_choice_seeds"]
        ]

    chosen, tried = climb(steps, start)
    rate = rate_of("sgd", chosen)
    runs = [
        long_run.part(
            f"target {size} {chosen} {seed}",
            partial(trainer.steps_to_target, seed, rate, noise=True),
        )
        for seed in seeds
    ]
    return {
        "rate": rate,
        "choice_steps": tried,
        "steps": [run["steps"] for run in runs],
        "noise_scales": [run["noise_scales"] for run in runs],
    }


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 0 (5)")
    parser.add_argument(
        "--optimizers",
        nargs="+",
        choices=OPTIMIZERS,
        default=OPTIMIZERS,
        help="a part of the work, which is kept and not stored (all)",
    )
    options = parser.parse_args()
    seeds = list(range(options.seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])

    long_run = LongRun(__file__)
    clothes = Clothes()
    results = {"choice": {}, "rules": {}, "target": {}}
    for optimizer in options.optimizers:
        sizes = SETTINGS["batch_sizes"][optimizer]
        best, choice, start = {}, {}, SETTINGS["first_doublings"][optimizer]
        for size in sizes:
            trainer = Trainer(clothes, optimizer, size)
            best[size], losses = choose_rates(trainer, start, long_run)
            choice[str(size)] = {"rate": rate_of(optimizer, best[size]), "losses": losses}
            start = best[size]
        results["choice"][optimizer] = choice
        results["rules"][optimizer] = {
            str(size): judge_rules(
                Trainer(clothes, optimizer, size), best[size], best[BASE], seeds, long_run
            )
            for size in sizes
        }
        if optimizer == "sgd":
            results["target"] = {
                str(size): steps_to_target(
                    Trainer(clothes, optimizer, size), best[size], seeds, long_run
                )
                for size in sizes
            }
    if set(options.optimizers) == set(OPTIMIZERS):
        long_run.save(settings=SETTINGS, seeds=seeds, results=results)


if __name__ == "__main__":
    main()
