from pathlib import Path

import pytest

from explainer.components.modules import LinkError, imports, link, parcel, styles


def write(folder: Path, **sources: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source, "utf-8")
    return folder


def test_imports_of_every_form_are_found():
    source = """
import { a } from "./a.js";
import b, {
  c,
} from './b.js'
export * from "./c.js";
import "./d.js";
const text = "import { not } from nowhere";
const later = await import("./e.js");
import elsewhere from "https://example.org/x.js";
"""
    assert imports(source) == ["./a.js", "./b.js", "./c.js", "./d.js", "./e.js"]


def test_a_module_comes_after_what_it_imports(tmp_path):
    folder = write(
        tmp_path / "part",
        main='import { a } from "./a.js";\nimport { b } from "./b.js";\nexport default () => a + b;',
        a='import { b } from "./b.js";\nexport const a = b;',
        b="export const b = 1;",
    )
    linked = link(folder)
    assert linked.index('"part/b.js"') < linked.index('"part/a.js"') < linked.index('"part/main.js"')
    assert linked.count("export const b = 1;") == 1


def test_a_ring_is_named(tmp_path):
    folder = write(
        tmp_path / "ring",
        main='import "./a.js";\nexport default 1;',
        a='import "./b.js"',
        b='import "./a.js"',
    )
    with pytest.raises(LinkError, match=r"ring/a\.js > ring/b\.js > ring/a\.js"):
        link(folder)


def test_a_missing_module_and_a_missing_default_export_are_named(tmp_path):
    with pytest.raises(LinkError, match=r"part/main\.js imports part/gone\.js"):
        link(write(tmp_path / "part", main='import "./gone.js";\nexport default 1;'))
    with pytest.raises(LinkError, match="no default export"):
        link(write(tmp_path / "bare", main="const x = 1;"))


def test_a_parcel_is_the_program_and_a_short_runner_that_waits_for_it(tmp_path):
    folder = write(
        tmp_path / "part",
        main='import { a } from "./a.js";\nexport default () => a;',
        a="export const a = 1;",
    )
    carrier, runner = parcel(folder)
    name = runner.split('parcel("')[1].split('"')[0]
    assert "export const a = 1;" in carrier
    assert f'parcel("{name}").give' in carrier
    assert "export const a" not in runner
    (folder / "a.js").write_text("export const a = 2;", "utf-8")
    link.cache_clear()
    parcel.cache_clear()
    assert name not in parcel(folder)[1]


def test_styles_come_from_the_general_to_the_component_s_own(tmp_path):
    for name in ("shared/plain", "shared/player", "shared/other", "view/view"):
        path = tmp_path / f"{name}.css"
        path.parent.mkdir(exist_ok=True)
        path.write_text(name, "utf-8")
    assert styles(tmp_path / "view", "player").split() == ["shared/plain", "shared/player", "view/view"]
