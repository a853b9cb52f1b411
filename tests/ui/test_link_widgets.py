"""Widgets that stand in the link: they follow it, write into it what is not usual, and can be reset."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from explainer.components.asking import newly_asked, taken
    from explainer.ui import link, link_widgets

    found = (
        link_widgets.one_of("kind", "Kind", {"a": "A", "b": "B"}, "a"),
        link_widgets.from_list("net", "Network", {"x": "X", "y": "Y"}, "x"),
        tuple(link_widgets.several_of("f", "Functions", {"p": "P", "q": "Q", "r": "R"}, ("p", "q"))),
        link_widgets.switch("on", "On", usual=True),
        link_widgets.whole("depth", "Depth", 1, 9, 4),
        link_widgets.level("rate", "Rate", (0.01, 0.1, 1.0), 0.1),
        link_widgets.seed("draw", "Seed"),
    )
    link_widgets.reset_button("kind", "net", "f", "on", "depth", "rate", "draw", key="reset")
    st.session_state["found"] = found
    ask = newly_asked("view")
    st.session_state["news"] = (ask.get("value"), taken("view"))
    if ask:
        link.put_all({"value": str(ask["value"])}, ("value", "older"))


USUAL = ("a", "x", ("p", "q"), True, 4, 0.1, 0)


def visit(**link: str) -> AppTest:
    app = AppTest.from_function(page)
    app.query_params.update(link)
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def link_of(app: AppTest) -> dict[str, str]:
    values = {name: app.query_params[name] for name in app.query_params}
    return {name: one if isinstance(one, str) else one[0] for name, one in values.items()}


def test_without_a_link_all_is_usual():
    app = visit()
    assert app.session_state["found"] == USUAL
    assert link_of(app) == {}


def test_widgets_follow_the_link():
    app = visit(kind="b", net="y", f="r,p", on="0", depth="9", rate="1", draw="17")
    assert app.session_state["found"] == ("b", "y", ("p", "r"), False, 9, 1.0, 17)


def test_odd_links_are_as_usual():
    app = visit(kind="c", net="", f="z", on="yes", depth="10", rate="0.2", draw="-1")
    assert app.session_state["found"] == USUAL


def test_a_choice_stands_in_the_link_until_it_is_usual_again():
    app = visit(other="kept")
    app.selectbox(key="linked_net").select("y")
    app.toggle(key="linked_on").set_value(False)
    app.slider(key="linked_depth").set_value(7)
    app.select_slider(key="linked_rate").set_value(0.01)
    checked(app.run())
    assert link_of(app) == {"other": "kept", "net": "y", "on": "0", "depth": "7", "rate": "0.01"}
    app.slider(key="linked_depth").set_value(4)
    checked(app.run())
    assert "depth" not in link_of(app)
    checked(app.button(key="reset").click().run())
    assert app.session_state["found"] == USUAL
    assert link_of(app) == {"other": "kept"}


def test_the_seed_after_the_last_is_the_first_which_does_not_stand_in_the_link():
    def script() -> None:
        import streamlit as st

        from explainer.ui.link_widgets import next_seed, seed_of

        next_seed("draw", "Again", ":material/casino:", key="again")
        st.session_state["found"] = seed_of("draw")

    app = AppTest.from_function(script)
    app.query_params["draw"] = "9998"
    checked(app.run())
    found = [app.session_state["found"]]
    for _ in range(3):
        checked(app.button(key="again").click().run())
        found.append(app.session_state["found"])
    assert found == [9998, 9999, 0, 1]
    assert link_of(app) == {"draw": "1"}


def test_a_request_is_news_once_and_replaces_the_part_of_the_link_that_is_its_own():
    app = visit(older="1", other="kept")
    app.session_state["view"] = {"ask": {"serial": 3, "value": 5}}
    checked(app.run())
    assert app.session_state["news"] == (5, 3)
    assert link_of(app) == {"value": "5", "other": "kept"}
    checked(app.run())
    assert app.session_state["news"] == (None, 3)
    app.session_state["view"] = {"ask": {"serial": 2, "value": 6}}
    checked(app.run())
    assert app.session_state["news"] == (None, 3)
    assert link_of(app)["value"] == "5"
