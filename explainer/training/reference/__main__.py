"""``python -m explainer.training.reference head`` repeats an experiment; one that was killed goes on.

``python -m explainer.training.reference table head`` prints what it came to.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from explainer.errors import ReaderError
from explainer.training.reference.plans import PLANS, short
from explainer.training.reference.running import RESULTS, carry_out, results_of
from explainer.training.reference.tables import as_table

_RUNS = Path("runs") / "reference"


def main(words: list[str] | None = None) -> None:
    """Do or show one experiment from the command line."""
    parser = argparse.ArgumentParser(prog="python -m explainer.training.reference", description=__doc__)
    parser.add_argument(
        "words", nargs="+", metavar="word", help=f"{' or '.join(PLANS)}; with table before it, its table only"
    )
    parser.add_argument(
        "--short", action="store_true", help="a few drawings, one epoch, two seeds: to see that it works"
    )
    parser.add_argument("--seeds", type=int, help="only so many of the seeds; the others can follow later")
    parser.add_argument("--runs", type=Path, default=_RUNS, help="folder for checkpoints")
    parser.add_argument("--out", type=Path, help="folder for the results; by default the app's own")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(words)
    *verbs, name = options.words
    if name not in PLANS or verbs not in ([], ["table"]):
        parser.error(f"say one of {', '.join(PLANS)}, with or without table before it")
    if options.seeds is not None and options.seeds < 1:
        parser.error("say one seed or more")
    out = options.out or (options.runs / "short" if options.short else RESULTS)
    torch.set_num_threads(options.threads)
    try:
        if not verbs:
            plan = short(PLANS[name]) if options.short else PLANS[name]
            carry_out(plan, options.runs, out, lambda line: print(line, flush=True), seeds=options.seeds)
        print(as_table(results_of(name, out)))
    except ReaderError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
