"""Train the same network on one worker and on two, and see whether they do the same.

    python experiments/17_two_workers.py

starts one worker process, then two that talk to each other over 127.0.0.1, and writes
experiments/results/17_two_workers.json: the loss of every step and how far the final weights are
apart, for five seeds. Every worker is this script again, told who it is by TF_CONFIG.

A global batch has 64 rows whatever the number of workers: each takes its share of them.
One thread a process. This one and two workers hold TensorFlow at the same time: 2 GB of memory.
"""

# ruff: noqa: E402 - runtime.start_keras must come before TensorFlow is imported
import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lecture_utils import runtime

runtime.start_keras(seed=0)

import keras
import numpy as np
import tensorflow as tf

from lecture_utils.batches import batch_order
from lecture_utils.datasets import load_fashion_mnist
from lecture_utils.results import LongRun
from lecture_utils.sweep import initial_weights

SETTINGS = {
    "sizes": [784, 32, 10],
    "global_batch_size": 64,
    "learning_rate": 0.1,
    "steps": 25,
    "timeout_s": 240,
    "threads": 1,
}
GLOBAL_BATCH_SIZE = SETTINGS["global_batch_size"]


def build_model() -> keras.Model:
    """Return the network; its last layer gives logits."""
    n_features, n_hidden, n_classes = SETTINGS["sizes"]
    return keras.Sequential(
        [
            keras.Input((n_features,)),
            keras.layers.Dense(n_hidden, activation="relu"),
            keras.layers.Dense(n_classes),
        ]
    )


def rows_of(context: tf.distribute.InputContext, seed: int) -> tf.data.Dataset:
    """Return the batches of one worker: its share of every global batch."""
    (images, labels), _ = load_fashion_mnist(sample=True)
    rng = np.random.default_rng(seed)
    order = batch_order(
        len(labels), batch_size=GLOBAL_BATCH_SIZE, n_steps=SETTINGS["steps"], rng=rng
    ).ravel()
    x = images[order].reshape(-1, 784).astype(np.float32) / 255
    rows = tf.data.Dataset.from_tensor_slices((x, labels[order]))  # the same on all workers
    rows = rows.shard(context.num_input_pipelines, context.input_pipeline_id)
    return rows.batch(context.get_per_replica_batch_size(GLOBAL_BATCH_SIZE))


def work(seeds: list[int], folder: Path) -> None:
    """Be one worker: train together with the others that TF_CONFIG names."""
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    with strategy.scope():
        model = build_model()
        optimizer = keras.optimizers.SGD(SETTINGS["learning_rate"])
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")

    def replica_step(x: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            per_row = cross_entropy(labels, model(x, training=True))
            loss = tf.nn.compute_average_loss(per_row, global_batch_size=GLOBAL_BATCH_SIZE)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)  # sums over all replicas first
        return loss

    @tf.function
    def train_step(x: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        losses = strategy.run(replica_step, args=(x, labels))
        return strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)

    losses, weights = [], []
    for seed in seeds:
        start = initial_weights(SETTINGS["sizes"], n_starts=1, rng=np.random.default_rng(seed))
        model.set_weights([w[0] for w in start])
        batches = strategy.distribute_datasets_from_function(
            lambda context, seed=seed: rows_of(context, seed)
        )
        losses.append([float(train_step(x, labels)) for x, labels in batches])
        weights.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # bytes, on Linux
    index = strategy.cluster_resolver.task_id
    np.savez(folder / f"{index}.npz", losses=losses, weights=weights, peak=peak)


def run_workers(n_workers: int, seeds: list[int]) -> list[dict[str, np.ndarray]]:
    """Start so many worker processes and return what each of them found."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(n_workers)]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--seeds", str(len(seeds)), "--worker", folder]
        workers = []
        try:
            for index in range(n_workers):
                config = {
                    "cluster": {"worker": addresses},
                    "task": {"type": "worker", "index": index},
                }
                environment = os.environ | {"TF_CONFIG": json.dumps(config)}
                workers.append(subprocess.Popen(command, env=environment))
            finish = time.monotonic() + SETTINGS["timeout_s"]
            for index, worker in enumerate(workers):
                status = worker.wait(max(1, finish - time.monotonic()))
                if status:
                    raise RuntimeError(f"worker {index} of {n_workers} ended with status {status}")
        finally:
            for worker in workers:  # a worker that lost its partner would wait for ever
                worker.kill()
                worker.wait()
        return [dict(np.load(Path(folder, f"{index}.npz"))) for index in range(n_workers)]


def free_ports(n_ports: int) -> list[int]:
    """Return port numbers that nobody listens at."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n_ports)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


def main() -> None:
    """Be a worker if told so; else start workers, compare them and store what they found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds, from 0 (5)")
    parser.add_argument("--worker", type=Path, metavar="FOLDER", help="be a worker; write here")
    options = parser.parse_args()
    seeds = list(range(options.seeds))
    tf.config.threading.set_intra_op_parallelism_threads(SETTINGS["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(SETTINGS["threads"])
    if options.worker:
        work(seeds, options.worker)
        return

    long_run = LongRun(__file__)
    (alone,), (first, second) = run_workers(1, seeds), run_workers(2, seeds)
    long_run.save(
        settings=SETTINGS,
        seeds=seeds,
        results={
            "losses": {
                "one worker": alone["losses"],
                "worker 0 of 2": first["losses"],
                "worker 1 of 2": second["losses"],
            },
            "largest_loss_difference": {
                "worker 0 and worker 1": np.abs(first["losses"] - second["losses"]).max(),
                "one worker and two": np.abs(alone["losses"] - first["losses"]).max(),
            },
            "largest_weight": np.abs(alone["weights"]).max(),
            "largest_weight_difference": {
                "worker 0 and worker 1": np.abs(first["weights"] - second["weights"]).max(),
                "one worker and two": np.abs(alone["weights"] - first["weights"]).max(),
            },
            "peak_mebibytes": [run["peak"] / 2**20 for run in (alone, first, second)],
        },
    )


if __name__ == "__main__":
    main()
