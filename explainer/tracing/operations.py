"""What is known about the functions PyTorch calls: plain names, argument names, in-place behaviour."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

_SYNONYMS = {
    "concat": "cat",
    "concatenate": "cat",
    "divide": "div",
    "truediv": "div",
    "true_divide": "div",
    "multiply": "mul",
    "subtract": "sub",
    "rsub": "sub",
    "negative": "neg",
    "absolute": "abs",
    "clip": "clamp",
    "_softmax": "softmax",
    "_threshold": "threshold",
    "swapaxes": "transpose",
    "swapdims": "transpose",
    "moveaxis": "movedim",
    "hardtanh_": "hardtanh",
}

_REFLECTED = frozenset(
    {"rsub", "__rsub__", "__rtruediv__", "__rdiv__", "__rpow__", "__rfloordiv__", "__rmatmul__"}
)
"""Operators whose first operand is the one on the right: ``2 - x`` is ``x.__rsub__(2)``."""

_IN_PLACE_TWINS = frozenset(
    """relu relu6 silu mish hardswish hardsigmoid hardtanh leaky_relu elu celu selu rrelu threshold gelu
    sigmoid tanh clamp clamp_min clamp_max add sub mul div pow neg abs exp sqrt rsqrt square reciprocal log
    masked_fill softplus""".split()
)
"""Kinds whose out-of-place form computes bit for bit what the in-place form writes."""

_RANDOM = frozenset(
    """dropout dropout1d dropout2d dropout3d alpha_dropout feature_dropout feature_alpha_dropout rrelu
    rand randn randint randperm rand_like randn_like randint_like bernoulli normal uniform multinomial
    poisson gumbel_softmax exponential cauchy log_normal geometric random multi_head_attention_forward
    scaled_dot_product_attention fractional_max_pool2d native_dropout trunc_normal""".split()
)

_NOT_OPERATIONS = frozenset(
    """size dim stride numel nelement ndimension storage_offset is_floating_point is_complex is_contiguous
    data_ptr element_size get_device type item tolist requires_grad_ untyped_storage storage __len__
    __bool__ __int__ __float__ __index__ __contains__ __repr__ __format__ __hash__ is_same_size
    is_tensor shape dtype device layout ndim requires_grad is_leaf is_cuda is_cpu is_meta is_sparse
    is_quantized is_mkldnn is_mps is_xpu is_nested itemsize nbytes names grad_fn output_nr _version
    _base grad""".split()
)


_CHEAP = frozenset(
    "batch_norm add sub mul relu relu6 hardtanh hardswish leaky_relu clamp neg abs cat".split()
)
"""Kinds that take one pass over their inputs and give the same bits each time, however many threads share the
work (no exponential: its vector form and its scalar form differ in the last bit)."""


class Operation:
    """What the recorder needs to know about one function, worked out the first time it is seen."""

    __slots__ = (
        "cheap",
        "in_place",
        "kind",
        "name",
        "random",
        "reflected",
        "special",
        "statistics",
        "twin",
        "unpacks",
    )

    def __init__(self, function: Callable[..., Any]) -> None:
        name = getattr(function, "__name__", type(function).__name__)
        if name == "__get__":  # a tensor property such as ``x.T``
            name = getattr(getattr(function, "__self__", None), "__name__", name)
        self.name = name
        self.kind, self.in_place = _plain_name(name)
        self.cheap = self.kind in _CHEAP
        self.reflected = name in _REFLECTED
        self.random = self.kind in _RANDOM
        self.unpacks = function is Tensor.__iter__
        self.special = self.unpacks or self.random
        self.statistics = self.kind in ("batch_norm", "instance_norm")
        self.twin = _twin(name, self.kind) if self.in_place else None


def _plain_name(name: str) -> tuple[str, bool]:
    """Kind of a function name, and whether the name says that it writes into its first argument."""
    kind, in_place = name, False
    if name.startswith("__") and name.endswith("__"):
        kind = name.strip("_")
        if kind in ("setitem",):
            in_place = True
        elif hasattr(Tensor, f"__{kind[1:]}__"):
            in_place = kind[0] == "i"
            kind = kind[1:] if kind[0] in "ir" else kind
    elif name.endswith("_") and not name.endswith("__"):
        kind, in_place = name[:-1], name != "requires_grad_"
    return _SYNONYMS.get(kind, kind), in_place


def _twin(name: str, kind: str) -> Callable[..., Any] | None:
    """Find the out-of-place function for an in-place one, where both give the same bits."""
    if kind not in _IN_PLACE_TWINS:
        return None
    plain = f"__{name[3:]}" if name.startswith("__i") else name[:-1]
    for owner in (Tensor, torch, F):
        found = getattr(owner, plain, None)
        if found is not None:
            return found
    return None


_OPERATIONS: dict[Any, Operation | None] = {}


def operation(function: Callable[..., Any]) -> Operation | None:
    """Look up a function; ``None`` if its results are never recorded (sizes, flags, numbers)."""
    try:
        return _OPERATIONS[function]
    except KeyError:
        found = Operation(function)
        known = None if found.name in _NOT_OPERATIONS else found
        _OPERATIONS[function] = known
        return known


# --- argument names ---------------------------------------------------------------------------------

_CONV = "input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1"
_CONV_TRANSPOSE = "input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1"
_MAX_POOL = "input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False"
_AVG_POOL = "input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True"
_REDUCE = "input, dim=None, keepdim=False, dtype=None"

_SIGNATURES = {
    **{f"conv{n}d": _CONV for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": _CONV_TRANSPOSE for n in (1, 2, 3)},
    **{f"max_pool{n}d": _MAX_POOL for n in (1, 2, 3)},
    "avg_pool1d": _AVG_POOL,
    "avg_pool2d": _AVG_POOL + ", divisor_override=None",
    "avg_pool3d": _AVG_POOL + ", divisor_override=None",
    **{f"adaptive_avg_pool{n}d": "input, output_size" for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d": "input, output_size, return_indices=False" for n in (1, 2, 3)},
    "linear": "input, weight, bias=None",
    "batch_norm": "input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1,"
    " eps=1e-05",
    "layer_norm": "input, normalized_shape, weight=None, bias=None, eps=1e-05",
    "group_norm": "input, num_groups, weight=None, bias=None, eps=1e-05",
    "instance_norm": "input, running_mean=None, running_var=None, weight=None, bias=None,"
    " use_input_stats=True, momentum=0.1, eps=1e-05",
    "add": "input, other, alpha=1",
    "sub": "input, other, alpha=1",
    "mul": "input, other",
    "div": "input, other, rounding_mode=None",
    "pow": "input, exponent",
    "matmul": "input, other",
    "bmm": "input, mat2",
    "mean": _REDUCE,
    "sum": _REDUCE,
    "amax": "input, dim=(), keepdim=False",
    "amin": "input, dim=(), keepdim=False",
    "max": "input, dim=None, keepdim=False",
    "min": "input, dim=None, keepdim=False",
    "var": "input, dim=None, unbiased=True, keepdim=False, correction=1",
    "std": "input, dim=None, unbiased=True, keepdim=False, correction=1",
    "cat": "tensors, dim=0",
    "stack": "tensors, dim=0",
    "chunk": "input, chunks, dim=0",
    "split": "input, split_size_or_sections, dim=0",
    "unbind": "input, dim=0",
    "flatten": "input, start_dim=0, end_dim=-1",
    "unflatten": "input, dim, sizes",
    "transpose": "input, dim0, dim1",
    "squeeze": "input, dim=None",
    "unsqueeze": "input, dim",
    "narrow": "input, dim, start, length",
    "select": "input, dim, index",
    "roll": "input, shifts, dims=None",
    "softmax": "input, dim=None, dtype=None",
    "log_softmax": "input, dim=None, dtype=None",
    "clamp": "input, min=None, max=None",
    "clamp_min": "input, min",
    "clamp_max": "input, max",
    "relu": "input",
    "relu6": "input",
    "sigmoid": "input",
    "tanh": "input",
    "silu": "input",
    "mish": "input",
    "hardswish": "input",
    "hardsigmoid": "input",
    "selu": "input",
    "softsign": "input",
    "gelu": "input, approximate='none'",
    "leaky_relu": "input, negative_slope=0.01",
    "elu": "input, alpha=1.0",
    "celu": "input, alpha=1.0",
    "hardtanh": "input, min_val=-1.0, max_val=1.0",
    "softplus": "input, beta=1, threshold=20",
    "prelu": "input, weight",
    "dropout": "input, p=0.5, training=True",
    "pad": "input, pad, mode='constant', value=None",
    "getitem": "input, index",
    "setitem": "input, index, value",
    "type_as": "input, other",
    "contiguous": "input",
    "scaled_dot_product_attention": "query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False,"
    " scale=None, enable_gqa=False",
}

_VARIADIC = {
    "view": "shape",
    "reshape": "shape",
    "permute": "dims",
    "expand": "size",
    "repeat": "repeats",
    "tile": "dims",
    "new_zeros": "size",
    "new_ones": "size",
    "new_empty": "size",
    "flip": "dims",
    "einsum": "operands",
}
"""Methods that take their numbers loose: ``x.view(2, -1)``."""


@cache
def _signature(text: str) -> inspect.Signature:
    scope: dict[str, Any] = {}
    exec(f"def function({text}): ...", scope)  # text comes from the table above only
    return inspect.signature(scope["function"])


@cache
def _overridable_signatures() -> Mapping[Callable[..., Any], inspect.Signature]:
    """PyTorch's own table of argument names for the functions it implements in C++."""
    from torch.overrides import get_testing_overrides

    found = {}
    for function, dummy in get_testing_overrides().items():
        try:
            found[function] = inspect.signature(dummy)
        except (TypeError, ValueError):
            continue
    return found


