"""The operations that a saved graph may ask for, and the public PyTorch functions that do the same.

This is a list of what is allowed, not of what is forbidden: PyTorch's operators also map files into memory
(``from_file``), and nothing that is not named here is ever looked up. The functions are those that a network
written in Python calls, so a trace of the graph reads like one of the network.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

Arguments = Mapping[str, Any]
"""The arguments of one call by their names in the operator's schema, defaults filled in."""

_SAME = """
conv1d.default conv2d.default conv2d.padding conv3d.default conv_transpose1d.default conv_transpose2d.input
conv_transpose3d.input addmm.default mm.default bmm.default matmul.default baddbmm.default einsum.default
relu.default sigmoid.default tanh.default prelu.default rsqrt.default sqrt.default exp.default log.default
log2.default log1p.default expm1.default sin.default cos.default erf.default abs.default neg.default
square.default reciprocal.default floor.default ceil.default round.default sign.default atan.default
add.Tensor add.Scalar sub.Tensor sub.Scalar mul.Tensor mul.Scalar div.Tensor div.Scalar div.Tensor_mode
div.Scalar_mode rsub.Tensor rsub.Scalar pow.Tensor_Scalar pow.Tensor_Tensor pow.Scalar floor_divide.default
remainder.Scalar maximum.default minimum.default clamp.default clamp.Tensor clamp_min.default
clamp_max.default lerp.Scalar addcmul.default addcdiv.default where.self eq.Scalar eq.Tensor ne.Scalar
ne.Tensor lt.Scalar lt.Tensor le.Scalar le.Tensor gt.Scalar gt.Tensor ge.Scalar ge.Tensor
logical_not.default logical_and.default logical_or.default bitwise_not.default bitwise_and.Tensor
masked_fill.Scalar masked_fill.Tensor mean.default mean.dim sum.default sum.dim_IntList amax.default
amin.default max.dim min.dim max.default min.default argmax.default argmin.default var.correction
std.correction var_mean.correction cumsum.default topk.default prod.dim_int flatten.using_ints
reshape.default permute.default transpose.int t.default unsqueeze.default squeeze.default squeeze.dim
squeeze.dims select.int narrow.default cat.default stack.default chunk.default split.Tensor
split_with_sizes.default unbind.int roll.default flip.default unflatten.int index_select.default
gather.default movedim.int swapaxes.default clone.default detach.default tril.default triu.default
pixel_shuffle.default pixel_unshuffle.default channel_shuffle.default linalg_vector_norm.default
""".split()
"""Functions of the ``torch`` namespace that take what the operator takes."""

_METHODS = """
view.default expand.default expand_as.default repeat.default contiguous.default type_as.default
view_as.default reshape_as.default
""".split()
"""Methods of a tensor that take what the operator takes."""

_IN_PLACE = """
add_.Tensor add_.Scalar sub_.Tensor sub_.Scalar mul_.Tensor mul_.Scalar div_.Tensor div_.Scalar
clamp_.default clamp_min_.default clamp_max_.default sigmoid_.default tanh_.default exp_.default
sqrt_.default neg_.default masked_fill_.Scalar fill_.Scalar copy_.default
""".split()

_LAYERS: dict[str, Callable[..., Any]] = {
    "linear.default": F.linear,
    "relu6.default": F.relu6,
    "gelu.default": F.gelu,
    "silu.default": F.silu,
    "mish.default": F.mish,
    "hardswish.default": F.hardswish,
    "hardsigmoid.default": F.hardsigmoid,
    "hardtanh.default": F.hardtanh,
    "leaky_relu.default": F.leaky_relu,
    "celu.default": F.celu,
    "selu.default": F.selu,
    "softplus.default": F.softplus,
    "log_sigmoid.default": F.logsigmoid,
    "threshold.default": F.threshold,
    "glu.default": F.glu,
    "softmax.int": torch.softmax,
    "log_softmax.int": torch.log_softmax,
    "adaptive_avg_pool1d.default": F.adaptive_avg_pool1d,
    "adaptive_avg_pool2d.default": F.adaptive_avg_pool2d,
    "adaptive_avg_pool3d.default": F.adaptive_avg_pool3d,
    "_adaptive_avg_pool2d.default": F.adaptive_avg_pool2d,
    "_adaptive_avg_pool3d.default": F.adaptive_avg_pool3d,
    "pad.default": F.pad,
    "constant_pad_nd.default": lambda x, pad, value=0: F.pad(x, pad, value=value),
    "scaled_dot_product_attention.default": F.scaled_dot_product_attention,
    "group_norm.default": F.group_norm,
    "layer_norm.default": F.layer_norm,
    "native_channel_shuffle.default": torch.channel_shuffle,
    "_unsafe_view.default": torch.reshape,
    "view_copy.default": torch.reshape,
    "alias.default": torch.Tensor.detach,
    "lift_fresh_copy.default": torch.clone,
    "sym_size.int": lambda x, dim: x.shape[dim],
}
"""Functions that take the operator's arguments in its order, as far as they are given."""

