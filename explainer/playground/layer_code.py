"""PyTorch's code of a layer, read and written: ``nn.Conv2d(3, 8, 3, stride=2, padding=1)``.

Nothing that a reader writes is evaluated. The text is parsed into Python's syntax tree, of which only calls
of known layers with literal numbers, pairs, words and flags are read; every value is bounded before use.
"""

from __future__ import annotations

import ast
import re
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from math import prod
from typing import TYPE_CHECKING, Any

from explainer.errors import ReaderError
from explainer.playground.layer_specs import (
    KINDS,
    MOST_PARAMETERS,
    REQUIRED,
    LayerSpec,
    layer,
)

if TYPE_CHECKING:
    from torch import nn

__all__ = [
    "LayerSpec",
    "build",
    "layer",
    "parameters_of",
    "read_chain",
    "read_layer",
    "write_chain",
    "write_layer",
]

LONGEST = 4000
"""Characters of a text that is read."""
MOST_LAYERS = 40
EXAMPLE = "nn.Conv2d(3, 8, 3, stride=2, padding=1)"
_SHOWN = 40
"""Characters of the reader's text that a message repeats."""
_MODULES = ("nn", "torch.nn")


class _Text:
    """A parsed text that knows where its parts stand."""

    def __init__(self, text: str) -> None:
        # An input method for Japanese leaves full-width digits, brackets and commas behind.
        plain = unicodedata.normalize("NFKC", text.replace("−", "-")).replace("、", ",")
        self.text = textwrap.dedent("\n".join(re.split(r"\r\n?|\n", plain))).strip()
        if not self.text:
            raise ReaderError("Write a layer, for example {example}.", example=EXAMPLE)
        if len(self.text) > LONGEST:
            raise ReaderError("The code is longer than {limit} characters.", limit=LONGEST)
        self.lines = self.text.split("\n")
        try:
            self.body = ast.parse(self.text).body
        except SyntaxError as error:
            raise ReaderError(
                "The code cannot be read at {place}: is a bracket, comma or quote missing or too many?",
                place=self._at(error.lineno or 1, error.offset or 1),
            ) from None
        except (ValueError, RecursionError, MemoryError):
            raise ReaderError(
                "This is not the code of a layer. Write for example {example}.", example=EXAMPLE
            ) from None

    def place(self, node: ast.AST) -> ReaderError:
        """Return where a part stands, for a message."""
        row, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        before = self.lines[row - 1].encode()[:column]  # the tree counts bytes
        return self._at(row, len(before.decode(errors="ignore")) + 1)

    def of(self, node: ast.AST) -> str:
        """Return what is written there."""
        found = ast.get_source_segment(self.text, node) or ""
        return found if len(found) <= _SHOWN else f"{found[:_SHOWN]}…"

    def _at(self, row: int, column: int) -> ReaderError:
        if len(self.lines) == 1:
            return ReaderError("column {column}", column=column)
        return ReaderError("line {line}, column {column}", line=row, column=column)


def read_layer(text: str, kinds: Sequence[str] = tuple(KINDS)) -> LayerSpec:
    """Read the code of one layer; ``nn.``, ``torch.nn.`` or nothing may stand before its name.

    Args:
        text: the code, such as ``nn.Conv2d(3, 8, 3, stride=2)``.
        kinds: the kinds that are wanted here.

    Raises:
        ReaderError: says what is wrong, and in which argument and column.
    """
    found = read_chain(text, kinds)
    if len(found) != 1:
        raise ReaderError("Here stands one layer; these are {count}.", count=len(found))
    return found[0]


def read_chain(text: str, kinds: Sequence[str] = tuple(KINDS)) -> tuple[LayerSpec, ...]:
    """Read layers in a row: one a line, separated by commas, in ``nn.Sequential(...)``, or assigned to names.

    Args:
        text: the code.
        kinds: the kinds that are wanted here.

    Raises:
        ReaderError: says what is wrong, and in which argument, line and column; also if there are more than
            ``MOST_LAYERS`` layers.
    """
    source = _Text(text)
    found: list[LayerSpec] = []
    try:
        for call in _calls(source, source.body):
            if len(found) == MOST_LAYERS:
                raise ReaderError("A chain has at most {count} layers here.", count=MOST_LAYERS)
            found.append(_layer(source, call, kinds))
    except RecursionError:
        raise ReaderError(
            "This is not the code of a layer. Write for example {example}.", example=EXAMPLE
        ) from None
    if not found:
        raise ReaderError("Write a layer, for example {example}.", example=EXAMPLE)
    return tuple(found)


