"""A panel that takes a file of the reader's: looked at once, then let go; what came of it stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

import streamlit as st
from streamlit.errors import StreamlitAPIException

from explainer.errors import ReaderError
from explainer.models.own import LARGEST
from explainer.ui.language import t

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile


def take_file(
    stem: str,
    number: str,
    label: str,
    kinds: Sequence[str],
    look_at: Callable[[UploadedFile], Any],
    problem: Callable[[ReaderError], Any],
    *,
    help: str,
) -> None:
    """Draw the uploader; a file that comes is looked at, and the panel runs once more.

    Args:
        stem: of the keys. ``{stem}_draft{number}`` in the session's state is what ``look_at`` returned, or
            ``{stem}_problem{number}`` what ``problem`` made of its error; a new file takes both away.
        number: of the panel on the page.
        label: translated.
        kinds: endings of the file's name.
        look_at: returns what to keep of a file; may raise ``ReaderError``.
        problem: returns what to keep of an error.
        help: translated.
    """
    state, drafted, told = st.session_state, f"{stem}_draft{number}", f"{stem}_problem{number}"
    uploads = state.get(f"{stem}_uploads{number}", 0)
    file = st.file_uploader(
        label, type=list(kinds), max_upload_size=LARGEST, key=f"{stem}_file{number}-{uploads}", help=help
    )
    if file is None:
        return
    state.pop(drafted, None)
    state.pop(told, None)
    try:
        with st.spinner(t("Reading the file")):
            state[drafted] = look_at(file)
    except ReaderError as error:
        state[told] = problem(error)
    # The next uploader is empty: Streamlit would hold the file in memory while the session lives.
    state[f"{stem}_uploads{number}"] = uploads + 1
    again()


def again() -> NoReturn:
    """Run the panel once more; the whole page where this run is the page's, not the panel's own."""
    with suppress(StreamlitAPIException):
        st.rerun(scope="fragment")
    st.rerun()
