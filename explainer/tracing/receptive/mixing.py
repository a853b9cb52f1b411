"""Operations that mix numbers along whole axes: averages, normalisations, sums of products, attention."""

from __future__ import annotations

from typing import Any

from explainer.tracing.arithmetic.text import Phrase
from explainer.tracing.graph import Node
from explainer.tracing.receptive.common import (
    ATTENDS,
    NORMALISED,
    POOLED,
    Reaches,
    Rule,
    elementwise,
    everything,
    inputs,
    source_of,
    unknown,
)
from explainer.tracing.receptive.reach import BOUND, Reach, collapsed, reduced, union, without_local


def _axes(dim: Any, count: int) -> list[int]:
    if dim is None or dim == () or dim == []:
        return list(range(count))
    return [axis % count for axis in ((dim,) if isinstance(dim, int) else dim)] if count else []


def _reduction(node: Node, reaches: Reaches) -> Reach | None:
    """Mean, sum, maximum ... over axes; of two tensors (``torch.max(a, b)``) it is elementwise."""
    if len(node.inputs) > 1:
        return elementwise(node, reaches)
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    dim = node.arguments.get("dim")
    axes = _axes(dim, len(shape))
    keep = bool(node.arguments.get("keepdim", False))
    if len(axes) == len(shape) and dim is None:
        keep = False
    spatial = any(reach.spreads(axis, shape[axis]) for axis in axes)
    made = reduced(reach, axes, keep=keep)
    if spatial:
        made = without_local(made).because(BOUND, POOLED)
    if made.tables[0].ndim != len(node.shape) + 1:
        made = collapsed(made, len(node.shape))
    return made


def _over_axes(reach: Reach, axes: list[int], shape: tuple[int, ...], reason: Phrase) -> Reach:
    """Let every number also see, through a statistic or a sum, all numbers along some axes."""
    if not any(reach.spreads(axis, shape[axis]) for axis in axes):
        return union([reach, reduced(reach, axes)], len(shape)) if _changes(reach, axes) else reach
    whole = without_local(reduced(reach, axes))
    return union([reach, whole], len(shape)).because(BOUND, reason)


def _changes(reach: Reach, axes: list[int]) -> bool:
    return any(table.shape[axis + 1] > 1 for table in reach.tables for axis in axes)


