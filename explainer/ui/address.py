"""What a component has put into the page's address, taken over by the server.

Streamlit sends its own copy of the address with every run and writes that back; what a component has changed
in the browser without telling the server would be lost at the next click elsewhere, and links to other pages
would lead to where the reader was before. So components send the address along with their requests, and a
page takes it over when it runs as a whole. Not in a fragment: the answer to a first step would put the
address back when the reader has taken the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from explainer.components.asking import asked

PLACE = "at"
"""Name of the query parameter that says where in the network the reader is: ``layer1.0.conv1/12/3,7``."""
PARAMETERS = (PLACE, "scale")
"""Query parameters that components may change by themselves."""
TELLERS = ("network_map", "channel_wall", "kernel_wall", "field_view", "flow_view", "block_pair")
"""Keys of the components that do."""
_HEARD = "address_heard"
_TIME = "address_time"


@dataclass(frozen=True)
class _Heard:
    """An address that the server has not taken over yet."""

    values: Mapping[str, str]
    """Empty texts for parameters that are not there."""
    before: str
    """The place in the server's copy at that time."""


def hear(key: str) -> None:
    """Remember the address in the last request of a component, if it is news.

    The fragment that answers the component does this: the request is gone once the reader is on another page.
    A request holds it as ``address``: values by parameter, and ``time``, which grows.
    """
    address = asked(key).get("address")
    if not isinstance(address, Mapping):
        return
    time = address.get("time")
    if not isinstance(time, int | float) or time <= st.session_state.get(_TIME, 0):
        return
    st.session_state[_TIME] = time
    values = {name: str(address.get(name) or "") for name in PARAMETERS}
    st.session_state[_HEARD] = _Heard(values, st.query_params.get(PLACE, ""))


def take_over() -> None:
    """Bring the server's copy of the address up to date.

    Every page begins with this. A callback that changes the address does it first, so that both changes are
    one entry of the browser's history.
    """
    for key in TELLERS:
        hear(key)
    heard: _Heard | None = st.session_state.pop(_HEARD, None)
    if heard is None:
        return
    now = st.query_params.to_dict()
    # Where the server itself has led the reader elsewhere meanwhile, that is the place.
    wanted = {
        name: value
        for name, value in heard.values.items()
        if name != PLACE or now.get(PLACE, "") == heard.before
    }
    new = {name: value for name, value in (now | wanted).items() if value or name not in wanted}
    if new != now:
        st.query_params.from_dict(new)


def place_in_address() -> str:
    """Return the place where the reader is, also where the server has not taken it over yet."""
    heard: _Heard | None = st.session_state.get(_HEARD)
    now = st.query_params.get(PLACE, "")
    return heard.values[PLACE] if heard is not None and now == heard.before else now
