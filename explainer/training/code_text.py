"""The few lines of plain PyTorch that open a trained network and ask it about one picture."""

from __future__ import annotations

import inspect
import pprint

from explainer.models import networks
from explainer.models.loading import LoadedModel
from explainer.models.preprocessing import Preprocessing


def code_text(name: str, loaded: LoadedModel, weights: str) -> str:
    """Return a Python script that needs PyTorch, torchvision, safetensors and Pillow, and nothing of ours.

    Args:
        name: of the network.
        loaded: the network as it was opened from a file called ``weights``.
        weights: name of a safetensors file; it is to lie where the script is run.
    """
    own = sorted(
        {type(one) for one in loaded.model.modules() if type(one).__module__ == networks.__name__},
        key=lambda kind: inspect.getsourcelines(kind)[1],
    )
    builder = (
        _OWN.format(
            classes="\n\n".join(inspect.getsource(kind) for kind in own),
            network=type(loaded.model).__name__,
            count=len(loaded.classes),
            weights=weights,
        )
        if own
        else loaded.code
    )
    fed = loaded.preprocessing
    return _SCRIPT.format(
        name=name,
        builder=builder.strip(),
        names=pprint.pformat(list(loaded.classes), width=100, compact=True),
        mode=fed.mode,
        steps="\n".join(f"        {step}," for step in _steps(fed)),
    )


def _steps(fed: Preprocessing) -> list[str]:
    """Return torchvision's transforms that make of a picture what ``fed.apply`` makes of it."""
    way = f"transforms.InterpolationMode.{fed.interpolation.upper()}"
    steps = [f"transforms.Resize({fed.resize}, {way})"] if fed.resize is not None else []
    return [
        *steps,
        f"transforms.CenterCrop({fed.size})",
        "transforms.ToTensor()",
        f"transforms.Normalize({list(fed.mean)}, {list(fed.std)})",
    ]


_OWN = """
from collections import OrderedDict

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F


{classes}

model = {network}({count})
model.load_state_dict(load_file({weights!r}))
model.eval()
"""

_SCRIPT = """# {name!r}. Run it beside the file of weights: python <this file> <picture>

import sys

from PIL import Image
from torchvision import transforms

{builder}

classes = {names}

prepare = transforms.Compose(
    [
{steps}
    ]
)

picture = Image.open(sys.argv[1]).convert({mode!r})
with torch.no_grad():
    probabilities = model(prepare(picture)[None]).softmax(1)[0]  # [classes]
for index in probabilities.argsort(descending=True)[:5].tolist():
    print(f"{{probabilities[index]:7.2%}}  {{classes[index]}}")
"""
