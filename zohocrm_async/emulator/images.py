"""How large an image is, read from how it begins."""

import struct
from collections.abc import Callable, Mapping

Size = tuple[int, int]

_MARKER = 0xFF00
_FRAMES = frozenset(range(0xFFC0, 0xFFD0)) - {0xFFC4, 0xFFC8, 0xFFCC}


def image_size(content: bytes) -> Size | None:
    """Return width and height of a PNG, JPEG, GIF or BMP in pixels; None of anything else."""
    for beginning, measure in _KINDS.items():
        if content.startswith(beginning):
            try:
                return measure(content)
            except struct.error:  # it is cut short
                return None
    return None


def _png(content: bytes) -> Size:
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _gif(content: bytes) -> Size:
    width, height = struct.unpack_from("<HH", content, 6)
    return width, height


def _bmp(content: bytes) -> Size:
    width, height = struct.unpack_from("<ii", content, 18)
    return width, abs(height)


def _jpeg(content: bytes) -> Size | None:
    """Walk from segment to segment to the frame, which holds the size."""
    at = 2
    while True:
        marker, length = struct.unpack_from(">HH", content, at)
        if marker < _MARKER:
            return None
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return width, height
        at += 2 + length


_KINDS: Mapping[bytes, Callable[[bytes], Size | None]] = {
    b"\x89PNG\r\n\x1a\n": _png,
    b"\xff\xd8\xff": _jpeg,
    b"GIF8": _gif,
    b"BM": _bmp,
}
