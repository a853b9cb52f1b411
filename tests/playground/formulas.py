"""Random formulas for tests, with what Python needs to compute them by itself."""

import math
import random

FORMS = {
    "sin": math.sin,
    "cos": math.cos,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "tanh": math.tanh,
    "relu": lambda a: max(a, 0.0),
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "square": lambda a: a * a,
}


def random_formula(chance: random.Random) -> tuple[str, dict[str, float]]:
    """Return a formula of a few operations and values at which it is finite."""
    while True:
        values = {name: round(chance.uniform(-2, 2), 2) for name in "abc"}
        text = f"{_part(chance, 3)} + a * b - c"
        try:
            found = eval(text, dict(FORMS), values)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        if isinstance(found, float) and abs(found) < 1e4:
            return text, values


def _part(chance: random.Random, depth: int) -> str:
    if depth == 0:
        return chance.choice(["a", "b", "c", "a", "b", f"{chance.uniform(0.2, 3):.2f}"])
    kind = chance.random()
    if kind < 0.4:
        return f"{chance.choice(sorted(FORMS))}({_part(chance, depth - 1)})"
    if kind < 0.5:
        return f"({_part(chance, depth - 1)}) ** {chance.choice([2, 3])}"
    if kind < 0.55:
        return f"(-({_part(chance, depth - 1)}))"
    sign = chance.choice("+-*/")
    return f"({_part(chance, depth - 1)} {sign} {_part(chance, depth - 1)})"
