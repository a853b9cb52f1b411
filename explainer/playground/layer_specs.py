"""Layers as plain data: which kinds are known, what arguments they take, what values those may have.

Names, order and defaults of the arguments are PyTorch's (``torch.nn``); sizes are bounded, so that no line of
code that a reader writes can ask for more than a page can show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from explainer.errors import ReaderError

LARGEST_SIZE = 64
"""Of a kernel, stride, padding or dilation."""
MOST_CHANNELS = 4096
MOST_FEATURES = 65536
MOST_PARAMETERS = 20_000_000
"""Of a layer that is built: 80 MB."""

Rule = Callable[[Any], Any]
"""Returns the canonical form of a value; raises ``ReaderError`` with what it must be (part of a sentence)."""


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED = _Required()
"""Stands for the default of an argument that has none."""


@dataclass(frozen=True)
class Argument:
    """One argument of a kind of layer."""

    name: str
    rule: Rule
    default: Any = REQUIRED
    unnamed: bool = False
    """Written without its name although it has a default."""
    named_only: bool = False
    """Cannot be given without its name."""


@dataclass(frozen=True)
class LayerSpec:
    """One layer: its kind as in ``torch.nn`` and all its arguments; sizes of two directions are pairs."""

    kind: str
    arguments: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    def __hash__(self) -> int:
        return hash((self.kind, tuple(sorted(self.arguments.items(), key=lambda item: item[0]))))

    def but(self, **changes: Any) -> LayerSpec:
        """Return the same layer with other values of some arguments.

        Raises:
            ReaderError: as ``layer``.
        """
        return layer(self.kind, **{**self.arguments, **changes})


# --- what values may be -----------------------------------------------------------------------------------


def whole(low: int, high: int) -> Rule:
    """Allow a whole number."""

    def rule(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ReaderError("a whole number from {low} to {high}", low=low, high=high)
        return value

    return rule


def pair(low: int, high: int) -> Rule:
    """Allow whole numbers for rows and columns; one number stands for both."""

    def rule(value: Any) -> tuple[int, int]:
        both = tuple(value) if isinstance(value, tuple | list) else (value, value)
        if len(both) != 2 or any(type(one) is not int or not low <= one <= high for one in both):
            raise ReaderError("a whole number from {low} to {high}, or a pair of them", low=low, high=high)
        return both[0], both[1]

    return rule


def _padding(value: Any) -> Any:
    if value == "same":
        return value
    if value == "valid":
        return 0, 0
    try:
        return pair(0, LARGEST_SIZE)(value)
    except ReaderError:
        raise ReaderError(
            "a whole number from {low} to {high}, a pair of them, 'same' or 'valid'", low=0, high=LARGEST_SIZE
        ) from None


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ReaderError("True or False")
    return value


def _off(value: Any) -> bool:
    if value is not False:
        raise ReaderError("False on this page")
    return False


def one_of(*names: str) -> Rule:
    """Allow one of some words."""

    def rule(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            raise ReaderError("one of {names}", names=", ".join(map(repr, names)))
        return value

    return rule


def number(low: float, high: float) -> Rule:
    """Allow a real number."""

    def rule(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ReaderError("a number from {low} to {high}", low=low, high=high)
        return float(value)

    return rule


def optional(rule: Rule) -> Rule:
    """Allow ``None`` too."""
    return lambda value: None if value is None else rule(value)


def _grid(value: Any) -> tuple[int | None, int | None]:
    both = tuple(value) if isinstance(value, tuple | list) else (value, value)
    rule = optional(whole(1, LARGEST_SIZE))
    if len(both) != 2:
        return pair(1, LARGEST_SIZE)(value)
    return rule(both[0]), rule(both[1])


# --- the kinds --------------------------------------------------------------------------------------------

_MODES = one_of("zeros", "reflect", "replicate", "circular")
_CHANNELS = whole(1, MOST_CHANNELS)
_FEATURES = whole(1, MOST_FEATURES)
_SIZE = pair(1, LARGEST_SIZE)
_ROOM = pair(0, LARGEST_SIZE)
_LENGTH = whole(1, LARGEST_SIZE)
_INPLACE = Argument("inplace", _flag, False)

KINDS: Mapping[str, tuple[Argument, ...]] = MappingProxyType(
    {
        "Conv1d": (
            Argument("in_channels", _CHANNELS),
            Argument("out_channels", _CHANNELS),
            Argument("kernel_size", _LENGTH),
            Argument("stride", _LENGTH, 1),
            Argument("padding", whole(0, LARGEST_SIZE), 0),
            Argument("dilation", _LENGTH, 1),
            Argument("groups", _CHANNELS, 1),
            Argument("bias", _flag, True),
            Argument("padding_mode", _MODES, "zeros"),
        ),
        "Conv2d": (
            Argument("in_channels", _CHANNELS),
            Argument("out_channels", _CHANNELS),
            Argument("kernel_size", _SIZE),
            Argument("stride", _SIZE, 1),
            Argument("padding", _padding, 0),
            Argument("dilation", _SIZE, 1),
            Argument("groups", _CHANNELS, 1),
            Argument("bias", _flag, True),
            Argument("padding_mode", _MODES, "zeros"),
        ),
        "ConvTranspose2d": (
            Argument("in_channels", _CHANNELS),
            Argument("out_channels", _CHANNELS),
            Argument("kernel_size", _SIZE),
            Argument("stride", _SIZE, 1),
            Argument("padding", _ROOM, 0),
            Argument("output_padding", _ROOM, 0),
            Argument("groups", _CHANNELS, 1),
            Argument("bias", _flag, True),
            Argument("dilation", _SIZE, 1),
            Argument("padding_mode", one_of("zeros"), "zeros"),
        ),
        "MaxPool2d": (
            Argument("kernel_size", _SIZE),
            Argument("stride", optional(_SIZE), None),
            Argument("padding", _ROOM, 0),
            Argument("dilation", _SIZE, 1),
            Argument("return_indices", _off, False),
            Argument("ceil_mode", _flag, False),
        ),
        "AvgPool2d": (
            Argument("kernel_size", _SIZE),
            Argument("stride", optional(_SIZE), None),
            Argument("padding", _ROOM, 0),
            Argument("ceil_mode", _flag, False),
            Argument("count_include_pad", _flag, True),
            Argument("divisor_override", optional(whole(1, LARGEST_SIZE**2)), None),
        ),
        "AdaptiveAvgPool2d": (Argument("output_size", _grid),),
        "AdaptiveMaxPool2d": (Argument("output_size", _grid), Argument("return_indices", _off, False)),
        "BatchNorm2d": (
            Argument("num_features", _CHANNELS),
            Argument("eps", number(0, 1), 1e-5),
            Argument("momentum", optional(number(0, 1)), 0.1),
            Argument("affine", _flag, True),
            Argument("track_running_stats", _flag, True),
            Argument("bias", _flag, True, named_only=True),
        ),
        "ReLU": (_INPLACE,),
        "ReLU6": (_INPLACE,),
        "LeakyReLU": (Argument("negative_slope", number(-10, 10), 0.01, unnamed=True), _INPLACE),
        "SiLU": (_INPLACE,),
        "Mish": (_INPLACE,),
        "Hardswish": (_INPLACE,),
        "GELU": (Argument("approximate", one_of("none", "tanh"), "none"),),
        "Sigmoid": (),
        "Tanh": (),
        "Identity": (),
        "Dropout": (Argument("p", number(0, 1), 0.5, unnamed=True), _INPLACE),
        "Dropout2d": (Argument("p", number(0, 1), 0.5, unnamed=True), _INPLACE),
        "Flatten": (Argument("start_dim", whole(-4, 3), 1), Argument("end_dim", whole(-4, 3), -1)),
        "Linear": (
            Argument("in_features", _FEATURES),
            Argument("out_features", _FEATURES),
            Argument("bias", _flag, True),
        ),
    }
)
"""The arguments of every known kind in PyTorch's order."""