def bind(
    kind: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """Bind the arguments of one recorded call to their standard names.

    The data argument is ``input`` (``tensors`` for ``cat`` and ``stack``). Arguments nobody has named stand
    as ``"arg0"``, ``"arg1"``, ...; ``inplace`` and ``out`` are dropped, since they do not change the value.
    """
    kwargs = {key: value for key, value in kwargs.items() if key not in ("inplace", "out", "_stacklevel")}
    known = _OPERATIONS.get(function)
    if known is not None and known.reflected and len(args) == 2:
        args = (args[1], args[0])
    if kind in _VARIADIC:
        bound = _bind_variadic(kind, args, kwargs)
    else:
        bound = _bind_named(kind, function, args, kwargs)
    bound = {("input" if key == "self" else key): value for key, value in bound.items() if key != "inplace"}
    return _normalise(kind, bound)


def _bind_variadic(kind: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    first, rest = args[0] if args else kwargs.get("input"), args[1:]
    if kind == "einsum":
        operands = rest[0] if len(rest) == 1 and isinstance(rest[0], list | tuple) else rest
        return {"equation": first, "operands": tuple(operands)}
    numbers: Any = rest[0] if len(rest) == 1 and isinstance(rest[0], list | tuple) else rest
    if len(rest) == 1 and isinstance(rest[0], torch.dtype):
        return {"input": first, "dtype": rest[0]}
    for name in ("shape", "size", "dims", "dim", "repeats", "sizes"):
        if name in kwargs:
            numbers = kwargs[name]
    return {"input": first, _VARIADIC[kind]: tuple(numbers)}


def _bind_named(
    kind: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    candidates: list[inspect.Signature] = []
    if kind in _SIGNATURES:
        candidates.append(_signature(_SIGNATURES[kind]))
    if inspect.isfunction(function):
        with suppress(ValueError):  # a wrapper around a C method, such as ``Tensor.__pow__``
            candidates.append(inspect.signature(function))
    elif kind not in _SIGNATURES:
        found = _overridable_signatures().get(function)
        if found is not None:
            candidates.append(found)
    renamed = {_KEYWORDS.get(key, key): value for key, value in kwargs.items()}
    for signature in candidates:
        for keywords in (renamed, dict(kwargs)):
            try:
                bound = signature.bind(*args, **keywords)
            except TypeError:
                # F.relu(x, True): the in-place flag as a positional argument
                if args and isinstance(args[-1], bool):
                    try:
                        bound = signature.bind(*args[:-1], **keywords)
                    except TypeError:
                        continue
                else:
                    continue
            bound.apply_defaults()
            return dict(bound.arguments)
    names = [("input" if position == 0 else f"arg{position}") for position in range(len(args))]
    return {**dict(zip(names, args, strict=True)), **kwargs}


_KEYWORDS = {"self": "input", "axis": "dim"}

_SPATIAL = ("kernel_size", "stride", "padding", "dilation", "output_padding", "output_size")


def _normalise(kind: str, bound: dict[str, Any]) -> dict[str, Any]:
    """Write sizes as tuples of ints, one per spatial dimension, and fill in what a default depends on."""
    if "conv" not in kind and "pool" not in kind:
        return bound
    count = next((int(letter) for letter in kind if letter in "123"), None)
    if count is None or "input" not in bound:
        return bound
    if "pool" in kind and bound.get("stride", ...) in (None, (), []):
        bound["stride"] = bound["kernel_size"]
    if isinstance(bound.get("padding"), str):
        bound["padding"] = _named_padding(bound, count)
    for name in _SPATIAL:
        if name in bound and not isinstance(bound[name], str):
            bound[name] = _tuple(bound[name], count)
    if "output_size" in bound:
        sizes = tuple(bound["input"].shape)[-count:]
        bound["output_size"] = tuple(
            size if wanted is None else wanted
            for wanted, size in zip(bound["output_size"], sizes, strict=True)
        )
    return bound


def _named_padding(bound: dict[str, Any], count: int) -> Any:
    """Turn ``"valid"`` and ``"same"`` into numbers; ``"same"`` stays a word where the two sides differ."""
    if bound["padding"] == "valid":
        return (0,) * count
    total = [
        dilation * (size - 1)
        for dilation, size in zip(
            _tuple(bound["dilation"], count), tuple(bound["weight"].shape)[-count:], strict=True
        )
    ]
    return "same" if any(width % 2 for width in total) else tuple(width // 2 for width in total)


def _tuple(value: Any, count: int) -> tuple[Any, ...]:
    values = tuple(value) if isinstance(value, list | tuple) else (value,)
    return values * count if len(values) == 1 else values
