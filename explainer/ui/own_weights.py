"""Opening one's own weights: a file, what it seems to be, what the reader says about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.models import CatalogEntry, Preprocessing, catalog
from explainer.models.entries import PROGRAM, find
from explainer.models.own import LARGEST, OWN, OwnWeights, read_class_names
from explainer.ui.file_panel import again, take_file
from explainer.ui.language import t
from explainer.ui.messages import guard, message
from explainer.ui.opened import network, shelf

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from explainer.models.nearest import Likeness

_KINDS = ["pth", "pt", "safetensors", "pt2", "ckpt", "bin"]
_KEPT = 5
"""How many of a session's own networks are listed."""


@dataclass(frozen=True, eq=False)
class _Draft:
    """An uploaded file that has been looked at."""

    path: Path
    name: str
    tensors: int
    alike: tuple[Likeness, ...]
    classes: tuple[str, ...]
    """What the file itself says they are called."""
    fed: Preprocessing | None
    """What the file itself says the network is fed; of a whole network always known."""
    program: bool


@dataclass(frozen=True, eq=False)
class _Problem:
    """What the reader is told, until the next file or choice."""

    error: ReaderError
    near: str = ""
    """The architecture that the weights are of."""
    names: str = ""
    """The class names that were given."""


def own_weights(entry: CatalogEntry, number: str = "") -> None:
    """Draw the button, and behind it the way from a file to a network.

    The network goes into the link as ``?model=`` and ``?weights=``; until it is known to work, nothing there
    changes.
    """
    with st.popover(
        t("Own weights"),
        icon=":material/upload_file:",
        width="content",
        help=t("Open a checkpoint of yours, or a network saved with torch.export"),
        key=f"own_popover{number}-{st.session_state.get('own_closed', 0)}",
    ):
        _steps(entry, number)


@st.fragment
def _steps(entry: CatalogEntry, number: str) -> None:
    state, drafted, told = st.session_state, f"own_draft{number}", f"own_problem{number}"
    with guard():
        take_file(
            "own",
            number,
            t("Weights or a whole network, up to {most} MB", most=LARGEST),
            _KINDS,
            _look_at,
            _Problem,
            help=t(
                "A state dict saved with torch.save or as safetensors, or a network saved with "
                "torch.export.save. Nothing in the file is run. The server keeps it until it restarts or "
                "needs the room, for you and for those you give the link to."
            ),
        )
        draft: _Draft | None = state.get(drafted)
        if draft is not None:
            _ask(draft, number)
        problem: _Problem | None = state.get(told)
        if problem is not None:
            _tell(problem, draft, number)
        _others(entry, number)


def _look_at(file: UploadedFile) -> _Draft:
    """Keep an uploaded file and find out what it is.

    Raises:
        ReaderError: it is not something that can be opened.
    """
    from explainer.models.checkpoints import archive_kind, read_metadata, read_state_dict
    from explainer.models.loading import load_model
    from explainer.models.nearest import nearest_architectures
    from explainer.models.transforms import preprocessing_of_file

    path = shelf().put(file.getbuffer())
    if archive_kind(path) == "program":
        loaded = load_model(PROGRAM, path, name=file.name)
        count = len(loaded.model.state_dict())
        return _Draft(path, file.name, count, (), (), loaded.preprocessing, program=True)
    tensors = read_state_dict(path, file.name)
    card = read_metadata(path)
    named = card.get("classes")
    classes = tuple(map(str, named)) if isinstance(named, list) else ()
    alike = tuple(nearest_architectures(tensors, 4))
    fed = preprocessing_of_file(card)
    return _Draft(path, file.name, len(tensors), alike, classes, fed, program=False)


def _ask(draft: _Draft, number: str) -> None:
    """Draw what the file is taken for, and the fields that say otherwise."""
    stem = f"own{number}-{draft.path.name[:12]}"
    with st.container(border=True):
        if draft.program:
            text = t("A whole network saved with torch.export: {count} tensors.", count=draft.tensors)
            st.success(text, icon=":material/check:")
        key = PROGRAM if draft.program else _choose_architecture(draft, stem)
        if key is None:
            return
        names = st.text_area(
            t("Class names"),
            value="\n".join(draft.classes),
            key=f"{stem}-names",
            height=90,
            placeholder=t("One per line, or JSON; may stay empty"),
        )
        listed = st.file_uploader(
            t("Or a file of class names"), type=["txt", "json"], max_upload_size=1, key=f"{stem}-names-file"
        )
        fed = _choose_preprocessing(draft, key, f"{stem}-{key}")
        title = draft.name if draft.program else _title(key)
        if st.button(
            t("Open as {network}", network=title), type="primary", key=f"{stem}-open", width="stretch"
        ):
            with st.spinner(t("Opening the network")):
                text = listed.getvalue().decode("utf-8", "replace") if listed is not None else names
                _open(draft, key, text, fed, number)


