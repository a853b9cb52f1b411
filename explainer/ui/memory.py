"""A cache that knows how much memory it may use, shared by all readers of a server."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass
class _Slot(Generic[Value]):
    """A place for one value; its lock is held while the value is being made."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    value: Value | None = None
    size: int = 0
    filled: bool = False


class Memory(Generic[Value]):
    """Values by key, at most ``budget`` bytes of them; the least recently used give way.

    Two readers who ask for the same missing value wait for one computation; different values are made at the
    same time. A value that is larger than the whole budget is returned and not kept. A value that fails to be
    made leaves nothing behind.

    Args:
        budget: bytes.
        size_of: bytes of one value.
    """

    def __init__(self, budget: int, size_of: Callable[[Value], int]) -> None:
        self.budget = budget
        self._size_of = size_of
        self._lock = threading.Lock()
        self._slots: OrderedDict[Hashable, _Slot[Value]] = OrderedDict()

    @property
    def used(self) -> int:
        """Bytes kept now."""
        with self._lock:
            return self._used()

    def __len__(self) -> int:
        """Return how many values are kept or being made."""
        with self._lock:
            return len(self._slots)

    def __contains__(self, key: Hashable) -> bool:
        """Whether the value of ``key`` is at hand."""
        with self._lock:
            slot = self._slots.get(key)
            return slot is not None and slot.filled

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of ``key``, calling ``make`` if it is not at hand; its exceptions pass through."""
        while True:
            with self._lock:
                slot = self._slots.setdefault(key, _Slot())
                self._slots.move_to_end(key)
            with slot.lock:
                if slot.filled:
                    return slot.value  # type: ignore[return-value]
                with self._lock:
                    if self._slots.get(key) is not slot:
                        continue  # the one that was making it failed; start over with a fresh slot
                try:
                    slot.value = make()
                    slot.size = self._size_of(slot.value)
                except BaseException:
                    with self._lock:
                        self._forget(key, slot)
                    raise
                value = slot.value
                with self._lock:
                    slot.filled = True
                    if slot.size > self.budget:
                        self._forget(key, slot)  # rather than everything else
                    self._evict()
                return value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._slots.clear()

    def _used(self) -> int:
        return sum(slot.size for slot in self._slots.values() if slot.filled)

    def _forget(self, key: Hashable, slot: _Slot[Value]) -> None:
        if self._slots.get(key) is slot:
            del self._slots[key]

    def _evict(self) -> None:
        used = self._used()
        for key in [key for key, slot in self._slots.items() if slot.filled]:
            if used <= self.budget:
                return
            used -= self._slots.pop(key).size
