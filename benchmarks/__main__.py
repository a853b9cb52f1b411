"""Run the benchmarks: ``python -m benchmarks`` for all, ``python -m benchmarks tracing`` for one.

A benchmark is a module of this package with a function ``run()`` that yields ``Result``s. What it found is
also written to ``benchmarks/results/<name>.json``, with the machine and how busy it was.
"""

from __future__ import annotations

import argparse
import json
import os
import pkgutil
import platform
import time
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from benchmarks.measure import Result

NOT_BENCHMARKS = {"__main__", "measure"}
RESULTS = Path(__file__).parent / "results"


def available() -> dict[str, str]:
    """Names of the benchmarks with what they measure."""
    modules = (info.name for info in pkgutil.iter_modules([str(Path(__file__).parent)]))
    names = sorted(name for name in modules if name not in NOT_BENCHMARKS and not name.startswith("_"))
    found = {name: import_module(f"benchmarks.{name}") for name in names}
    return {
        name: (module.__doc__ or "").split("\n")[0]
        for name, module in found.items()
        if hasattr(module, "run")
    }


def load() -> float:
    """Return how many processes wanted a core, on average over the last minute."""
    return round(os.getloadavg()[0], 2)


def save(name: str, found: list[Result], loads: tuple[float, float]) -> None:
    """Write what a benchmark found for programs to read."""
    RESULTS.mkdir(exist_ok=True)
    content = {
        "benchmark": name,
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "machine": {"cores": os.cpu_count(), "platform": platform.platform(), "load": loads},
        "results": [asdict(result) | {"held": result.held} for result in found],
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=1), encoding="utf-8")


def main() -> int:
    """Run and print; 1 if a bar was missed."""
    choices = available()
    listing = "\n".join(f"  {name:<12} {about}" for name, about in choices.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", epilog=listing, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="name", help="which to run; all without it")
    names = parser.parse_args().names or list(choices)
    unknown = [name for name in names if name not in choices]
    if unknown:
        parser.error(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(choices)}")
    missed = 0
    for name in names:
        print(f"\n{name}: {choices[name]}", flush=True)
        before = load()
        found: list[Result] = []
        for result in import_module(f"benchmarks.{name}").run():
            print(result, flush=True)
            found.append(result)
            missed += not result.held
        after = load()
        print(f"load of the machine: {before} before, {after} after; {os.cpu_count()} cores", flush=True)
        save(name, found, (before, after))
    print(f"\n{missed} missed" if missed else "\nall bars held")
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
