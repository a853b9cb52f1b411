"""The board of landmarks: its content, and how it is shown according to the link."""

import pytest

from explainer.models.architectures import ARCHITECTURES
from explainer.models.timing import Timing
from explainer.render.architecture_board import DEFAULTS, board, network_link, read_view, write_view


def made(**options):
    given = {"timings": {}, "view": {}, "translate": str.upper, "texts": {}, "carried": {}}
    given |= options
    timings, view = given.pop("timings"), given.pop("view")
    return board(timings, view, **given)


def test_nothing_is_shown_as_measured_that_has_not_been():
    assert made()["timings"] == {}
    timing = Timing("alexnet", (0.03, 0.01, 0.02))
    assert made(timings={"alexnet": timing})["timings"] == {"alexnet": [0.015, 0.02, 0.025, 3]}


def test_lenet_has_no_accuracy_among_the_others():
    networks = {one["key"]: one for one in made()["networks"]}
    assert networks["lenet5"]["weights"] == []
    assert networks["lenet5"]["digits"]["count"] == 1000
    assert all(one["weights"] and one["digits"] is None for key, one in networks.items() if key != "lenet5")


def test_links_open_without_a_download_and_keep_the_language():
    networks = {one["key"]: one["href"] for one in made(carried={"lang": "ja"})["networks"]}
    assert networks["resnet50"] == "./?lang=ja&model=resnet50&weights=none"
    assert networks["lenet5"] == "./?lang=ja&model=lenet5"
    assert network_link("resnet50", trained=True) == {"model": "resnet50"}


def test_texts_are_translated():
    first = made()["networks"][0]
    assert first["idea"] == ARCHITECTURES[0].idea.upper()


def test_the_mark_changes_with_what_is_shown_and_not_with_how():
    marks = {made()["mark"], made(view={"x": "time"})["mark"]}
    assert len(marks) == 1
    assert made(timings={"alexnet": Timing("alexnet", (1.0, 2.0))})["mark"] not in marks


@pytest.mark.parametrize(
    "view",
    [
        {},
        {"x": "time", "open": "vgg16"},
        {"sort": "top1", "down": True, "y": "top5", "recipe": "newest", "area": "activations"},
    ],
)
def test_how_it_is_shown_goes_through_the_link(view):
    link = write_view({**DEFAULTS, **view})
    assert read_view(link) == view
    assert all(isinstance(value, str) for value in link.values())


@pytest.mark.parametrize(
    "link", [{"x": "nonsense"}, {"open": "<b>"}, {"down": "yes"}, {"sort": ""}, {"recipe": "x" * 10_000}]
)
def test_odd_links_mean_nothing(link):
    assert read_view(link) == {}


@pytest.mark.parametrize("view", [{"x": 3}, {"open": ["a"]}, {"down": "1"}, {"sort": None}, {"other": "x"}])
def test_odd_reports_of_a_component_do_not_reach_the_link(view):
    assert write_view(view) == {}
