"""Run the benchmarks: ``python -m benchmarks`` for all, ``python -m benchmarks tracing`` for one.

A benchmark is a module of this package with a function ``run()`` that yields ``Result``s.
"""

from __future__ import annotations

import argparse
import pkgutil
from importlib import import_module
from pathlib import Path

NOT_BENCHMARKS = {"__main__", "measure"}


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
        for result in import_module(f"benchmarks.{name}").run():
            print(result, flush=True)
            missed += not result.held
    print(f"\n{missed} missed" if missed else "\nall bars held")
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
