"""Files are made when the reader wants them, not when the page is drawn."""

from streamlit.testing.v1 import AppTest


def test_nothing_is_made_while_the_page_is_drawn():
    def script() -> None:
        from explainer.ui.offering import offer

        def make() -> bytes:
            raise AssertionError("made too early")

        offer("Take it", make, "a.bin", key="take")

    app = AppTest.from_function(script).run()
    assert not app.exception
    assert app.get("download_button")[0].proto.label == "Take it"
