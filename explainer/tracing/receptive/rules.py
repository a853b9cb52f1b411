"""The rule for each kind of operation."""

from __future__ import annotations

from explainer.tracing.graph import Node
from explainer.tracing.receptive.common import Reaches, Rule, chosen, elementwise, unknown
from explainer.tracing.receptive.layers import LAYERS
from explainer.tracing.receptive.mixing import MIXING
from explainer.tracing.receptive.moving import MOVING
from explainer.tracing.receptive.reach import Reach, union


def reach_of(node: Node, reaches: Reaches) -> Reach | None:
    """Return what the numbers of a node see, from what its inputs' numbers see.

    ``None`` if they do not depend on the image.
    """
    if not any(reaches[source] is not None for source in node.inputs):
        return None
    return _RULES.get(node.kind, unknown)(node, reaches)


def _constant(node: Node, reaches: Reaches) -> None:
    """Made from nothing that depends on the image (zeros, random numbers), only shaped like something."""


def _overwritten(node: Node, reaches: Reaches) -> Reach | None:
    """``a.copy_(b)``: what was there before is gone."""
    source = node.args[1] if len(node.args) > 1 else None
    reach = reaches[source] if isinstance(source, Node) else None
    return None if reach is None else union([reach], len(node.shape))


_ELEMENTWISE = """relu relu6 silu mish hardswish hardsigmoid hardtanh leaky_relu elu celu selu rrelu threshold
    gelu sigmoid tanh clamp clamp_min clamp_max add sub mul div pow neg abs exp expm1 sqrt rsqrt square
    reciprocal log log1p log2 log10 log_sigmoid softplus softsign tanhshrink softshrink hardshrink prelu
    sign floor ceil round trunc frac erf erfc sin cos tan asin acos atan atan2 sinh cosh maximum minimum
    fmax fmin where lerp addcmul addcdiv floordiv floor_divide remainder fmod mod masked_fill dropout
    dropout1d dropout2d dropout3d alpha_dropout feature_dropout feature_alpha_dropout native_dropout
    contiguous clone detach alias identity to float double half bfloat16 type type_as cpu cuda
    requires_grad nan_to_num logit eq ne lt le gt ge logical_and logical_or logical_not logical_xor and
    or xor invert isnan isinf isfinite int long bool hypot heaviside xlogy exp2 special_expit positive
    real imag lift_fresh""".split()
_CONSTANTS = """zeros_like ones_like full_like empty_like rand_like randn_like randint_like new_zeros new_ones
    new_full new_empty new_tensor fill zero normal uniform bernoulli exponential constant""".split()
_CHOSEN = """gather topk sort argsort nonzero unique masked_select scatter scatter_add scatter_reduce
    index_put take embedding bincount nms grid_sample max_unpool1d max_unpool2d max_unpool3d deform_conv2d
    roi_align roi_pool searchsorted kthvalue msort multinomial""".split()

_RULES: dict[str, Rule] = {
    **dict.fromkeys(_ELEMENTWISE, elementwise),
    **dict.fromkeys(_CONSTANTS, _constant),
    **dict.fromkeys(_CHOSEN, chosen),
    **LAYERS,
    **MIXING,
    **MOVING,
    "unfold": LAYERS["unfold"],
    "copy": _overwritten,
}
