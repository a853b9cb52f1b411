"""Pages of several parts: the link, the exercises, the worksheet."""

import pytest
import torch  # noqa: F401 - the pages wait for the first paint only where it is not there yet
from streamlit.testing.v1 import AppTest

from explainer.playground.exercises import make, written
from explainer.ui.architectures import PARTS as ARCHITECTURES
from explainer.ui.foundations import PARTS as FOUNDATIONS
from explainer.ui.playground import PARTS as PLAYGROUND
from scripts.driver import ROOT

LINE = next(part for part in PLAYGROUND if part.key == "line")
ALL = [
    (page, part)
    for page, parts in (
        ("playground", PLAYGROUND),
        ("foundations", FOUNDATIONS),
        ("architectures", ARCHITECTURES),
    )
    for part in parts
]


def visit(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    app.switch_page(f"pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert not app.error, [error.value for error in app.error]
    return app


def markdown(app: AppTest) -> str:
    return "\n".join(one.value for one in app.markdown)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(("page", "part"), ALL, ids=[part.lesson for _, part in ALL])
def test_every_worksheet_has_its_lesson_and_questions(page, part, language):
    app = visit(page, part=part.key, view="worksheet", lang=language, seed="3")
    text = markdown(app)
    assert ("Source" if language == "en" else "出典") in text
    assert f"**{len(part.makers)}.**" in text
    assert "{" not in text.replace("{{", "") or "\\" in text


def test_the_link_chooses_the_part_and_an_unknown_one_the_first():
    assert visit("playground", part="line").session_state["part"] == "line"
    assert visit("playground", part="nothing<b>").session_state["part"] == PLAYGROUND[0].key


def test_another_part_leaves_what_the_link_said_of_this_one():
    app = visit("playground", part="line", kernel="1 2 1", seed="4", lang="en", image="coffee")
    app.segmented_control(key="part").set_value("pooling").run()
    assert dict(app.query_params) == {"part": "pooling", "lang": "en", "image": "coffee"}


def test_an_exercise_is_judged_and_explained():
    app = visit("playground", part="line", seed="5")
    name, exercise = next((n, e) for n, e in make(LINE.makers, 5).items() if not e.choices)
    key = f"exercise-line-{name}-5"
    app.text_input(key=key).set_value("what?").run()
    assert any("what?" in one.value for one in app.info)
    app.text_input(key=key).set_value("-987654").run()
    assert app.warning
    assert not app.success
    app.text_input(key=key).set_value(written(exercise.answer)).run()
    assert app.success
    assert written(exercise.answer) in markdown(app)


def test_the_answer_is_not_on_the_page_before_it_is_asked_for():
    app = visit("playground", part="line", seed="5")
    name, exercise = next((n, e) for n, e in make(LINE.makers, 5).items() if isinstance(e.answer, tuple))
    assert f"**{written(exercise.answer)}** · " not in markdown(app)
    app.button(key=f"exercise-line-{name}-5-show").click().run()
    assert f"**{written(exercise.answer)}** · " in markdown(app)


def test_other_numbers_and_the_sheet_of_them():
    app = visit("playground", part="line", seed="5")
    app.button(key="exercises_again").click().run()
    assert app.query_params["seed"] == "6"
    first = next(iter(make(LINE.makers, 6).values()))
    assert first.question.format(**first.fields) in markdown(app)
    sheet = visit("playground", part="line", view="worksheet", seed="6")
    assert "Answers" not in markdown(sheet)
    sheet.checkbox(key="worksheet_answers").check().run()
    for exercise in make(LINE.makers, 6).values():
        assert f"**{written(exercise.answer)}** · " in markdown(sheet)


def test_the_lesson_can_be_left_out():
    sheet = visit("playground", part="line", view="worksheet")
    sheet.checkbox(key="worksheet_lesson").uncheck().run()
    assert "Source" not in markdown(sheet)


@pytest.mark.parametrize("seed", ["0", "-1", "99999", "1e3", "x" * 1000])
def test_odd_seeds_are_the_first(seed):
    assert visit("playground", part="line", view="worksheet", seed=seed).number_input[0].value == 1
