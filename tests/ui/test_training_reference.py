"""The reference results on the page: the figures of their files, in both languages."""

import pytest
from streamlit.testing.v1 import AppTest

from explainer.training.reference.running import results_of
from explainer.training.reference.tables import points, rows_of, shares


def _both():
    from explainer.ui.training.reference import draw_ablation, draw_head

    draw_head()
    draw_ablation()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Images of each class", "Against none")), ("ja", ("各クラスの画像数", "「なし」との差"))],
)
def test_tables_say_what_was_measured(language, words):
    app = AppTest.from_function(_both, default_timeout=60)
    app.query_params["lang"] = language
    app.run()
    assert not app.exception
    assert not app.error
    tables = [one.value for one in app.markdown if "| --- |" in one.value]
    assert len(tables) == 2
    for table, name, word in zip(tables, ("head", "ablation"), words, strict=True):
        assert word in table
        found = results_of(name)
        for row in rows_of(found):
            assert shares(row.test) in table
            assert row.gain is None or points(row.gain) in table
        assert [code.value for code in app.code].count(found["command"]) == 1
    assert len(app.get("plotly_chart")) == 2
