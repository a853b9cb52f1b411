"""Every code panel opens the network alike: a reader's file, a live network, a file with a hostile name."""

import ast

import pytest
import torch

from explainer.layers.intervention import ChannelChange
from explainer.layers.visualisation import Settings
from explainer.models.networks import build
from explainer.render import fields, heat
from explainer.render.cam_code import cam_code
from explainer.render.compare_code import CodeSide, formats_code, twins_code
from explainer.render.layer_code import kernels_code, moments_code, visualisation_code, what_if_code
from explainer.render.probes import completeness_code, faithfulness_code, occlusion_code
from explainer.render.snippet import Origin, snippet
from explainer.tracing import trace

LIVE = Origin(
    "shown-1", "default", "image", ("from explainer.models.live import wrap",), loader="wrap(model)[0]"
)
HOSTILE = Origin("tiny_vgg", '"); raise SystemExit  #\n.pth', "image", ())


def panels(origin: Origin) -> dict[str, str]:
    recorded = trace(build("tiny_vgg").eval(), torch.zeros(1, 3, 64, 64))
    node = next(node for node in recorded.nodes if node.kind == "conv2d")
    logits = recorded.nodes[-1]
    side = CodeSide(origin, node.name, 0)
    hidden = [ChannelChange(node.name, 0)]
    carried = [ChannelChange(recorded.nodes[-2].name, 0, "channel", source=1)]
    return {
        "number": snippet(origin, node, 0, 1, 1, logits=logits),
        "kernels": kernels_code(origin, node, 0),
        "moments": moments_code(origin, node.name, 0),
        "visualisation": visualisation_code(origin, node.name, 0, Settings()),
        "what if": what_if_code(origin, recorded, hidden),
        "what if, carried": what_if_code(origin, recorded, carried),
        "field": fields.snippet(origin, node, 0, 1, 1, logits=logits),
        "heat": heat.code(origin, "gradcam", node.name, 0, {}),
        "cam": cam_code(origin, node, logits, 0),
        "twins": twins_code(side, side, linked=True),
        "formats": formats_code(side),
        "occlusion": occlusion_code(origin, 0, 8, 4, "grey"),
        "faithfulness": faithfulness_code(origin, 0, "grey", "blur", 4),
        "completeness": completeness_code(origin, 0, "black", 8),
    }


@pytest.mark.parametrize("name", panels(LIVE))
def test_a_live_network_is_opened_from_what_was_given(name):
    code = panels(LIVE)[name]
    ast.parse(code)
    assert "wrap(model)[0]" in code
    assert "load_model(" not in code


@pytest.mark.parametrize("name", panels(HOSTILE))
def test_a_hostile_name_stays_a_name(name):
    tree = ast.parse(panels(HOSTILE)[name])
    assert not any(isinstance(node, ast.Raise) for node in ast.walk(tree))
    assert any(isinstance(node, ast.Constant) and node.value == HOSTILE.weights for node in ast.walk(tree))
