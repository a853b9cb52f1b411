"""What tests of pages share: AppTest, without what it does again at every run."""

from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner


@pytest.fixture(autouse=True, scope="session")
def packages_are_searched_once():
    """Let Streamlit search the installed packages for components once, not at every run of an ``AppTest``.

    The search takes longer than most of our pages: an eighth of a second for a hundred packages.
    """
    search = manifest_scanner.scan_component_manifests
    manifest_scanner.scan_component_manifests = cache(search)
    yield
    manifest_scanner.scan_component_manifests = search
