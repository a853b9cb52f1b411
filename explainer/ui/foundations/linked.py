"""Parts whose settings are changed in their component: what it asks for becomes the page's link."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from explainer.components.asking import asked
from explainer.errors import ReaderError
from explainer.ui.messages import message

Settings = TypeVar("Settings")


def settle(
    key: str,
    parameters: Sequence[str],
    read: Callable[[Mapping[str, str]], Settings],
    write: Callable[[Settings], Mapping[str, str]],
) -> tuple[Settings, int, str]:
    """Return the settings to show now, after bringing the link in step with what the component asks for.

    A component's request holds ``serial``, which grows, and ``link``, texts by parameter. One that has been
    answered is not looked at again, so that the browser's way back leads back.

    Args:
        key: of the component.
        parameters: names in the link that belong to the part.
        read: settings of a link; raises ``ReaderError`` for what the reader has to mend.
        write: the link of settings, short.

    Returns:
        The settings; the serial of the newest request, to be sent back; and what is wrong, empty for nothing.
    """
    request = asked(key)
    seen = f"{key}_seen"
    serial = request.get("serial")
    wanted = request.get("link")
    problem = ""
    if isinstance(serial, int) and serial > st.session_state.get(seen, 0) and isinstance(wanted, Mapping):
        st.session_state[seen] = serial
        try:
            settings = read(_texts(wanted, parameters))
            others = {name: v for name, v in st.query_params.to_dict().items() if name not in parameters}
            link = others | dict(write(settings))
            if link != st.query_params.to_dict():
                st.query_params.from_dict(link)
            return settings, serial, ""
        except ReaderError as error:
            problem = message(error)
    number = int(st.session_state.get(seen, 0))
    try:
        return read(_texts(st.query_params, parameters)), number, problem
    except ReaderError as error:
        return read({}), number, problem or message(error)


def _texts(values: Mapping[Any, Any], parameters: Sequence[str]) -> dict[str, str]:
    return {name: str(values[name]) for name in parameters if values.get(name)}