def _choose_architecture(draft: _Draft, stem: str) -> str | None:
    shares = {one.key: one.share for one in draft.alike}
    best = draft.alike[0] if draft.alike else None
    if best is None:
        st.warning(
            t("{count} tensors, but no network of the catalogue has any of them.", count=draft.tensors),
            icon=":material/help:",
        )
    elif best.share == 1:
        title = _title(best.key)
        text = t("This is {network}: all tensors fit.", network=title)
        if best.outputs:
            text = t(
                "This is {network} with {outputs} classes: all tensors fit.",
                network=title,
                outputs=best.outputs,
            )
        st.success(text, icon=":material/check:")
    else:
        st.warning(
            t(
                "This is most like {network}: {share}% of the tensors fit. Only weights that fit wholly can "
                "be opened.",
                network=_title(best.key),
                share=int(best.share * 100),
            ),
            icon=":material/help:",
        )
    listed = [entry.key for entry in catalog()]
    options = list(dict.fromkeys([*shares, *listed]))
    return st.selectbox(
        t("Architecture"),
        options,
        key=f"{stem}-architecture",
        accept_new_options=True,
        format_func=lambda key: (
            f"{_title(key)} · {int(shares[key] * 100)}%" if key in shares else _title(key)
        ),
        help=t("Any timm architecture can be typed in: timm:name."),
    )


def _choose_preprocessing(draft: _Draft, key: str, stem: str) -> Preprocessing:
    """Draw what the network is fed, beginning with what the file or the architecture says."""
    from explainer.models.loading import default_preprocessing

    usual = draft.fed or default_preprocessing(key)
    with st.expander(t("What the network is fed")):
        size = usual.size
        if draft.program:
            st.caption(
                t("Pictures of {height} × {width}, as it was exported.", height=size[0], width=size[1])
            )
        else:
            columns = st.columns(2)
            low, high = (min(8, *size), max(1024, *size))
            height = columns[0].number_input(t("Height"), low, high, size[0], key=f"{stem}-height")
            width = columns[1].number_input(t("Width"), low, high, size[1], key=f"{stem}-width")
            size = (int(height), int(width))
        mean = _numbers(t("Mean"), usual.mean, f"{stem}-mean")
        std = _numbers(t("Standard deviation"), usual.std, f"{stem}-std", above=0.0)
    resize = usual.resize
    if size != usual.size:
        resize = min(size) if size[0] == size[1] else size
    return replace(usual, size=size, mean=mean, std=std, resize=resize)


def _numbers(label: str, values: tuple[float, ...], key: str, above: float = -inf) -> tuple[float, ...]:
    """Draw a field for one number a colour, each finite and ``above`` a limit.

    Raises:
        ReaderError: they cannot be read.
    """
    text = st.text_input(label, ", ".join(f"{value:g}" for value in values), key=key)
    try:
        found = tuple(float(word) for word in text.replace(",", " ").split())
    except ValueError:
        found = ()
    if len(found) != len(values) or not all(above < value < inf for value in found):
        raise ReaderError(
            "{label}: {count} numbers, such as {values}.", label=label, count=len(values), values=values
        )
    return found


def _open(draft: _Draft, key: str, names: str, fed: Preprocessing, number: str) -> None:
    """Open the network and put it into the link; where it does not open, keep what is on the screen."""
    try:
        find_or_program(key)
        own = OwnWeights(draft.path, draft.name, key, read_class_names(names), fed)
        identity = shelf().tell(own)
        network(key, identity)
    except ReaderError as error:
        near = getattr(error, "near", "")
        st.session_state[f"own_problem{number}"] = _Problem(error, near, names)
        again()
    st.session_state.pop(f"own_problem{number}", None)
    opened: list[tuple[str, str]] = st.session_state.setdefault("own_opened", [])
    if (key, identity) not in opened:
        opened.insert(0, (key, identity))
        del opened[_KEPT:]
    _go_to(key, identity, number)


def _go_to(key: str, identity: str, number: str) -> None:
    st.query_params[f"model{number}"] = key
    st.query_params[f"weights{number}"] = identity
    for name in ("at", "class"):
        st.query_params.pop(name, None)
    # A popover of another name begins closed: what was opened is to be seen.
    st.session_state["own_closed"] = st.session_state.get("own_closed", 0) + 1
    st.rerun()


def _tell(problem: _Problem, draft: _Draft | None, number: str) -> None:
    """Say why it did not open, and offer what may."""
    st.error(message(problem.error), icon=":material/info:")
    if (
        problem.near
        and draft is not None
        and st.button(
            t("Open as {network}", network=_title(problem.near)), key=f"own_near{number}", width="stretch"
        )
    ):
        from explainer.models.loading import default_preprocessing

        _open(draft, problem.near, problem.names, draft.fed or default_preprocessing(problem.near), number)


def _others(entry: CatalogEntry, number: str) -> None:
    """Draw the ways to the session's other own networks, and back to the published weights."""
    now = st.query_params.get(f"weights{number}", "")
    for key, identity in st.session_state.get("own_opened", []):
        own = shelf().find(identity)
        if own is None or (identity == now and key == entry.key):
            continue
        label = own.name if key == PROGRAM else f"{_title(key)} · {own.name}"
        if st.button(label, key=f"own_again{number}-{identity}", icon=":material/history:", width="stretch"):
            _go_to(key, identity, number)
    if now.startswith(OWN) and st.button(
        t("Back to the published weights"), key=f"own_back{number}", icon=":material/undo:", width="stretch"
    ):
        for name in ("weights", *(["model"] if entry.key == PROGRAM else [])):
            st.query_params.pop(f"{name}{number}", None)
        st.query_params.pop("at", None)
        st.rerun()


def find_or_program(key: str) -> None:
    """Refuse a key that names nothing."""
    if key != PROGRAM:
        find(key)


def _title(key: str) -> str:
    try:
        return find(key).title
    except ReaderError:
        return key
