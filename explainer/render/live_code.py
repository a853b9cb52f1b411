"""The code of the Live camera page: one mode on a picture, and on every frame of a camera."""

from __future__ import annotations

from collections.abc import Sequence


def live_code(mode: str, imports: Sequence[str], picture: str) -> str:
    """Return a script that runs a mode on a sample and saves what it draws.

    It runs in a fresh interpreter in the project's folder.

    Args:
        mode: an expression that makes the mode.
        imports: lines that it needs.
        picture: key of the sample.
    """
    lines = [
        "import numpy as np",
        "from PIL import Image",
        "",
        *imports,
        "from explainer.samples import sample",
        "",
        f"mode = {mode}",
        f'frame = np.asarray(sample("{picture}").load())  # uint8 [H, W, 3], RGB',
        "result = mode.run(frame)",
        "for name, share in result.said():",
        '    print(name, "" if share is None else f"{share:.1%}")',
        'Image.fromarray(result.draw(frame)).save("annotated.png")',
        "",
        "# The same on a camera of this machine, newest frame only, as the page does it:",
        "#   import cv2",
        "#   from explainer.live.worker import LiveWorker",
        "#   worker, camera = LiveWorker(mode), cv2.VideoCapture(0)",
        "#   while True:",
        "#       frame = cv2.cvtColor(camera.read()[1], cv2.COLOR_BGR2RGB)",
        "#       shown = worker.show(frame)  # returns at once, with the latest result drawn in",
        "",
    ]
    return "\n".join(lines)
