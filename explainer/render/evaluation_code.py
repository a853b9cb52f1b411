"""The PyTorch code of an evaluation."""

from __future__ import annotations

from explainer.render.snippet import quoted


def evaluation_code(
    detector: str, file: str | None, *, label: int, iou: float, score: float, rule: str
) -> str:
    """Return a script from labelled pictures to precision, recall and average precision.

    It runs in a fresh interpreter in the project's folder.

    Args:
        detector: an expression that opens it, as ``opener`` gives it.
        file: name of the reader's zip; ``None`` for the sample set.
        label: the class whose curve is shown.
        iou: from which overlap on a detection is true.
        score: the threshold that is marked.
        rule: the rule of AP that is shown.
    """
    source = "from explainer.detection.sample_set import sample_set"
    given = "sample_set()"
    imports = []
    if file is not None:
        source = "from explainer.detection.labelled import read_labelled_zip"
        given, imports = (
            f"read_labelled_zip(Path({quoted(file)}).read_bytes())",
            ["from pathlib import Path", ""],
        )
    lines = [
        *imports,
        "from explainer.detection import load_detector",
        "from explainer.detection.evaluation import evaluate",
        "from explainer.detection.labelled import class_map",
        source,
        "",
        f"detector = {detector}",
        f"given = {given}",
        "meant = class_map(given, detector.classes)  # labels by the names of the classes",
        "truths, found = [], []",
        "for picture in given.pictures:",
        "    pixels = picture.load()  # uint8 [H, W, 3]",
        "    truths.append(meant.truth(picture.truth(pixels)))",
        "    # Unsure detections count, too: AP is about the whole ranking.",
        "    found.append(meant.found(detector.detect([pixels], score=0.001, iou=0.65)[0]))",
        "",
        f"result = evaluate(truths, found, detector.classes, thresholds=[{iou:g}])",
        f"curve = result.curve({label}, {iou:g})",
        f"kept = curve.kept({score:g})  # detections with at least this score",
        f"print(detector.classes[{label}], curve.objects, 'objects')",
        "if kept:",
        '    print(f"precision {curve.precision[kept - 1]:.4f}, recall {curve.recall[kept - 1]:.4f}")',
        f"print(f\"AP {{curve.ap('{rule}'):.4f}}\")",
        'print(f"mAP {evaluate(truths, found, detector.classes).map:.4f}")',
    ]
    return "\n".join(lines)
