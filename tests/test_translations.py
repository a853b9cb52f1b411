"""Every text that a reader can see has a translation, and none is left over."""

import pytest

from explainer.ui import catalogue
from explainer.ui.catalogue import CatalogueError, Entry
from explainer.ui.translations import (
    TRANSLATED,
    fields,
    javascript_texts,
    needs_translation,
    problems,
    python_texts,
)


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_is_complete(language):
    assert problems(language) == [], "run: make translations, then fill in assets/locale"


def test_python_texts():
    source = """
t("Layer {name}", name=name)
language.t("two "
  "pieces")
raise ReaderError("The file {file} is empty.", file=file)
class Refused(ReaderError):
    def __init__(self, name):
        super().__init__("{name} is refused.", name=name)
Phrase("input channel {channel}", channel=3)
raise Refused("not at the first position in general", 1)
other("not a text"); t(variable)
"""
    assert python_texts(source, ["ReaderError"]) == [
        "Layer {name}",
        "two pieces",
        "The file {file} is empty.",
        "{name} is refused.",
        "input channel {channel}",
    ]
    with pytest.raises(ValueError, match="f-string"):
        python_texts('t(f"Layer {name}")')
    constants = """
_EMPTY = "The file {name} is empty."
_HUGE, OTHER = later("It is huge."), 3
raise ReaderError(_EMPTY if short else _GONE, name=name)
t(OTHER); _GONE = ("It is "
    "gone.")
"""
    assert python_texts(constants, ["ReaderError"]) == [
        "It is huge.",
        "The file {name} is empty.",
        "It is gone.",
    ]


def test_javascript_texts():
    source = r"""
    const label = store.text("{n} channels", { n });
    text('it is "so"'), text(`plain`), text("one " +
      "two"), ctx.fillText("no"), text(variable), `${text("inside")}`; text("tab\t");
    function text(key, values) {}
    known.text("a formula", {});
    """
    assert javascript_texts(source) == [
        "{n} channels", 'it is "so"', "plain", "one two", "inside", "tab\t",
    ]  # fmt: skip


def test_words_need_translation_and_symbols_do_not():
    assert needs_translation("{n} maps")
    assert not needs_translation("{name} · {x:.2f}")


def test_fields():
    assert fields("{a} and {b:.2f}, {{not}}") == {"a", "b"}


def test_a_catalogue_survives_writing_and_reading():
    entries = (
        Entry('a "quoted" \\ text', "引用", ("app.py", "explainer/x.py")),
        Entry("two\nlines\n", "二\n行\n"),
        Entry("missing", ""),
    )
    assert catalogue.read(catalogue.write(entries, "ja")) == entries


def test_what_gettext_tools_write_is_read():
    header = '#, fuzzy\nmsgid ""\nmsgstr ""\n"Language: ja\\n"\n\n'
    content = header + '#: a.py\nmsgid ""\n"long "\n"text"\nmsgstr "長い"\n'
    assert catalogue.read(content) == (Entry("long text", "長い", ("a.py",)),)
    with pytest.raises(CatalogueError, match="line 1"):
        catalogue.read("nonsense")
    with pytest.raises(CatalogueError, match="twice"):
        catalogue.read('msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n')
