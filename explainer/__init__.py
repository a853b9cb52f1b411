"""ConvScope: run a real PyTorch network, record what every layer does, and explain it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from explainer.ui.show import Showing


def show(
    model: nn.Module,
    image: Any = None,
    *,
    classes: Any = None,
    preprocessing: Any = None,
    title: str | None = None,
    port: int | None = None,
    open_browser: bool = True,
    block: bool | None = None,
) -> Showing:
    """Look into a live network: open the app on it, from a script or a notebook.

    The network is not touched. The app looks into a copy, made now: in eval mode, on the CPU, in float32.
    After more training, call ``show`` again; the first call starts the server, later ones add to it.

    Args:
        model: any eager ``torch.nn.Module`` that takes a batch of images [N, C, H, W].
        image: what to begin with: a PIL image, a path, an array uint8 [H, W, 3], or the very input tensor,
            float [1, C, H, W] or [C, H, W], already preprocessed. Without, the app's own samples.
        classes: names of the outputs: a list, a dict by number, or a file (one per line, or JSON).
        preprocessing: what the network is fed: ``weights.transforms()`` of torchvision, a ``Compose`` of
            ``Resize``, ``CenterCrop``, ``ToTensor`` and ``Normalize``, timm's data config, or a dict such as
            ``{"size": [64, 64], "mean": [...], "std": [...]}``. Without, ImageNet's mean and deviation at
            the tensor's size, or at 224 × 224.
        title: what to call the network; its class without.
        port: of the server; a free one without. It listens on this machine only.
        open_browser: whether to open a browser. A notebook draws the returned object instead: the app in the
            cell.
        block: whether to wait until Ctrl-C is pressed; by default in a script, which would end and the app
            with it, and not in an interactive session.

    Returns:
        What is shown: its ``url``, and ``stop()``.

    Raises:
        explainer.errors.ReaderError: an argument cannot be used; the message says why.
    """
    from explainer.ui import show as showing  # Streamlit and PyTorch are imported only now

    return showing.show(
        model,
        image,
        classes=classes,
        preprocessing=preprocessing,
        title=title,
        port=port,
        open_browser=open_browser,
        block=block,
    )
