"""Let the process keep the memory of freed traces.

A trace of ResNet-50 holds some 90 MB. When it is freed, glibc gives that memory back to the operating
system, and the next trace pays to get it again, page by page: as long as a quarter of the forward pass.
Keeping it costs memory that the next trace needs anyway.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # names of <malloc.h>
_MIB = 1 << 20


@cache
def keep_freed_memory(limit: int = 256 * _MIB) -> bool:
    """Tell the C library to hold on to up to ``limit`` bytes of freed memory, instead of 128 KiB to 64 MiB.

    Acts on the whole process, once. Does nothing where the C library is not glibc, or where the environment
    says what it should do (``MALLOC_TRIM_THRESHOLD_``).

    Returns:
        Whether it did.
    """
    if not sys.platform.startswith("linux") or "MALLOC_TRIM_THRESHOLD_" in os.environ:
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    # Blocks up to 32 MiB (the most glibc allows) come from the heap, which is what is kept. The padding is
    # what the heaps of further threads go by.
    return bool(
        mallopt(_MMAP_THRESHOLD, 32 * _MIB)
        and mallopt(_TRIM_THRESHOLD, limit)
        and mallopt(_TOP_PAD, 64 * _MIB)
    )
