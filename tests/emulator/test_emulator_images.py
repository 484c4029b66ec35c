"""Sizes of images, read from their first bytes."""

import struct

import pytest

from zohocrm_async.emulator.images import image_size

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + struct.pack(">II", 30, 20)
GIF = b"GIF87a" + struct.pack("<HH", 30, 20)
BMP = b"BM" + bytes(16) + struct.pack("<ii", 30, 20)
UPSIDE_DOWN = b"BM" + bytes(16) + struct.pack("<ii", 30, -20)
FRAME = b"\x00\x0b\x08" + struct.pack(">HH", 20, 30)
JPEG = b"\xff\xd8" + b"\xff\xe0\x00\x04\x00\x00" + b"\xff\xc0" + FRAME
PROGRESSIVE = b"\xff\xd8" + b"\xff\xc4\x00\x05\x00\x00\x00" + b"\xff\xc2" + FRAME


@pytest.mark.parametrize("content", [PNG, GIF, BMP, UPSIDE_DOWN, JPEG, PROGRESSIVE])
def test_an_image_tells_its_width_and_height(content: bytes) -> None:
    """Whatever stands before them, as the tables of a JPEG do."""
    assert image_size(content) == (30, 20)


@pytest.mark.parametrize("content", [PNG, GIF, BMP, JPEG])
def test_one_that_is_cut_short_is_none(content: bytes) -> None:
    """At any place before its size."""
    assert [image_size(content[:end]) for end in range(len(content))] == [None] * len(content)


@pytest.mark.parametrize("content", [b"", b"text", b"%PDF-1.4", b"\xff\xd8\xff\x00\x00\x00\x00"])
def test_anything_else_is_none(content: bytes) -> None:
    """Also what begins as a JPEG and goes on as none."""
    assert image_size(content) is None
