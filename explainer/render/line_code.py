"""The PyTorch code of a one-dimensional convolution."""

from __future__ import annotations

from explainer.playground.line_link import spaced
from explainer.playground.signal import Line


def line_code(line: Line, place: int) -> str:
    """Return a script that prints the output, one sum taken apart, and the same as a matrix product.

    Args:
        line: data, kernel and how it moves. It must have an output.
        place: number of the output that is taken apart.
    """
    options = [] if line.stride == 1 else [f"stride={line.stride}"]
    pads = line.padding > 0 and line.mode != "zeros"
    if line.padding and not pads:
        options.append(f"padding={line.padding}")
    if line.dilation > 1:
        options.append(f"dilation={line.dilation}")
    padding = f", mode={line.mode!r}" if pads else ""
    padded = f"F.pad(x, ({line.padding}, {line.padding}){padding})" if line.padding else "x"
    last = line.reach + place * line.stride
    cells = f"{place * line.stride}:{last}" + (f":{line.dilation}" if line.dilation > 1 else "")
    lines = [
        "import torch",
        "import torch.nn.functional as F",
        "",
        f"x = torch.tensor({_list(line.data)})[None, None]  # [N, C, L] = [1, 1, {len(line.data)}]",
        f"w = torch.tensor({_list(line.kernel)})[None, None]  # [out, in, K] = [1, 1, {len(line.kernel)}]",
    ]
    if line.flip:
        lines.append("w = w.flip(-1)  # a convolution reads the kernel backwards")
    lines += [
        "",
        f"y = {_call('padded' if pads else 'x', options)}",
        f"print(y[0, 0])  # {line.size} numbers",
        "",
        "# One sum, taken apart:",
        f"window = {'padded' if line.padding else 'x'}[0, 0, {cells}]",
        f"print(window * w[0, 0], (window * w[0, 0]).sum(), y[0, 0, {place}])",
        "",
        "# The same as a matrix product: column i is the answer to a 1 at place i.",
        f"units = torch.eye({len(line.data)})[:, None]",
        f"T = {_call(padded.replace('x,', 'units,') if pads else 'units', options)}[:, 0].T",
        "print(T, T @ x[0, 0])",
    ]
    if line.padding:
        lines.insert(lines.index("") + 4 + line.flip, f"padded = {padded}")
    return "\n".join(lines) + "\n"


def _call(data: str, options: list[str]) -> str:
    return f"F.conv1d({', '.join([data, 'w', *options])})"


def _list(values: tuple[float, ...]) -> str:
    return (
        "["
        + ", ".join(f"{text}." if text.lstrip("-").isdecimal() else text for text in spaced(values).split())
        + "]"
    )