def write_layer(spec: LayerSpec) -> str:
    """Return the shortest code of a layer: defaults left out, equal pairs as one number."""
    parts = []
    for argument in KINDS[spec.kind]:
        value = spec[argument.name]
        if argument.default is REQUIRED:
            parts.append(_literal_of(value))
        elif value != _default(spec, argument.name):
            parts.append(_literal_of(value) if argument.unnamed else f"{argument.name}={_literal_of(value)}")
    return f"nn.{spec.kind}({', '.join(parts)})"


def write_chain(specs: Sequence[LayerSpec]) -> str:
    """Return ``nn.Sequential(...)`` with one layer a line."""
    lines = "".join(f"    {write_layer(spec)},\n" for spec in specs)
    return f"nn.Sequential(\n{lines})" if specs else "nn.Sequential()"


def build(spec: LayerSpec) -> nn.Module:
    """Return the module itself, with PyTorch's random weights; seed the generator where that matters.

    Raises:
        ReaderError: it would have more than ``MOST_PARAMETERS`` parameters.
    """
    from torch import nn

    count = parameters_of(spec)
    if count > MOST_PARAMETERS:
        raise ReaderError(
            "{layer} would have {count} parameters; up to {limit} are built here.",
            layer=write_layer(spec), count=f"{count:,}", limit=f"{MOST_PARAMETERS:,}",
        )  # fmt: skip
    made: nn.Module = getattr(nn, spec.kind)(
        **{name: _shortest(value) for name, value in spec.arguments.items() if value != _default(spec, name)}
    )
    return made


def parameters_of(spec: LayerSpec) -> int:
    """Return the number of parameters, by the formula, without building the layer."""
    if spec.kind == "Linear":
        return spec["in_features"] * spec["out_features"] + spec["bias"] * spec["out_features"]
    if spec.kind == "BatchNorm2d":
        return spec["num_features"] * spec["affine"] * (1 + spec["bias"])
    if "out_channels" not in spec.arguments:
        return 0
    size = spec["kernel_size"]
    taps = prod(size) if isinstance(size, tuple) else size
    joined = spec["in_channels"] * spec["out_channels"] // spec["groups"]
    return joined * taps + spec["bias"] * spec["out_channels"]


# --- reading ----------------------------------------------------------------------------------------------


def _calls(source: _Text, nodes: Sequence[ast.AST]) -> Iterator[ast.Call]:
    """Walk over the calls of layers in order, into lists, tuples and ``Sequential``."""
    for node in nodes:
        if isinstance(node, ast.Expr | ast.Assign):
            yield from _calls(source, [node.value])
        elif isinstance(node, ast.Tuple | ast.List):
            yield from _calls(source, node.elts)
        elif isinstance(node, ast.Call) and _name(source, node.func) == "Sequential":
            yield from _calls(source, [*node.args, *[keyword.value for keyword in node.keywords]])
        elif isinstance(node, ast.Call):
            yield node
        else:
            raise ReaderError(
                "“{text}” at {place} is not a layer. Write for example {example}.",
                text=source.of(node), place=source.place(node), example=EXAMPLE,
            )  # fmt: skip


def _name(source: _Text, node: ast.AST) -> str:
    """Return the name of a layer without ``torch.nn.`` before it."""
    before, _, name = (
        ast.unparse(node).rpartition(".") if isinstance(node, ast.Attribute | ast.Name) else ("", "", "")
    )
    if not name or (before and before not in _MODULES):
        raise ReaderError(
            "“{text}” at {place} is not the name of a layer. Write for example {example}.",
            text=source.of(node), place=source.place(node), example=EXAMPLE,
        )  # fmt: skip
    return name


