from streamlit.testing.v1 import AppTest

from explainer.errors import ReaderError
from explainer.ui.messages import message

SCRIPT = """
import streamlit as st
from explainer.errors import ReaderError
from explainer.ui.messages import guard

with guard():
    raise ReaderError("There is no data set {name}; there are: {names}.", name="moon", names="sun")
with guard():
    raise RuntimeError("secret")
with guard():
    st.write("this is shown")
st.write("the rest, too")
with guard():
    st.stop()
st.write("this is not")
"""


def test_errors_become_sentences_and_the_page_goes_on():
    app = AppTest.from_string(SCRIPT).run(timeout=20)
    assert not app.exception
    assert app.error[0].value == "There is no data set moon; there are: sun."
    assert "secret" not in app.error[1].value
    assert [text.value for text in app.markdown] == ["this is shown", "the rest, too"]


def test_errors_speak_the_readers_language():
    app = AppTest.from_string(SCRIPT)
    app.query_params["lang"] = "ja"
    app.run(timeout=20)
    assert "moon" in app.error[0].value
    assert "There is" not in app.error[0].value


def test_names_from_outside_are_no_markup():
    error = ReaderError("There is no file {name}.", name="![x](https://example.org/a_b.png) $5 *")
    assert message(error) == r"There is no file \!\[x\](https://example.org/a_b.png) \$5 \*."


def test_a_name_of_any_length_does_not_fill_the_page():
    error = ReaderError(
        "There is no network called {key}. Did you mean {near}?", key="x" * 5000, near="vgg16"
    )
    assert len(message(error)) < 400
    assert message(error).endswith("vgg16?")