def _softmax(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    dim = node.arguments.get("dim")
    axis = dim if isinstance(dim, int) else (0 if len(shape) in (0, 1, 3) else 1)
    return None if reach is None else _over_axes(reach, _axes(axis, len(shape)), shape, ATTENDS)


def _cumulative(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    made = _over_axes(reach, _axes(node.arguments.get("dim", -1), len(shape)), shape, POOLED)
    return made if made.tables[0].ndim == len(node.shape) + 1 else collapsed(made, len(node.shape))


def _layer_norm(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    normalised = node.arguments.get("normalized_shape", (0,))
    count = 1 if isinstance(normalised, int) else len(normalised)
    return _over_axes(reach, list(range(len(shape) - count, len(shape))), shape, NORMALISED)


def _group_norm(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    return _over_axes(reach, list(range(1, len(shape))), shape, NORMALISED)


def _instance_norm(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    if reach is None or node.arguments.get("use_input_stats") is False:
        return reach
    return _over_axes(reach, list(range(2, len(shape))), shape, NORMALISED)


def _batch_norm(node: Node, reaches: Reaches) -> Reach | None:
    reach = reaches[node.inputs[0]]
    given = node.args
    training = given[5] if len(given) > 5 else node.kwargs.get("training", False)
    if reach is None or not training:
        return reach
    shape = node.shape
    return _over_axes(reach, [0, *range(2, len(shape))], shape, NORMALISED)


def _normalize(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    dim = node.arguments.get("dim", 1)
    return None if reach is None else _over_axes(reach, _axes(dim, len(shape)), shape, NORMALISED)


# --- sums of products ------------------------------------------------------------------------------------


def _linear(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    return None if reach is None else reduced(reach, [len(shape) - 1])


def _matmul(node: Node, reaches: Reaches) -> Reach | None:
    """Rows of one times columns of the other: out[i, j] sees the row a[i] and the column b[j]."""
    operands = [node.arguments.get("input"), node.arguments.get("other", node.arguments.get("mat2"))]
    if node.kind in ("baddbmm", "addmm", "addbmm", "mv", "dot") or len(operands) != 2:
        return unknown(node, reaches)
    found, dimensions, several = [], len(node.shape), len(inputs(node, reaches)) > 1
    for operand, summed in zip(operands, (-1, -2), strict=True):
        if not isinstance(operand, Node) or (reach := reaches[operand]) is None:
            continue
        count = len(operand.shape)
        if count < 2:
            return unknown(node, reaches)
        axis = count + summed
        turned = reduced(reach, [axis])
        if several and reach.spreads(axis, operand.shape[axis]):
            turned = without_local(turned)
        found.append(turned)
    if not found:
        return None
    if any(not isinstance(operand, Node) or len(operand.shape) < 2 for operand in operands):
        return union(found, dimensions)
    made = union(found, dimensions)
    return made.because(BOUND, ATTENDS) if len(found) == 2 else made


def _einsum(node: Node, reaches: Reaches) -> Reach | None:
    equation, operands = node.arguments["equation"], node.arguments["operands"]
    if not isinstance(equation, str) or "." in equation or "->" not in equation:
        return unknown(node, reaches)
    sources, result = equation.replace(" ", "").split("->")
    found, several = [], len(inputs(node, reaches)) > 1
    for letters, operand in zip(sources.split(","), operands, strict=True):
        reach = reaches[operand] if isinstance(operand, Node) else None
        if reach is None:
            continue
        if len(set(letters)) != len(letters):
            return unknown(node, reaches)
        summed = [axis for axis, letter in enumerate(letters) if letter not in result]
        whole = any(reach.spreads(axis, operand.shape[axis]) for axis in summed)
        reach = reduced(reach, summed, keep=False)
        if whole and several:
            reach = without_local(reach)
        found.append(_spread(reach, [letter for letter in letters if letter in result], result))
    if not found:
        return None
    made = union(found, len(result))
    return made.because(BOUND, ATTENDS) if len(found) > 1 else made


def _spread(reach: Reach, letters: list[str], result: str) -> Reach:
    """Bring labelled axes into the order of the result, which may have more of them."""
    order = sorted(range(len(letters)), key=lambda axis: result.index(letters[axis]))
    tables = []
    for table in reach.tables:
        sizes = iter(table.transpose((0, *(axis + 1 for axis in order))).shape[1:])
        shape = [next(sizes) if letter in letters else 1 for letter in result]
        tables.append(table.transpose((0, *(axis + 1 for axis in order))).reshape(6, *shape))
    return Reach((tables[0], tables[1]), (None, None), reach.jumps, reach.status, reach.reason)


def _attention(node: Node, reaches: Reaches) -> Reach | None:
    """Scaled dot-product attention [..., L, E]: each query sees itself and all keys and values."""
    names = ("query", "key", "value")
    found = []
    for name in names:
        operand = node.arguments.get(name)
        if not isinstance(operand, Node) or (reach := reaches[operand]) is None:
            continue
        count = len(operand.shape)
        found.append(
            reduced(reach, [count - 1])
            if name == "query"
            else without_local(reduced(reach, [count - 2, count - 1]))
        )
    return union(found, len(node.shape)).because(BOUND, ATTENDS) if found else None


def _multi_head(node: Node, reaches: Reaches) -> Reach | None:
    """Attention with its projections [L, N, E]; the second output holds its weights."""
    found = inputs(node, reaches)
    if not found:
        return None
    return everything(found, len(node.shape)).because(BOUND, ATTENDS)


MIXING: dict[str, Rule] = {
    **dict.fromkeys(
        """mean sum prod amax amin max min var std logsumexp nanmean nansum median mode norm vector_norm
        linalg_vector_norm count_nonzero any all argmax argmin aminmax var_mean std_mean""".split(),
        _reduction,
    ),
    **dict.fromkeys("softmax log_softmax softmin sparsemax".split(), _softmax),
    **dict.fromkeys("cumsum cumprod cummax cummin logcumsumexp".split(), _cumulative),
    **dict.fromkeys(("layer_norm", "rms_norm"), _layer_norm),
    **dict.fromkeys("matmul bmm mm".split(), _matmul),
    "group_norm": _group_norm,
    "instance_norm": _instance_norm,
    "batch_norm": _batch_norm,
    "normalize": _normalize,
    "linear": _linear,
    "einsum": _einsum,
    "scaled_dot_product_attention": _attention,
    "multi_head_attention_forward": _multi_head,
}
