"""Parts whose settings are changed in their component: what it asks for becomes the page's link."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from explainer.components.asking import newly_asked, taken
from explainer.errors import ReaderError
from explainer.ui.link import put_all
from explainer.ui.messages import message

Settings = TypeVar("Settings")


def settle(
    key: str,
    parameters: Sequence[str],
    read: Callable[[Mapping[str, str]], Settings],
    write: Callable[[Settings], Mapping[str, str]],
) -> tuple[Settings, int, str]:
    """Return the settings to show now, after bringing the link in step with what the component asks for.

    A component's request holds ``serial``, which grows, and ``link``, texts by parameter.

    Args:
        key: of the component.
        parameters: names in the link that belong to the part.
        read: settings of a link; raises ``ReaderError`` for what the reader has to mend.
        write: the link of settings, short.

    Returns:
        The settings; the serial of the newest request, to be sent back; and what is wrong, empty for nothing.
    """
    wanted = newly_asked(key).get("link")
    serial = int(taken(key))
    problem = ""
    if isinstance(wanted, Mapping):
        try:
            settings = read(_texts(wanted, parameters))
            put_all(write(settings), parameters)
            return settings, serial, ""
        except ReaderError as error:
            problem = message(error)
    try:
        return read(_texts(st.query_params, parameters)), serial, problem
    except ReaderError as error:
        return read({}), serial, problem or message(error)


def _texts(values: Mapping[Any, Any], parameters: Sequence[str]) -> dict[str, str]:
    return {name: str(values[name]) for name in parameters if values.get(name)}
