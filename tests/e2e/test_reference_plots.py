"""Reference results in the browser: folded away, there when they are asked for, no wider than the page."""

import pytest
from playwright.sync_api import expect

from explainer.training.reference.running import results_of
from explainer.training.reference.tables import rows_of, shares

pytestmark = pytest.mark.e2e

SOON = 90_000


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (420, "ja")])
def test_tables_and_plots_are_unfolded(app_server, open_page, width, language):
    page = open_page(app_server(f"training?part=recipe&lang={language}"), width=width)
    folded = page.get_by_test_id("stExpander").filter(has=page.locator(".st-key-reference_head"))
    expect(folded.locator("summary")).to_be_visible(timeout=SOON)
    folded.locator("summary").click()
    for name in ("head", "ablation"):
        best = max(rows_of(results_of(name)), key=lambda row: row.test.mean)
        expect(folded.get_by_role("cell", name=shares(best.test)).first).to_be_visible(timeout=SOON)
        expect(folded.locator(f".st-key-reference_{name} .main-svg").first).to_be_visible(timeout=SOON)
        expect(folded.get_by_text(f"explainer.training.reference {name}").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
