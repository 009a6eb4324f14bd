"""The page of the book that shows the benchmarks: tables made from the stored results."""

from pathlib import Path
from statistics import mean, median, stdev

PAGE = Path(__file__).resolve().parent.parent / "appendices" / "benchmarks.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"

#: What the ways to read the reviews are called.
TEXT_WAYS = {
    "lecture": "the lecture's way",
    "counts": "the same network on counts",
    "linear": "the linear model",
}

#: What the smaller models are called; the wide network is compared with itself in float32.
COMPRESSED = {
    "float32": "float32",
    "half": "half as many filters",
    "quarter": "a quarter",
    "eighth": "an eighth",
    "separable": "separable convolutions",
    "pruned": "pruned",
    "dynamic": "int8 weights (dynamic range)",
    "int8": "int8",
    "pruned_int8": "pruned, int8",
    "half_int8": "half as many filters, int8",
    "separable_int8": "separable convolutions, int8",
    "keras": "float32, `predict_on_batch` of Keras",
    "wide": "four times as many filters, float32",
    "wide_dynamic": "four times as many filters, int8 weights",
    "wide_int8": "four times as many filters, int8",
}


def tables(stored: dict[str, dict]) -> str:
    """Return the tables for the stored results of all benchmarks."""
    sweep, training, text = (stored[name]["results"] for name in ("sweep", "training", "text"))
    text_settings = stored["text"]["settings"]
    target = stored["training"]["settings"]["target"]
    rates, steps = (stored["sweep"]["settings"][name] for name in ("n_rates", "n_steps"))
    sections = [
        ("The machine", _machine(stored)),
        (
            "How much faster",
            _table(
                [
                    "measured",
                    "the lecture's way",
                    "the course's way",
                    "times faster",
                    "at the first call",
                ],
                [
                    [
                        f"{rates:,} rates for {steps:,} steps each",
                        *_ratio(sweep["eager_s"], sweep["compiled_s"], sweep["first_call_s"]),
                    ],
                    [
                        f"Fashion-MNIST to {target:.4f}",
                        *_ratio(
                            training["fit_s"], training["compiled_s"], training["first_call_s"]
                        ),
                    ],
                    *(
                        [
                            what,
                            *_ratio(
                                text["seconds"]["lecture"],
                                text["seconds"][way],
                                text["first_call_s"][way],
                            ),
                        ]
                        for what, way in (
                            (f"IMDB, {text_settings['lecture']['n_epochs']} epochs", "counts"),
                            (f"IMDB to {text_settings['target']:.4f}", "linear"),
                        )
                    ),
                ],
            ),
        ),
        (
            "How good",
            _table(
                ["test accuracy", "mean ± sd", "worst", "seeds"],
                [
                    [
                        "Fashion-MNIST, the lecture's way",
                        *_accuracy(training["lecture_test_accuracies"]),
                    ],
                    ["Fashion-MNIST, compiled", *_accuracy(training["test_accuracies"])],
                    *(
                        [f"IMDB, {what}", *_accuracy(text["test_accuracies"][way])]
                        for way, what in TEXT_WAYS.items()
                    ),
                ],
            ),
        ),
        ("The budgets", f"{_budget(training)}\n\n{_text_budget(text)}"),
        ("Where the time of the linear model goes", _stages(text)),
        ("How close to the limit", _limit(sweep, training)),
        ("How long a smaller model takes", _compression(stored["compression"]["results"])),
    ]
    return "\n\n".join(f"## {title}\n\n{text}" for title, text in sections)


def written(text: str, stored: dict[str, dict]) -> str:
    """Return the page's text with the tables put between their marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page must hold {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{tables(stored)}\n\n{END}{after}"


def write(stored: dict[str, dict]) -> None:
    """Put the tables into the page."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(written(text, stored), encoding="utf-8", newline="\n")


def _table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _machine(stored: dict[str, dict]) -> str:
    """Return what it was measured on."""
    run = stored["sweep"]
    versions = run["versions"]
    rows = [
        ["processor", f"{run['results']['processor']}, {run['machine']['cores']} cores"],
        *([name, version] for name, version in versions.items() if name != "scikit-learn"),
        [
            "matrix product, all cores",
            f"{stored['training']['results']['matrix_product_rate'] / 1e9:.0f} GFLOP/s",
        ],
        [
            "matrix product, one core",
            f"{run['results']['matrix_product_rate_one_core'] / 1e9:.0f} GFLOP/s",
        ],
        [
            "exponentials, one core",
            f"{run['results']['exponential_rate_one_core'] / 1e9:.1f} billion/s",
        ],
    ]
    return _table(["what", "measured on"], rows)


