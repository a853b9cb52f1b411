"""The line on top of every page on a narrow screen."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_the_navigation_shows_the_page_that_the_reader_is_on(app_server, open_page):
    page = open_page(app_server("compare?lang=ja"), width=420)
    link = page.locator(".st-key-navigation").get_by_role("link").nth(3)
    expect(link).to_be_in_viewport(ratio=0.95)
