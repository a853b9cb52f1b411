"""Names of classes: all of a set are translated, or none."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from explainer.detection.catalog import FACES
from explainer.detection.coco import COCO
from explainer.training.starter import starter


def page(names):
    import streamlit as st

    from explainer.ui.class_names import class_names

    st.json(list(class_names(names)))


def shown(names, language):
    app = AppTest.from_function(page, kwargs={"names": names})
    app.query_params["lang"] = language
    return tuple(json.loads(app.run().json[0].value))


@pytest.mark.parametrize("names", [starter(train=1, test=1).classes, FACES], ids=["drawings", "faces"])
def test_classes_of_this_project_have_japanese_names_and_keep_their_english_ones(names):
    japanese = shown(names, "ja")
    assert len(set(japanese)) == len(names)
    assert all(ord(letter) > 0x3000 for name in japanese for letter in name)
    assert shown(names[1:3], "ja") == japanese[1:3]  # those that occur
    assert shown(names, "en") == names


@pytest.mark.parametrize("names", [("car", "truck"), COCO, ()], ids=["own", "coco", "none"])
def test_names_of_other_sets_stay_as_they_are(names):
    assert shown(names, "ja") == tuple(names)
