"""The unit tests of the ES modules: every test in tests/js runs in Chromium and is one test here.

A module ``tests/js/test_x.js`` exports ``tests``, an object of functions by name; one that throws has failed.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "tests/js").glob("test_*.js"))

pytestmark = pytest.mark.e2e

RUN = """async (url) => {
  const { tests } = await import(url);
  const results = {};
  for (const [name, test] of Object.entries(tests)) {
    try { await test(); results[name] = null; }
    catch (error) { results[name] = String(error?.stack ?? error); }
  }
  return results;
}"""


@pytest.fixture(scope="module")
def results(browser, file_server):
    """Outcomes by module: test name -> what it threw, or ``None``."""
    page = browser.new_page()
    page.goto(f"{file_server}/tests/js/")
    found = {path.name: page.evaluate(RUN, f"{file_server}/tests/js/{path.name}") for path in MODULES}
    page.close()
    return found


@pytest.mark.parametrize("module", [path.name for path in MODULES])
def test_javascript(module, results, subtests):
    assert results[module], f"{module} has no tests"
    for name, thrown in results[module].items():
        with subtests.test(name):
            assert thrown is None, re.sub(r"http://[^/]+/", "", thrown)
