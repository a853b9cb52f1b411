"""The one exception that a reader's own input may cause: a sentence that can be translated."""

from __future__ import annotations

from typing import Any


class ReaderError(Exception):
    """Something the reader gave or asked for cannot be used; the message says what to do about it.

    Args:
        template: English sentence with ``{name}`` fields; it is the key of the translation catalogue.
        **values: what the fields stand for.
    """

    def __init__(self, template: str, **values: Any) -> None:
        super().__init__(template, values)
        self.template = template
        self.values = values

    def __str__(self) -> str:
        """Return the English sentence with its fields filled in."""
        return self.template.format(**self.values)


class Cancelled(Exception):  # noqa: N818 - nothing went wrong: the reader wanted it to end
    """The reader gave up waiting. Raised by a progress callback; long work lets it pass through."""
