"""The tree by which the network map folds: one group for every module call that ran several operations."""

from __future__ import annotations

from dataclasses import dataclass

from explainer.tracing import Node, Trace
from explainer.tracing.graph import Call


@dataclass
class Group:
    """A contiguous run of nodes, ``first`` to ``last`` inclusive, that may be folded into one slab."""

    id: int
    parent: int | None
    path: str
    label: str
    type: str
    first: int
    last: int
    output: int
    """The node that stands for the group: the last one whose result is used outside it."""


def fold_tree(trace: Trace) -> tuple[list[Group], list[int]]:
    """Return the groups, root first, and for every node the id of its innermost group.

    Calls that ran a single operation are no groups: the operation stands for them. Several loose operations
    before the first group of the whole network become its "stem", those after the last its "head".
    """
    spans: dict[Call, list[int]] = {trace.root: [0, len(trace.nodes) - 1]}
    for node in trace.nodes:
        call: Call | None = node.call
        while call is not None:
            span = spans.setdefault(call, [node.index, node.index])
            span[0], span[1] = min(span[0], node.index), max(span[1], node.index)
            call = call.parent

    groups: list[Group] = []
    id_of: dict[Call, int] = {}
    for call, (first, last) in sorted(
        spans.items(), key=lambda item: (item[1][0], -item[1][1], _depth(item[0]))
    ):
        parent = _enclosing(call, id_of)
        alone = parent is not None and (groups[parent].first, groups[parent].last) == (first, last)
        if call is not trace.root and (first == last or alone):
            continue
        id_of[call] = len(groups)
        groups.append(Group(len(groups), parent, call.path, _label(call), call.type, first, last, last))

    group_of = [_innermost(node.call, id_of) for node in trace.nodes]
    _add_stem_and_head(trace, groups, group_of)
    outside = _read_from(trace)
    for group in groups:
        used = [i for i in range(group.first, group.last + 1) if outside[i] > group.last]
        group.output = used[-1] if used else group.last
    return groups, group_of


def _depth(call: Call) -> int:
    return 0 if call.parent is None else 1 + _depth(call.parent)


def _enclosing(call: Call, id_of: dict[Call, int]) -> int | None:
    parent = call.parent
    while parent is not None and parent not in id_of:
        parent = parent.parent
    return None if parent is None else id_of[parent]


def _innermost(call: Call, id_of: dict[Call, int]) -> int:
    found: Call | None = call
    while found is not None and found not in id_of:
        found = found.parent
    return 0 if found is None else id_of[found]


def _label(call: Call) -> str:
    return f"{call.path} · {call.occurrence + 1}" if call.occurrence else call.path


def _add_stem_and_head(trace: Trace, groups: list[Group], group_of: list[int]) -> None:
    tops = [group for group in groups[1:] if group.parent == 0]
    if len(tops) < 2:
        return
    loose_before = (1, min(group.first for group in tops) - 1)
    # The softmax that makes the answer stays in sight.
    end = groups[0].last - (trace.nodes[-1].kind == "softmax")
    loose_after = (max(group.last for group in tops) + 1, end)
    for label, (first, last) in (("stem", loose_before), ("head", loose_after)):
        if last - first < 1:
            continue
        group = Group(len(groups), 0, "", label, "", first, last, last)
        groups.append(group)
        for index in range(first, last + 1):
            group_of[index] = group.id


def _read_from(trace: Trace) -> list[int]:
    """For every node the index of its last reader; one past the end if it is the network's answer."""
    last = [len(trace.nodes) if node is trace.nodes[-1] else -1 for node in trace.nodes]
    for node in trace.nodes:
        for source in node.inputs:
            last[source.index] = max(last[source.index], node.index)
    return last


KIND_WORDS = {
    "conv1d": "conv",
    "conv2d": "conv",
    "conv3d": "conv",
    "conv_transpose2d": "transposed conv",
    "batch_norm": "batch norm",
    "layer_norm": "layer norm",
    "group_norm": "group norm",
    "max_pool2d": "max pool",
    "avg_pool2d": "average pool",
    "adaptive_avg_pool2d": "average pool",
    "adaptive_max_pool2d": "max pool",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "cat": "concat",
    "mul": "multiply",
}


def label_of(node: Node) -> str:
    """Return a short name for a column: the module's last name, or the operation's where that is a number."""
    last = node.name.rsplit(".", 1)[-1].split(":")[0]
    word = KIND_WORDS.get(node.kind, node.kind.replace("_", " "))
    return f"{word} {last}" if last.isdigit() else (word if last == node.kind else last)
