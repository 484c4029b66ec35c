"""What a mail job asks for with each row, without any call."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from zohocrm_async import AccessToken, ZohoCRM
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.jobs import Item, ItemState, MailJob
from zohocrm_async.jobs.mail import WHOLE_ROW, _blocked
from zohocrm_async.jobs.rows import Row
from zohocrm_async.models.mail import BlockedAddress, SentMail

GOOD = {"id": "7", "Email": "ann@example.com", "Name": "Ann"}


def job(**settings: Any) -> MailJob:
    given: dict[str, Any] = {
        "journal": Path("journal"),
        "module": "Leads",
        "sender": "crm@example.com",
        "subject": "To $Name",
        "content": "<p>Dear $Name</p>",
    }
    return MailJob(ZohoCRM(AccessToken(token="t")), **{**given, **settings})


def row(problem: str | None = None, **values: Any) -> Row:
    return Row(3, {**GOOD, **values}, problem)


def test_a_row_becomes_a_mail_that_is_known_again() -> None:
    """By its record, its subject and its recipient, in small letters."""
    order = job().order(row(Email=" Ann@Example.com "))
    item = order.item
    assert (item.key, item.position, item.record_id, item.state) == (
        "7", 3, "7", ItemState.PLANNED,
    )  # fmt: skip
    assert orjson.loads(item.trace or "") == ["To Ann", ["ann@example.com"]]
    assert order.carry is not None


@pytest.mark.parametrize(
    ("given", "code", "column", "says"),
    [
        (row("is not JSON"), "MALFORMED_ROW", None, "the row is not JSON"),
        (row("has 2 cells", id="x"), "MALFORMED_ROW", None, "the row has 2 cells"),
        (row(id="4.8E+18"), "INVALID_ID", "id", "'4.8E+18' is no record id"),
        (row(id=""), "INVALID_ID", "id", "is empty"),
        (row(Email="ann"), "INVALID_ADDRESS", "Email", "'ann' is no e-mail address"),
        (row(Email=None), "INVALID_ADDRESS", "Email", "'' is no e-mail address"),
        (Row(3, {"id": "7", "Email": "a@b.example"}), "MISSING_COLUMN", "Name", "write $$Name"),
        (row(Name="x" * 1_000), "INVALID_REQUEST", None, "subject is longer than 1000"),
        (row(Name="<" * 30_000), "INVALID_REQUEST", None, "content is longer than 100000"),
    ],
)
def test_a_row_that_could_never_be_sent_is_refused(
    given: Row, code: str, column: str | None, says: str
) -> None:
    """With the first reason, and the column where it stands."""
    order = job().order(given)
    assert order.carry is None
    assert (order.item.state, order.item.code, order.item.field) == (
        ItemState.REFUSED, code, column,
    )  # fmt: skip
    assert says in str(order.item.message)


def test_rows_are_told_apart_by_record_by_column_or_as_a_whole() -> None:
    """Blanks around a value make no difference, the order of the columns neither."""
    first, same, other = row(Name="Ann"), row(Name=" Ann "), row(Name="Bob")
    by_record = job()
    assert by_record.order(first).item.key == by_record.order(other).item.key == "7"
    by_name = job(key_column="Name")
    assert [by_name.order(one).item.key for one in (first, same, other)] == ["Ann", "Ann", "Bob"]
    whole = job(key_column=WHOLE_ROW)
    turned = Row(9, dict(reversed(list(first.values.items()))))
    keys = [whole.order(one).item.key for one in (first, same, turned, other)]
    assert keys[0] == keys[1] == keys[2] != keys[3]


def test_an_empty_key_is_refused() -> None:
    """Else all rows without one would be one mail."""
    order = job(key_column="Name").order(row(Name=" "))
    assert (order.item.code, order.item.field, order.item.key) == ("INVALID_KEY", "Name", "row 3")


def test_values_are_escaped_in_html_and_kept_to_a_line_in_a_subject() -> None:
    """In plain text they stand as they are."""
    hostile = row(Name="<b>\nBcc: x")
    subject, _ = orjson.loads(job().order(hostile).item.trace or "")
    assert subject == "To <b> Bcc: x"
    html, plain = (
        one._mail(one.sender, hostile.values) for one in (job(), job(mail_format="text"))
    )
    assert html.content == "<p>Dear &lt;b&gt;\nBcc: x</p>"
    assert plain.content == "<p>Dear <b>\nBcc: x</p>"


def test_a_repeated_row_is_skipped_for_the_one_that_stands() -> None:
    """It says which, and keeps a key of its own."""
    item = job().order(row()).item
    taken = job().taken(item, Item(key="7", position=1, state=ItemState.SENT))
    assert (taken.state, taken.code, taken.key) == (ItemState.SKIPPED, "DUPLICATE", "7 row 3")
    assert taken.message == "row 1 stands for this record already"
    other = job(key_column="Name").taken(item, Item(key="Ann", position=2))
    assert (other.message, other.field) == ("row 2 stands for this key already", "Name")


def test_recipients_that_a_success_left_out_are_told() -> None:
    """The mail counts as sent."""
    assert _blocked(SentMail("m")) is None
    addresses = (BlockedAddress("a@b.example", "bounced"), BlockedAddress("c@d.example", "opt out"))
    assert _blocked(SentMail("m", blocked=addresses)) == (
        "not sent to a@b.example (bounced), c@d.example (opt out)"
    )


def test_a_job_none_of_whose_mails_could_go_out_is_not_made() -> None:
    """Every reason at once; its texts are looked at with empty columns."""
    with pytest.raises(InvalidRequest) as refused:
        job(subject=None, content=None, sender="nobody")
    assert len(refused.value.problems) == 3
