"""Class activation maps against pytorch-grad-cam and captum, on five networks."""

import warnings

import numpy as np
import pytest
import torch
import torchvision
from captum.attr import LayerGradCam
from pytorch_grad_cam import AblationCAM, EigenCAM, GradCAM, GradCAMPlusPlus, HiResCAM, LayerCAM, ScoreCAM
from pytorch_grad_cam.utils.image import scale_cam_image
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from explainer.attribution import cam, grad_cam
from explainer.models import load_model
from explainer.tracing import trace

PEERS = {
    "gradcam": GradCAM,
    "gradcam++": GradCAMPlusPlus,
    "hirescam": HiResCAM,
    "layercam": LayerCAM,
    "eigencam": EigenCAM,
    "scorecam": ScoreCAM,
    "ablationcam": AblationCAM,
}
NETWORKS = {
    "resnet20": (("layer2", "layer3"), 32),
    "resnet18": (("layer2", "layer4"), 96),
    "squeezenet1_1": (("features.5", "features.12"), 96),
    "mobilenet_v3_small": (("features.4", "features.12"), 96),
    "densenet121": (("features.denseblock1", "features.denseblock4"), 64),
}


def build(name):
    torch.manual_seed(3)
    if name == "resnet20":
        return load_model("resnet20").model
    return getattr(torchvision.models, name)(num_classes=10).eval().requires_grad_(False)


@pytest.fixture(scope="module", params=NETWORKS)
def case(request):
    layers, side = NETWORKS[request.param]
    network = build(request.param)
    images = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(7)) * 2 - 1
    return network, images, layers


def peer(method, network, images, layer, class_index):
    """The peer's map before it is scaled, after its ReLU [h, w], and its picture [H, W]."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        target = [ClassifierOutputTarget(class_index)]
        module = network.get_submodule(layer)
        # Its gradients need something that requires them; the weights of ours do not.
        with PEERS[method](network, [module]) as tool:
            given = images.clone().requires_grad_()
            picture = tool(given, target)[0]
            kept = tool.activations_and_grads
            gradients = kept.gradients[0].numpy() if kept.gradients else None
            raw = tool.get_cam_image(images, module, target, kept.activations[0].numpy(), gradients, False)
    return np.maximum(raw[0], 0), picture


def close(found, expected):
    expected = torch.as_tensor(np.asarray(expected))
    assert found.shape == expected.shape
    scale = max(float(expected.abs().max()), 1e-12)
    assert float((found - expected).abs().max()) <= 1e-4 * scale


@pytest.mark.parametrize("position", ["middle", "last"])
@pytest.mark.parametrize("method", ["gradcam", "hirescam", "layercam"])
def test_gradient_maps_are_those_of_pytorch_grad_cam(case, method, position):
    network, images, layers = case
    layer = layers[position == "last"]
    expected, picture = peer(method, network, images, layer, 4)
    found = grad_cam(network, images, layer, 4, method)
    close(found, expected)
    ours = scale_cam_image(scale_cam_image(found[None].numpy(), images.shape[:1:-1]))[0]
    close(torch.from_numpy(ours), picture)


@pytest.mark.parametrize("position", ["middle", "last"])
def test_grad_cam_is_captums(case, position):
    network, images, layers = case
    layer = layers[position == "last"]
    tool = LayerGradCam(network, network.get_submodule(layer))
    given = images.clone().requires_grad_()
    expected = tool.attribute(given, target=4, relu_attributions=True)[0, 0].detach()
    close(grad_cam(network, images, layer, 4), expected)


def test_a_recorded_forward_pass_gives_the_peers_map(case):
    network, images, layers = case
    recorded = trace(network, images)
    expected, _ = peer("gradcam", network, images, layers[1], 4)
    inside = [node for node in recorded.nodes if f"{node.module}.".startswith(f"{layers[1]}.")]
    close(cam(recorded, inside[-1], recorded.nodes[-1], 4).map, expected)


def test_grad_cam_plus_plus_is_the_peers_where_its_epsilon_does_not_matter():
    # The peer adds 1e-6 to 2 G^2 + sum(A) G^3, which the paper does not: gradients of 1e-3 vanish in it.
    network = build("resnet18")
    network.fc.weight.data *= 1e4
    images = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(7))
    expected, _ = peer("gradcam++", network, images, "layer4", 4)
    close(grad_cam(network, images, "layer4", 4, "gradcam++"), expected)


def test_score_cam_is_the_peers():
    for name, layer in (("resnet20", "layer3"), ("mobilenet_v3_small", "features.9")):
        network = build(name)
        images = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(7))
        expected, _ = peer("scorecam", network, images, layer, 4)
        close(grad_cam(network, images, layer, 4, "scorecam"), expected)


def test_ablation_cam_is_the_peers_behind_a_relu():
    # Where an output can be negative, the peer puts -1e7 in the channel's place instead of the paper's zero.
    network = build("resnet20")
    images = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(7))
    best = int(network(images).argmax())
    expected, _ = peer("ablationcam", network, images, "layer3", best)
    close(grad_cam(network, images, "layer3", best, "ablationcam"), expected)


def test_eigen_cam_differs_from_the_peers_by_the_mean_it_subtracts():
    # The paper projects the output itself; the peer subtracts the channels' means first.
    network = build("resnet20")
    images = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(7))
    activation = trace(network, images)["avgpool"].inputs[0].output[0]
    rows = activation.flatten(1).T.double().numpy()

    def projection(rows):
        return (rows @ np.linalg.svd(rows, full_matrices=False)[2][0]).reshape(activation.shape[1:])

    expected, _ = peer("eigencam", network, images, "layer3", 0)
    np.testing.assert_allclose(np.maximum(projection(rows - rows.mean(0)), 0), expected, atol=1e-4)
    paper = projection(rows)
    paper = np.maximum(paper if paper.sum() > 0 else -paper, 0).astype(np.float32)
    close(grad_cam(network, images, "layer3", 0, "eigencam"), paper)
