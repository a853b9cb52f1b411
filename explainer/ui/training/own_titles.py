"""What readers call the data sets that they brought along: kept beside the sets, so no restart loses it."""

from __future__ import annotations

import json
from pathlib import Path

from explainer.ui.training.storage import OWN_DATA, dataset_name, sets_folder, titles_beside, writing

_OWNERS = 500
"""Of one set; the earliest is forgotten. More than one reader may bring the same images along."""


def keep_title(key: str, owner: str, title: str) -> None:
    """Write down what a reader calls a set.

    Args:
        key: of the set, as ``keep_dataset`` returned it.
        owner: what the reader is called where others may read it.
        title: is shown as it is.

    Raises:
        ReaderError: the set is not here, or the folder of runs takes nothing.
    """
    from explainer.training.checkpoint import save_text

    beside = titles_beside(Path(dataset_name(key)))
    known = _read(beside)
    known.pop(owner, None)
    known[owner] = title
    with writing():
        save_text(beside, json.dumps(dict(list(known.items())[-_OWNERS:]), ensure_ascii=False))


def kept_titles(owner: str) -> dict[str, str]:
    """Return the titles of a reader's sets that are still here, by key; the one named last is last."""
    found = []
    for path in sets_folder().glob("*.safetensors"):
        beside = titles_beside(path)
        title = _read(beside).get(owner)
        if title is not None:
            found.append((beside.stat().st_mtime, OWN_DATA + path.stem, title))
    return {key: title for _, key, title in sorted(found)}


def _read(path: Path) -> dict[str, str]:
    """Return titles by owner; none where the file is absent or was edited by hand."""
    try:
        known = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(owner): str(title) for owner, title in known.items()} if isinstance(known, dict) else {}
