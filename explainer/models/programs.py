"""Open a network that ``torch.export.save`` wrote, without running anything from the file.

``torch.export.load`` is not for files from strangers: it unpickles what the file calls custom objects, falls back
to an unrestricted pickle where the restricted one refuses, looks functions up by any name that begins with
``torch``, and evaluates the expressions of dynamic sizes. Here, the graph is read as the JSON it is, the weights as
the plain numbers they are, and an operation is run only if it stands in the table of ``operators.py``.
"""

from __future__ import annotations

from pathlib import Path

from torch import nn

from explainer.errors import ReaderError
from explainer.models.preprocessing import Preprocessing


class Program(nn.Module):
    """A network read from a file."""

    outputs: int
    preprocessing: Preprocessing


def read_program(path: Path, name: str) -> Program:
    """Return the network of a file."""
    raise ReaderError("The file {name} cannot be read as a network made by torch.export.", name=name)