_LAYERS_IN_PLACE = "relu relu6 silu mish hardswish hardsigmoid hardtanh leaky_relu celu selu".split()


class RefusedError(Exception):
    """What a graph asks for is not opened here; the message is its name."""


def _plain(function: Callable[..., Any], schema: Any, a: Arguments) -> Any:
    """Call with the operator's arguments in its order, those at the end that have their defaults left out."""
    arguments = [argument for argument in schema.arguments if argument.name not in _MEMORY]
    positional = [argument for argument in arguments if not argument.kwarg_only]
    while positional and _at_default(positional[-1], a):
        positional.pop()
    named = {
        argument.name: a[argument.name]
        for argument in arguments
        if argument.kwarg_only and not _at_default(argument, a)
    }
    return function(*(a[argument.name] for argument in positional), **named)


def _at_default(argument: Any, a: Arguments) -> bool:
    value = a[argument.name]
    return argument.has_default_value() and not isinstance(value, Tensor) and value == argument.default_value


_MEMORY = frozenset({"memory_format", "layout", "device", "pin_memory", "cudnn_enable", "cudnn_enabled"})
"""Where and how memory lies; the values do not depend on it."""


def _batch_norm(a: Arguments) -> Tensor:
    # Without running statistics it normalises what it is given, training or not: NFNet does so to weights.
    _not_training(a["training"] and a["running_mean"] is not None)
    statistics = (a["running_mean"], a["running_var"])
    return F.batch_norm(
        a["input"], *statistics, a["weight"], a["bias"], a["training"], a["momentum"], a["eps"]
    )


def _instance_norm(a: Arguments) -> Tensor:
    return F.instance_norm(
        a["input"],
        a["running_mean"],
        a["running_var"],
        a["weight"],
        a["bias"],
        a["use_input_stats"],
        a["momentum"],
        a["eps"],
    )


def _normalised_with_statistics(a: Arguments) -> tuple[Any, ...]:
    return _batch_norm({**a, "training": False}), None, None


def _native_layer_norm(a: Arguments) -> tuple[Any, ...]:
    return F.layer_norm(a["input"], a["normalized_shape"], a["weight"], a["bias"], a["eps"]), None, None


def _native_group_norm(a: Arguments) -> tuple[Any, ...]:
    return F.group_norm(a["input"], a["group"], a["weight"], a["bias"], a["eps"]), None, None


