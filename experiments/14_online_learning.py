"""When should a model be fitted again? Every way gets its settings from streams of its own.

    python experiments/14_online_learning.py --seeds 80

writes experiments/results/14_online_learning.json. In each of four worlds some streams choose the
settings of every way, other streams judge them, in all four worlds: nobody knows beforehand in
which one he is. A seed is a stream that judges.
"""

import argparse
import itertools
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from lecture_utils.results import LongRun
from lecture_utils.studies.streams import (
    START,
    drifting_streams,
    on_alarm,
    on_schedule,
    recursive_least_squares,
)

SETTINGS = {
    "worlds": {
        "still": ["still", 0],
        "jump 25": ["jump", 25],
        "jump 90": ["jump", 90],
        "slow 90": ["slow", 90],
    },
    "n_rows": 2_000,
    "n_tuning": 40,  # streams that choose
    "first_rows": START,
    "every": [10, 25, 50, 100, 200, 400],
    "windows": [25, 50, 100, 200, 400, 2_000],
    "cheap_rows": 650,  # what a cheap schedule may touch
    "deltas": [0.02, 0.2, 0.5, 0.9],
    "factors": [1, 3, 10],  # the largest value that ADWIN gets
    "waits": [10, 25, 50],
    "waits_once": [10, 25, 50, 100, 200],
    "at_least_every": 400,  # the schedule that goes with an alarm
    "untuned_alarm": [0.002, 1, 100],  # river's delta, and a wait that nobody chose
    "memories": [10, 14, 20, 30, 50, 100, 200, 500, 1_000, 0],  # 0: all rows
}


def each_stream(way: Callable, streams: tuple, *setting: float) -> np.ndarray:
    """Return error and rows touched of a way that takes one stream, shape (n_streams, 2)."""
    return np.array([way(x, y, *setting) for x, y in zip(*streams, strict=True)])


def never(streams: tuple) -> np.ndarray:
    """Return error and rows touched of a model that is fitted once."""
    return each_stream(on_schedule, streams, np.inf, START)


def every_row(streams: tuple, memory: float) -> np.ndarray:
    """Return error and rows touched of an update at every row."""
    errors, _ = recursive_least_squares(*streams, 1 - 1 / memory if memory else 1.0)
    touched = np.full(len(errors), errors.shape[1])
    return np.column_stack([(errors[:, START:] ** 2).mean(axis=1), touched])


def schedules(cheap: bool) -> Iterator[tuple[int, int]]:
    """Yield every schedule; with `cheap` those that touch few enough rows."""
    for every, window in itertools.product(SETTINGS["every"], SETTINGS["windows"]):
        ends = range(START + every, SETTINGS["n_rows"], every)
        if not cheap or START + sum(min(window, end) for end in ends) <= SETTINGS["cheap_rows"]:
            yield every, window


def ways() -> dict[str, tuple[Callable, list[tuple]]]:
    """Return every way: how it is measured, and the settings to choose from."""
    schedule, alarm = partial(each_stream, on_schedule), partial(each_stream, on_alarm)
    alarms = list(itertools.product(SETTINGS["deltas"], SETTINGS["factors"], SETTINGS["waits"]))
    once = itertools.product(SETTINGS["deltas"], [1], SETTINGS["waits_once"])
    return {
        "never": (never, [()]),
        "schedule": (schedule, list(schedules(cheap=False))),
        "cheap schedule": (schedule, list(schedules(cheap=True))),
        "alarm": (alarm, [(*setting, True) for setting in alarms]),
        "alarm and schedule": (
            alarm,
            [(*setting, True, SETTINGS["at_least_every"]) for setting in alarms],
        ),
        "alarm, one fit": (alarm, [(*setting, False) for setting in once]),
        "alarm, untuned": (alarm, [(*SETTINGS["untuned_alarm"], False)]),
        "every row, nothing forgotten": (every_row, [(0,)]),
        "every row": (every_row, [(memory,) for memory in SETTINGS["memories"]]),
    }


def choose(measure: Callable, offered: list[tuple], streams: tuple) -> list:
    """Return the setting with the lowest mean error, of equals the first."""
    if len(offered) == 1:
        return list(offered[0])
    errors = [measure(streams, *setting)[:, 0].mean() for setting in offered]
    return list(offered[int(np.argmin(errors))])


def measure_world(world: str, n_streams: int) -> dict:
    """Return of every way the setting chosen in one world, and what it reaches in all worlds."""
    tuning = streams_of(world, 0, SETTINGS["n_tuning"])
    found = {}
    for name, (measure, offered) in ways().items():
        setting = choose(measure, offered, tuning)
        judged = {}
        for other in SETTINGS["worlds"]:
            error, touched = measure(streams_of(other, 1, n_streams), *setting).T
            judged[other] = {"error": error, "touched": touched}
        found[name] = {"setting": setting, "judged": judged}
    return found


def streams_of(world: str, judge: int, n_streams: int) -> tuple[np.ndarray, np.ndarray]:
    """Return streams of a world: those that choose, or with `judge` 1 those that judge."""
    kind, degrees = SETTINGS["worlds"][world]
    rng = np.random.default_rng([14, list(SETTINGS["worlds"]).index(world), judge])
    return drifting_streams(kind, n_streams, rng=rng, degrees=degrees, n_rows=SETTINGS["n_rows"])


def main() -> None:
    """Run everything and store the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=80, help="streams that judge (80)")
    n_streams = parser.parse_args().seeds

    long_run = LongRun(__file__)
    results = {
        world: long_run.part(f"chosen in {world}", partial(measure_world, world, n_streams))
        for world in SETTINGS["worlds"]
    }
    long_run.save(settings=SETTINGS, seeds=list(range(n_streams)), results=results)


if __name__ == "__main__":
    main()
