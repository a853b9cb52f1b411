"""Several ES modules into the one string that a Streamlit component takes, without a build step.

A component is given its JavaScript as one string, and Streamlit imports it once from a Blob URL. A program of
several files is linked the same way: the string carries every module's source, in the order of their imports;
when it runs, each source becomes a Blob URL, in which the imports of earlier modules have been replaced by
their URLs. Every module keeps its own scope, name and line numbers in the browser's tools.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from functools import cache
from pathlib import Path

_SPECIFIER = re.compile(
    r"""(?P<head>^[ \t]*(?:import|export)\b[^"';]*?\bfrom\s*   # import {a} from "./a.js"; export * from ...
        | ^[ \t]*import\s*                                     # import "./a.js"
        | \bimport\s*\(\s*)                                    # await import("./a.js")
        (?P<quote>["'])(?P<path>\.{1,2}/[^"'\n]+)(?P=quote)""",
    re.MULTILINE | re.VERBOSE,
)

_LOADER = """\
const sources = {sources};
const urls = new Map();
for (const [name, source] of sources) {{
  const linked = source.replace(/"convscope:([^"]+)"/g, (other, wanted) =>
    urls.has(wanted) ? JSON.stringify(urls.get(wanted)) : other);
  const text = `${{linked}}\\n//# sourceURL=convscope/${{name}}`;
  urls.set(name, URL.createObjectURL(new Blob([text], {{ type: "text/javascript" }})));
}}
const entry = await import(urls.get({entry}));
"""

_PARCELS = """\
const parcels = (globalThis.convscopeParcels ??= new Map());
function parcel(name) {
  if (!parcels.has(name)) {
    let give;
    const content = new Promise((resolve) => (give = resolve));
    parcels.set(name, { content, give });
  }
  return parcels.get(name);
}
"""


class LinkError(ValueError):
    """The modules of a component do not fit together: one is missing, or they import each other in a ring."""


@cache
def link(folder: Path, entry: str = "main.js") -> str:
    """Return one ES module whose default export is that of ``folder / entry``.

    Args:
        folder: where the modules lie; they import each other by relative paths (``"./fold.js"``), also in
            neighbouring folders (``"../shared/colour.js"``).
        entry: the file that has the default export.

    Raises:
        LinkError: a module is missing, imports lead in a ring, or the entry has no default export.
    """
    root = folder.parent
    sources: dict[str, str] = {}
    _visit(root, posixpath.join(folder.name, entry), sources, ())
    name = posixpath.join(folder.name, entry)
    if not re.search(r"\bexport\s+default\b|\bas\s+default\b", sources[name]):
        raise LinkError(f"{name} has no default export")
    return f"{_loader(sources, name)}export default entry.default;\n"


@cache
def parcel(folder: Path, entry: str = "main.js") -> tuple[str, str]:
    """Return the program of ``link`` as the code of two components: one carries it, a short one runs it.

    Streamlit sends a component's code anew with every change of its data. Of a program larger than its data
    the carrier is mounted beside the runner: its data never change, so it travels once. The runner waits in
    the browser until the carrier has arrived.

    Raises:
        LinkError: as ``link``.
    """
    whole = link(folder, entry)
    name = json.dumps(f"{folder.name}-{hashlib.sha256(whole.encode()).hexdigest()[:16]}")
    program = whole.removesuffix("export default entry.default;\n")
    carrier = f"{program}{_PARCELS}parcel({name}).give(entry.default);\nexport default () => {{}};\n"
    runner = f"{_PARCELS}const program = await parcel({name}).content;\nexport default program;\n"
    return carrier, runner


def styles(folder: Path, *shared: str) -> str:
    """Return a component's CSS: the shared ``plain.css`` and those named, then ``<folder's name>.css``."""
    common = folder.parent / "shared"
    files = [*(common / f"{name}.css" for name in ("plain", *shared)), folder / f"{folder.name}.css"]
    return "\n".join(path.read_text("utf-8") for path in files)


def _loader(sources: dict[str, str], entry: str) -> str:
    listing = json.dumps(list(sources.items()), ensure_ascii=False, indent=0)
    return _LOADER.format(sources=listing, entry=json.dumps(entry))


def imports(source: str) -> list[str]:
    """Return the relative paths that a module imports, in order."""
    return [match["path"] for match in _SPECIFIER.finditer(source)]


def _visit(root: Path, name: str, done: dict[str, str], ring: tuple[str, ...]) -> None:
    """Add ``name`` (relative to ``root``) to ``done`` after everything that it imports."""
    if name in done:
        return
    if name in ring:
        raise LinkError("modules import each other in a ring: " + " > ".join((*ring, name)))
    path = root / name
    if name.startswith("..") or not path.is_file():
        raise LinkError(f"{ring[-1] if ring else root} imports {name}, which does not exist")
    source = path.read_text("utf-8")
    base = posixpath.dirname(name)
    for wanted in imports(source):
        _visit(root, posixpath.normpath(posixpath.join(base, wanted)), done, (*ring, name))

    def mark(match: re.Match[str]) -> str:
        return f'{match["head"]}"convscope:{posixpath.normpath(posixpath.join(base, match["path"]))}"'

    done[name] = _SPECIFIER.sub(mark, source)