def layer(kind: str, **arguments: Any) -> LayerSpec:
    """Return a layer with its defaults filled in: ``layer("MaxPool2d", kernel_size=2)``.

    Raises:
        ReaderError: a value is not allowed, or values do not go together.
        KeyError: there is no such kind or argument, or one is missing; callers name them.
    """
    known = KINDS[kind]
    if unknown := arguments.keys() - {argument.name for argument in known}:
        raise KeyError(f"{kind} has no {sorted(unknown)}")
    values: dict[str, Any] = {}
    for argument in known:
        value = arguments.get(argument.name, argument.default)
        if value is REQUIRED:
            raise KeyError(f"{kind} needs {argument.name}")
        try:
            values[argument.name] = argument.rule(value)
        except ReaderError as what:
            raise ReaderError(
                "“{name}” must be {what}; “{text}” is not.",
                name=argument.name, what=what, text=str(value)[:40],
            ) from None  # fmt: skip
    if values.get("stride", 0) is None:  # pooling: the windows stand side by side
        values["stride"] = values["kernel_size"]
    found = LayerSpec(kind, MappingProxyType(values))
    _check(found)
    return found


def _check(spec: LayerSpec) -> None:
    """Refuse values that do not go together, as PyTorch would when the layer is made or first used."""
    if "groups" in spec.arguments:
        for name in ("in_channels", "out_channels"):
            if spec[name] % spec["groups"]:
                raise ReaderError(
                    "“{name}” ({count}) cannot be shared out to {groups} groups: it must be a multiple.",
                    name=name, count=spec[name], groups=spec["groups"],
                )  # fmt: skip
    if spec.kind == "Conv2d" and spec["padding"] == "same" and spec["stride"] != (1, 1):
        raise ReaderError("“padding” 'same' is only defined where “stride” is 1.")
    if spec.kind in ("MaxPool2d", "AvgPool2d"):
        for room, size in zip(spec["padding"], spec["kernel_size"], strict=True):
            if 2 * room > size:
                raise ReaderError(
                    "“padding” ({padding}) may be at most half of “kernel_size” ({size}): "
                    "else a window would see nothing but padding.",
                    padding=room, size=size,
                )  # fmt: skip
    if spec.kind == "ConvTranspose2d":
        for room, stride, dilation in zip(
            spec["output_padding"], spec["stride"], spec["dilation"], strict=True
        ):
            if room and room >= max(stride, dilation):
                raise ReaderError("“output_padding” must be smaller than “stride” or “dilation”.")
