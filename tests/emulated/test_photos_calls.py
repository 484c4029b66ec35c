"""Photos of records and the organisation's logo: images in, the same images out."""

import struct
from pathlib import Path

import pytest
from samples_attached import png

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async._wire import FormFile
from zohocrm_async.emulator import Emulator

JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc0\x00\x0b\x08" + struct.pack(">HH", 20, 30) + b"\x01"
)
GIF = b"GIF89a" + struct.pack("<HH", 3, 2) + b"\x00" * 8
BMP = b"BM" + b"\x00" * 16 + struct.pack("<ii", 3, -2) + b"\x00" * 8


@pytest.fixture
def lead(org: Emulator) -> str:
    """A record to photograph."""
    return org.add_records("Leads", [{"Last_Name": "Stone"}])[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.png", png()), ("a.jpg", JPEG), ("a.gif", GIF), ("a.bmp", BMP)],
    ids=["png", "jpeg", "gif", "bmp"],
)
async def test_a_photo_comes_back_as_it_went(
    crm: ZohoCRM, lead: str, tmp_path: Path, name: str, content: bytes
) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    assert (await crm.photos.upload("Leads", lead, source)).ok
    photo = await crm.photos.download("Leads", lead)
    assert (photo.name, photo.content) == (name, content)
    assert (photo.content_type or "").startswith("image/")


async def test_a_photo_goes_to_disk(crm: ZohoCRM, lead: str, tmp_path: Path) -> None:
    await crm.photos.upload("Leads", lead, FormFile("a.png", png(2, 2)))
    photo = await crm.photos.download("Leads", lead, to=tmp_path / "lead.png")
    assert photo.path is not None
    assert photo.path.read_bytes() == png(2, 2)


async def test_a_photo_takes_the_place_of_the_one_before(
    org: Emulator, crm: ZohoCRM, lead: str
) -> None:
    """And the record tells that it has one."""
    for side in (1, 2):
        await crm.photos.upload(
            "Leads", lead, FormFile("a.png", png(side, side)), restrict_triggers="workflow"
        )
    assert (await crm.photos.download("Leads", lead)).content == png(2, 2)
    record = org.record("Leads", lead)
    assert record is not None
    assert record["Record_Image"]


async def test_a_deleted_photo_is_gone(org: Emulator, crm: ZohoCRM, lead: str) -> None:
    await crm.photos.upload("Leads", lead, FormFile("a.png", png()))
    assert (await crm.photos.delete("Leads", lead)).ok
    with pytest.raises(errors.RecordNotFound):
        await crm.photos.download("Leads", lead)
    record = org.record("Leads", lead)
    assert record is not None
    assert record["Record_Image"] is None


async def test_custom_records_have_photos(org: Emulator, crm: ZohoCRM) -> None:
    [boat] = org.add_records("Boats", [{"Name": "Nell"}])
    assert (await crm.photos.upload("Boats", boat, FormFile("a.png", png()))).ok


class TestRefusals:
    """Before anything is sent, or by the service."""

    async def test_what_is_no_image(self, org: Emulator, crm: ZohoCRM, lead: str) -> None:
        calls = len(org.calls)
        with pytest.raises(errors.InvalidRequest, match=r"notes\.txt is no image: give a PNG"):
            await crm.photos.upload("Leads", lead, FormFile("notes.txt", b"Call at noon."))
        assert len(org.calls) == calls

    async def test_more_than_10_mb(self, crm: ZohoCRM, lead: str, tmp_path: Path) -> None:
        source = tmp_path / "big.png"
        source.write_bytes(png() + bytes(10 * 1024 * 1024))
        with pytest.raises(errors.InvalidRequest, match="10485760 at most"):
            await crm.photos.upload("Leads", lead, source)

    async def test_more_than_10_megapixels(self, crm: ZohoCRM, lead: str) -> None:
        wide = GIF[:6] + struct.pack("<HH", 5_000, 2_001) + GIF[10:]
        with pytest.raises(errors.FileTooLarge):
            await crm.photos.upload("Leads", lead, FormFile("wide.gif", wide))

    async def test_a_locked_record(self, org: Emulator, crm: ZohoCRM, lead: str) -> None:
        org.lock("Leads", lead)
        with pytest.raises(errors.RecordLocked):
            await crm.photos.upload("Leads", lead, FormFile("a.png", png()))

    async def test_a_module_without_photos(self, org: Emulator, crm: ZohoCRM) -> None:
        [task] = org.add_records("Tasks", [{"Subject": "Call"}])
        with pytest.raises(errors.InvalidModule):
            await crm.photos.upload("Tasks", task, FormFile("a.png", png()))

    async def test_an_unknown_record(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.photos.download("Leads", "404")

    async def test_an_unknown_trigger(self, crm: ZohoCRM, lead: str) -> None:
        image = FormFile("a.png", png())
        with pytest.raises(errors.InvalidData):
            await crm.photos.upload("Leads", lead, image, restrict_triggers="approval")


class TestTheLogo:
    """The organisation has one photo at most."""

    async def test_it_comes_and_goes(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.organization.download_photo()
        assert (await crm.organization.upload_photo(FormFile("logo.png", png(3, 3)))).ok
        assert (await crm.organization.download_photo()).content == png(3, 3)
        assert (await crm.organization.delete_photo()).ok
        with pytest.raises(errors.InvalidData):
            await crm.organization.delete_photo()

    async def test_it_may_have_1_mb(self, crm: ZohoCRM) -> None:
        big = FormFile("logo.png", png() + bytes(1024 * 1024))
        with pytest.raises(errors.InvalidRequest, match="1048576 at most"):
            await crm.organization.upload_photo(big)