def _ratio(slow: list[float], fast: list[float], first: float) -> list[str]:
    """Return the cells of a comparison, pair by pair of measurements taken in turn."""
    ratios = [s / f for s, f in zip(slow, fast, strict=True)]
    return [
        f"{_seconds(median(slow))} ({_seconds(min(slow))} to {_seconds(max(slow))})",
        f"{_seconds(median(fast))} ({_seconds(min(fast))} to {_seconds(max(fast))})",
        f"{_digits(median(ratios))} ({_digits(min(ratios))} to {_digits(max(ratios))})",
        _digits(median(slow) / first),
    ]


def _accuracy(values: list[float]) -> list[str]:
    """Return the cells for the accuracies of several seeds."""
    return [f"{mean(values):.4f} ± {stdev(values):.4f}", f"{min(values):.4f}", str(len(values))]


def _budget(training: dict) -> str:
    """Return what was searched and what was chosen."""
    budget = training["budget"]
    (accuracies,) = (
        s["validation_accuracies"] for s in training["searched"] if s["budget"] == budget
    )
    return (
        f"Fashion-MNIST: of {len(training['searched'])} budgets, the search chose batches of "
        f"{budget['batch_size']}, {budget['n_epochs']} epochs and a highest rate of "
        f"{budget['highest_rate']:g}, with {mean(accuracies):.4f} ± {stdev(accuracies):.4f} "
        f"on the validation images (worst of {len(accuracies)} seeds: {min(accuracies):.4f})."
    )


def _text_budget(text: dict) -> str:
    """Return what was searched for the linear model and what was chosen."""
    budget = text["budget"]
    (accuracies,) = (s["validation_accuracies"] for s in text["searched"] if s["budget"] == budget)
    words = {"whole": "whole reviews", "last": "the last words"}[budget["words"]]
    return (
        f"IMDB: of {len(text['searched'])} budgets, the search chose {words}, `C` = "
        f"{budget['strength']:g} and a tolerance of {budget['tolerance']:g}, with "
        f"{mean(accuracies):.4f} ± {stdev(accuracies):.4f} on the validation reviews "
        f"(worst of {len(accuracies)} seeds: {min(accuracies):.4f})."
    )


def _stages(text: dict) -> str:
    """Return the seconds of each stage of the linear model."""
    seconds, stages = text["linear_stages_s"], ("counting", "weighting", "fitting")
    return _table(["stage", "time"], [[name, _seconds(median(seconds[name]))] for name in stages])


def _limit(sweep: dict, training: dict) -> str:
    """Return what share of the attainable speed is reached."""
    operations, updates = sweep["operations_per_update"], sweep["n_updates"]
    exponentials = updates * operations["exponentials"] / sweep["exponential_rate_one_core"]
    arithmetic = updates * operations["arithmetic"] / sweep["matrix_product_rate_one_core"]
    products, batch_products = (
        training["operations"] / training[rate]
        for rate in ("matrix_product_rate", "batch_product_rate")
    )
    rows = [
        (
            "the sweep, one core",
            f"{_seconds(exponentials)} exponentials + {_seconds(arithmetic)} arithmetic",
            exponentials + arithmetic,
            min(sweep["compiled_s"]),
        ),
        (
            "the training, all cores",
            f"{_seconds(products)} products of large matrices, NumPy",
            products,
            min(training["compiled_s"]),
        ),
        (
            "the training, all cores",
            f"{_seconds(batch_products)} products of its batches, compiled",
            batch_products,
            min(training["compiled_s"]),
        ),
    ]
    return _table(
        ["limit", "least time at the machine's rates", "fastest run", "share"],
        [[what, how, _seconds(s), f"{least / s:.0%}"] for what, how, least, s in rows],
    )


def _compression(compression: dict) -> str:
    """Return the time of one call of each model against that of its float32 file."""
    rows = [[name] for name in COMPRESSED.values()]
    for times in compression["seconds"].values():
        for row, variant in zip(rows, COMPRESSED, strict=True):
            reference = "wide" if variant.startswith("wide") else "float32"
            ratios = [s / r for s, r in zip(times[variant], times[reference], strict=True)]
            row.append(_seconds(median(times[variant])))
            row.append(f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    head = ["model"]
    for batch_size in compression["seconds"]:
        pictures = "one picture" if batch_size == "1" else f"{batch_size} pictures"
        head += [pictures, "against float32"]
    return _table(head, rows)


def _seconds(value: float) -> str:
    """Return a time with its unit, in two or three digits."""
    if value < 1e-3:
        return f"{_digits(1e6 * value)} µs"
    return f"{_digits(1000 * value)} ms" if value < 1 else f"{_digits(value)} s"


def _digits(value: float) -> str:
    """Return a number in about two digits, thousands separated."""
    if value < 10:
        return f"{value:.1f}"
    magnitude = 10 ** (len(str(int(value))) - 2)
    return f"{round(value / magnitude) * magnitude:,.0f}"