def _convolution(a: Arguments) -> Tensor:
    n = a["input"].ndim - 2
    given = (a["input"], a["weight"], a["bias"], a["stride"], a["padding"])
    if a["transposed"]:
        transposed = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[n]
        return transposed(*given, a["output_padding"], a["groups"], a["dilation"])
    return {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[n](*given, a["dilation"], a["groups"])


def _max_pool(function: Callable[..., Any], indices: bool, a: Arguments) -> Any:
    return function(
        a["self"],
        a["kernel_size"],
        a["stride"] or None,
        a["padding"],
        a["dilation"],
        ceil_mode=a["ceil_mode"],
        return_indices=indices,
    )


def _avg_pool(function: Callable[..., Any], a: Arguments) -> Tensor:
    more = (a["divisor_override"],) if a.get("divisor_override") else ()
    stride = a["stride"] or None
    return function(
        a["self"], a["kernel_size"], stride, a["padding"], a["ceil_mode"], a["count_include_pad"], *more
    )


def _elu(in_place: bool, a: Arguments) -> Tensor:
    if a["scale"] != 1 or a["input_scale"] != 1:
        raise RefusedError("elu")
    return F.elu(a["self"], a["alpha"], inplace=in_place)


def _dropout(in_place: bool, a: Arguments) -> Tensor:
    _not_training(a["train"])
    return F.dropout(a["self" if "self" in a else "input"], a["p"], False, in_place)


def _softmax(function: Callable[..., Tensor], a: Arguments) -> Tensor:
    return function(a["self"], a["dim"])


def _slice(a: Arguments) -> Tensor:
    x, dim = a["self"], a["dim"] % max(1, a["self"].ndim)
    end = None if a["end"] is not None and a["end"] >= 2**62 else a["end"]
    cut = slice(a["start"], end, a["step"] if a["step"] != 1 else None)
    return x[(slice(None),) * dim + (cut,)]


def _index(a: Arguments) -> Tensor:
    return a["self"][tuple(slice(None) if index is None else index for index in a["indices"])]


def _upsample(mode: str, a: Arguments) -> Tensor:
    corners = {} if mode in ("nearest", "nearest-exact") else {"align_corners": a["align_corners"]}
    size, scales = a.get("output_size"), a.get("scale_factors")
    if size is None and scales is None:
        raise RefusedError(f"upsample_{mode}")
    return F.interpolate(
        a["self" if "self" in a else "input"], size, None if size else scales, mode, **corners
    )


def _to(a: Arguments) -> Tensor:
    dtype = a.get("dtype")
    return a["self"] if dtype is None else a["self"].to(dtype)


def _like(function: Callable[..., Tensor], a: Arguments) -> Tensor:
    more = (a["fill_value"],) if "fill_value" in a else ()
    return function(a["self"], *more, dtype=a["dtype"])


def _new(function: Callable[..., Tensor], a: Arguments) -> Tensor:
    more = (a["fill_value"],) if "fill_value" in a else ()
    device = a["self"].device if "self" in a else None
    return function(
        a["size"], *more, dtype=a["dtype"] or (a["self"].dtype if "self" in a else None), device=device
    )


def _arange(a: Arguments) -> Tensor:
    start, end, step = a.get("start", 0), a["end"], a.get("step", 1)
    if step == 0 or abs((end - start) / step) > 2**24:
        raise RefusedError("arange")
    return torch.arange(start, end, step, dtype=a["dtype"])


def _not_training(training: bool) -> None:
    if training:
        raise RefusedError("training")


_SPECIAL: dict[str, Callable[[Arguments], Any]] = {
    "batch_norm.default": _batch_norm,
    "instance_norm.default": _instance_norm,
    "_native_batch_norm_legit_no_training.default": _normalised_with_statistics,
    "native_layer_norm.default": _native_layer_norm,
    "native_group_norm.default": _native_group_norm,
    "convolution.default": _convolution,
    "max_pool1d.default": partial(_max_pool, F.max_pool1d, False),
    "max_pool2d.default": partial(_max_pool, F.max_pool2d, False),
    "max_pool3d.default": partial(_max_pool, F.max_pool3d, False),
    "max_pool2d_with_indices.default": partial(_max_pool, F.max_pool2d, True),
    "avg_pool1d.default": partial(_avg_pool, F.avg_pool1d),
    "avg_pool2d.default": partial(_avg_pool, F.avg_pool2d),
    "avg_pool3d.default": partial(_avg_pool, F.avg_pool3d),
    "elu.default": partial(_elu, False),
    "elu_.default": partial(_elu, True),
    "dropout.default": partial(_dropout, False),
    "dropout_.default": partial(_dropout, True),
    "feature_dropout.default": partial(_dropout, False),
    "_softmax.default": partial(_softmax, torch.softmax),
    "_log_softmax.default": partial(_softmax, torch.log_softmax),
    "slice.Tensor": _slice,
    "index.Tensor": _index,
    "upsample_nearest2d.vec": partial(_upsample, "nearest"),
    "upsample_nearest2d.default": partial(_upsample, "nearest"),
    "_upsample_nearest_exact2d.vec": partial(_upsample, "nearest-exact"),
    "upsample_bilinear2d.vec": partial(_upsample, "bilinear"),
    "upsample_bilinear2d.default": partial(_upsample, "bilinear"),
    "upsample_bicubic2d.vec": partial(_upsample, "bicubic"),
    "to.dtype": _to,
    "to.device": _to,
    "to.dtype_layout": _to,
    "_to_copy.default": _to,
    "zeros.default": partial(_new, torch.zeros),
    "ones.default": partial(_new, torch.ones),
    "full.default": partial(_new, torch.full),
    "new_zeros.default": partial(_new, torch.zeros),
    "new_ones.default": partial(_new, torch.ones),
    "new_full.default": partial(_new, torch.full),
    "zeros_like.default": partial(_like, torch.zeros_like),
    "ones_like.default": partial(_like, torch.ones_like),
    "full_like.default": partial(_like, torch.full_like),
    "arange.default": _arange,
    "arange.start": _arange,
    "arange.start_step": _arange,
}

_NUMBERS: dict[str, Callable[..., Any]] = {
    name: getattr(operator, name) for name in "add sub mul floordiv truediv mod neg eq ne lt le gt ge".split()
}
"""Arithmetic on sizes."""

_CHECKS = frozenset(
    """_assert_tensor_metadata.default _assert_scalar.default _assert_async.msg sym_constrain_range.default
    sym_constrain_range_for_size.default""".split()
)
"""Operations that only check; what they check does not hold for a value they were not made for."""


def _table() -> dict[str, Callable[[Any, Arguments], Any]]:
    def by_schema(function: Callable[..., Any]) -> Callable[[Any, Arguments], Any]:
        return lambda schema, a: _plain(function, schema, a)

    def by_name(function: Callable[[Arguments], Any]) -> Callable[[Any, Arguments], Any]:
        return lambda schema, a: function(a)

    found = {name: by_schema(getattr(torch, name.split(".")[0])) for name in _SAME if name not in _LINALG}
    found["linalg_vector_norm.default"] = by_schema(torch.linalg.vector_norm)
    found |= {name: by_schema(getattr(Tensor, name.split(".")[0])) for name in (*_METHODS, *_IN_PLACE)}
    found |= {name: by_schema(function) for name, function in _LAYERS.items()}
    found |= {
        f"{name}_.default": by_schema(partial(getattr(F, name), inplace=True)) for name in _LAYERS_IN_PLACE
    }
    return found | {name: by_name(function) for name, function in _SPECIAL.items()}


_LINALG = frozenset({"linalg_vector_norm.default"})
_TABLE = _table()


class Operator:
    """One operation that is allowed, found by the name that a graph gives it.

    Raises:
        RefusedError: it is not in the table.
    """

    def __init__(self, target: str) -> None:
        self.name = target.removeprefix("torch.ops.aten.")
        self.checks = self.name in _CHECKS
        self._number = (
            _NUMBERS.get(target.removeprefix("_operator.")) if target[:10] == "_operator." else None
        )
        self._run = _TABLE.get(self.name) if target.startswith("torch.ops.aten.") else None
        self._schema: Any = None
        if self._run is not None:
            packet, _, overload = self.name.partition(".")
            self._schema = getattr(getattr(torch.ops.aten, packet), overload)._schema
        elif self._number is None and not self.checks:
            raise RefusedError(target)

    def __call__(self, given: list[tuple[str, Any]]) -> Any:
        """Run on arguments with their names (empty for a plain number)."""
        if self._number is not None:
            return self._number(*(value for _, value in given))
        assert self._run is not None
        named = dict(given)
        bound = {}
        for argument in self._schema.arguments:
            if argument.name in named:
                bound[argument.name] = named[argument.name]
            elif argument.has_default_value():
                bound[argument.name] = argument.default_value
            else:
                raise ValueError(f"{self.name} needs {argument.name}")
        return self._run(self._schema, bound)
