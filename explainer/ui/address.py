"""What a component has put into the page's address, taken over by the server.

Streamlit sends its own copy of the address with every run and writes that back; what a component has changed
in the browser without telling the server would be lost at the next click elsewhere. So a component sends it
along with its requests, and a page takes it over when it runs as a whole. Not in a fragment: the answer to a
first step would put the address back when the reader has taken the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

PARAMETERS = ("at", "scale")
"""Query parameters that components may change by themselves."""


def address_in(ask: Mapping[str, Any], identity: str) -> dict[str, str]:
    """Return the parameters in a component's request, empty where it is about something else."""
    address = ask.get("address")
    if not isinstance(address, Mapping) or ask.get("identity") != identity:
        return {}
    return {name: str(value) for name, value in address.items() if name in PARAMETERS}


def follow(key: str) -> None:
    """Take over the address that came with a component's last request, once for each request.

    A page does this first of all, also before a callback changes the address: each change on its own would be
    an entry of the browser's history.

    Args:
        key: of the component. Its request is in its state ``ask``: ``address`` holds the parameters' values,
            empty where there is none, ``serial`` a number that is another for every request, ``identity``
            says what it is about; ``{key}-sent`` in the session holds what was sent.
    """
    ask: Mapping[str, Any] = (st.session_state.get(key) or {}).get("ask") or {}
    serial = (ask.get("identity"), ask.get("serial"))
    if st.session_state.get(f"{key}-followed") == serial:
        return
    st.session_state[f"{key}-followed"] = serial
    wanted = address_in(ask, st.session_state.get(f"{key}-sent", ""))
    now = st.query_params.to_dict()
    here, there = (address.get("at", "").split("/")[0] for address in (now, wanted))
    if not there or here not in ("", there):
        wanted.pop("at", None)  # the reader has been nowhere yet, or has gone to another layer meanwhile
    new = {name: value for name, value in (now | wanted).items() if value or name not in wanted}
    if new != now:
        st.query_params.from_dict(new)
