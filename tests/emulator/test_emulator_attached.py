"""Files that fields name, and what goes with a record that is no more."""

from itertools import count
from typing import Any

from zohocrm_async.emulator.attached import Attached, StoredAttachment, StoredFile, with_files

FILE = StoredFile("f1", "a.txt", b"abc")


def filed(row: dict[str, Any]) -> Any:
    ids = map(str, count(1))
    return with_files(row, {"f1": FILE}, lambda: next(ids))


def test_a_file_that_a_field_names_gets_an_id_a_name_and_a_size() -> None:
    named = filed({"Papers": [{"File_Id__s": "f1"}]})["Papers"]
    assert named == [
        {"id": "1", "File_Id__s": "f1", "File_Name__s": "a.txt", "Size__s": "3"},
    ]


def test_what_has_an_id_keeps_it() -> None:
    assert filed({"Papers": [{"File_Id__s": "f1", "id": "7"}]})["Papers"][0]["id"] == "7"


def test_other_values_stay_as_they_are() -> None:
    row = {"Tag": [{"name": "Hot"}], "Papers": [{"File_Id__s": "f2"}], "Last_Name": "Stone"}
    assert filed(row) == row


def test_what_is_moved_hangs_on_the_other_record_with_what_hung_there() -> None:
    attached, lead, deal = Attached(), ("Leads", "1"), ("Deals", "2")
    attached.attachments[lead] = {"3": StoredAttachment({"id": "3", "$se_module": "Leads"}, FILE)}
    attached.attachments[deal] = {"4": StoredAttachment({"id": "4", "$se_module": "Deals"}, FILE)}
    attached.move_attachments(lead, deal)
    assert {id_: a.row["$se_module"] for id_, a in attached.attachments[deal].items()} == {
        "3": "Deals",
        "4": "Deals",
    }
    attached.move_attachments(lead, deal)
    assert list(attached.attachments) == [deal]


def test_a_record_that_is_no_more_takes_everything_along() -> None:
    attached, place = Attached(), ("Leads", "1")
    attached.attachments[place] = {"2": StoredAttachment({"id": "2"}, FILE)}
    attached.photos[place] = FILE
    attached.drafts[place] = {}
    attached.photos["Leads", "2"] = FILE
    attached.forget(place)
    assert (attached.attachments, attached.drafts) == ({}, {})
    assert list(attached.photos) == [("Leads", "2")]