def _layer(source: _Text, call: ast.Call, kinds: Sequence[str]) -> LayerSpec:
    kind = _name(source, call.func)
    if kind not in KINDS:
        near = get_close_matches(kind, kinds, 1, 0.4)
        raise ReaderError(
            "“{name}” at {place} is not a layer that is known here. Did you mean nn.{near}?",
            name=kind[:_SHOWN], place=source.place(call), near=near[0] if near else kinds[0],
        )  # fmt: skip
    if kind not in kinds:
        raise ReaderError("nn.{name} does not belong here: use {known}.", name=kind, known=_listed(kinds))
    values = dict(_given(source, call, kind))
    for number, argument in enumerate(KINDS[kind], 1):
        if argument.default is REQUIRED and argument.name not in values:
            raise ReaderError(
                "nn.{layer} at {place} needs “{name}”, its argument number {number}.",
                layer=kind, place=source.place(call), name=argument.name, number=number,
            )  # fmt: skip
    try:
        return layer(kind, **values)
    except ReaderError as what:
        raise ReaderError(
            "{what} (nn.{layer} at {place})", what=what, layer=kind, place=source.place(call)
        ) from None


def _given(source: _Text, call: ast.Call, kind: str) -> Iterator[tuple[str, Any]]:
    """Walk over the arguments of a call: names, and values that keep their rules."""
    known = {argument.name: argument.rule for argument in KINDS[kind]}
    names = [argument.name for argument in KINDS[kind] if not argument.named_only]
    if len(call.args) > len(names):
        extra = call.args[len(names)]
        raise ReaderError(
            "nn.{layer} takes {count} arguments at most: “{text}” at {place} is one too many.",
            layer=kind, count=len(names), text=source.of(extra), place=source.place(extra),
        )  # fmt: skip
    given = [*zip(names, call.args, strict=False)]
    for keyword in call.keywords:
        if keyword.arg is None or keyword.arg not in known:
            raise ReaderError(
                "nn.{layer} has no argument “{name}” ({place}). It has: {known}.",
                layer=kind, name=(keyword.arg or "**")[:_SHOWN], place=source.place(keyword),
                known=", ".join(known) or "–",
            )  # fmt: skip
        if any(keyword.arg == name for name, _ in given):
            raise ReaderError(
                "“{name}” is given twice, again at {place}.", name=keyword.arg, place=source.place(keyword)
            )
        given.append((keyword.arg, keyword.value))
    for name, node in given:
        try:
            yield name, known[name](_literal(node))
        except ReaderError as what:
            raise ReaderError(
                "“{name}” at {place} must be {what}; “{text}” is not.",
                name=name, place=source.place(node), what=what, text=source.of(node),
            ) from None  # fmt: skip


class _NoLiteral:
    """What is no literal satisfies no rule."""


def _literal(node: ast.AST) -> Any:
    """Return the value of a literal: a number, word, flag or ``None``, or a few of them in brackets."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Tuple | ast.List) and len(node.elts) <= 4:
        return tuple(_literal(part) for part in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _literal(node.operand)
        return -value if type(value) in (int, float) else _NoLiteral()
    if isinstance(node, ast.Name):  # PyTorch prints words without quotation marks: padding=same
        return node.id
    return _NoLiteral()


# --- writing ----------------------------------------------------------------------------------------------


def _default(spec: LayerSpec, name: str) -> Any:
    """Return the default of an argument in its canonical form."""
    argument = next(argument for argument in KINDS[spec.kind] if argument.name == name)
    if argument.default is REQUIRED:
        return REQUIRED
    if name == "stride" and argument.default is None:
        return spec["kernel_size"]
    return argument.rule(argument.default)


def _shortest(value: Any) -> Any:
    """Return one number for an equal pair."""
    return value[0] if isinstance(value, tuple) and value[0] == value[1] and value[0] is not None else value


def _literal_of(value: Any) -> str:
    value = _shortest(value)
    if isinstance(value, str):
        return f'"{value}"'
    return repr(value)


def _listed(kinds: Sequence[str]) -> str:
    return ", ".join(f"nn.{kind}" for kind in kinds)
