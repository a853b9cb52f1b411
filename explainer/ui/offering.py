"""Files for the reader, made at the click."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def offer(
    label: str, make: Callable[[], bytes | str], name: str, *, key: str, mime: str | None = None
) -> None:
    """Draw the button that makes a file and hands it to the reader, without another run of the page.

    A file laid ready would cost its time even if nobody wants it, and Streamlit drops it as soon as the page
    is left or runs again: a click just then would find nothing.

    Args:
        label: translated.
        make: returns what is in the file; called by Streamlit, outside the run of the page.
        name: of the file.
        key: of the button.
        mime: type of the file; by default what Streamlit takes it for.
    """
    st.download_button(
        label, make, file_name=name, mime=mime, icon=":material/download:", key=key, on_click="ignore"
    )
