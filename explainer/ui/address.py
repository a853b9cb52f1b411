"""What a component has put into the page's address, taken over by the server.

Streamlit sends its own copy of the address with every run and writes that back; what a component has changed
in the browser without telling the server would be lost at the next click elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

PARAMETERS = ("at", "scale")
"""Query parameters that components may change by themselves."""


def follow(key: str, ask: Mapping[str, Any]) -> None:
    """Take over the address that came with a component's request, once for each request.

    Args:
        key: of the component.
        ask: its request; ``address`` holds the parameters' values, empty where there is none, ``serial`` a
            number that is another for every request.
    """
    address, serial = ask.get("address"), (ask.get("identity"), ask.get("serial"))
    if not isinstance(address, Mapping) or st.session_state.get(f"{key}-followed") == serial:
        return
    st.session_state[f"{key}-followed"] = serial
    wanted = {name: str(value) for name, value in address.items() if name in PARAMETERS}
    now = st.query_params.to_dict()
    new = {name: value for name, value in (now | wanted).items() if value or name not in wanted}
    if new != now:
        st.query_params.from_dict(new)  # in one step: each change would be an entry of the history
