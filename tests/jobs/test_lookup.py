"""By what a mail is known among the e-mails of its record."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from zohocrm_async.jobs.items import Item
from zohocrm_async.jobs.lookup import Sought, trace_of
from zohocrm_async.models.mail import Address, Email, EmailAddress, Mail

BEGAN = datetime(2026, 3, 1, 12, 0, 30, 900_000, tzinfo=UTC)
LOST = BEGAN + timedelta(seconds=40)


def item(subject: str | None = "News for Stone", *to: str) -> Item:
    addresses = [Address(one) for one in to or ("Stone@example.com",)]
    mail = Mail(from_=Address("crm@example.com"), to=addresses, subject=subject, content="x")
    return Item(key="1", position=1, trace=trace_of(mail), began_at=BEGAN, updated_at=LOST)


def email(subject: str = "News for Stone", *to: str, time: datetime | None = BEGAN) -> Email:
    addresses = tuple(EmailAddress(one) for one in to or ("stone@example.com",))
    return Email(message_id="m", subject=subject, to=addresses, time=time)


def sought(of: Item, scheduled_at: datetime | None = None) -> Sought:
    found = Sought.of(of, scheduled_at)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (email(), True),
        (email(time=BEGAN.replace(microsecond=0)), True),
        (email("News  for Stone "), True),
        (email("News for Rivers"), False),
        (email("Re: News for Stone"), False),
        (email("News for Stone", "rivers@example.com"), False),
        (email("News for Stone", "stone@example.com", "more@example.com"), False),
        (email(time=None), False),
        (email(time=BEGAN - timedelta(minutes=5)), False),
        (email(time=LOST + timedelta(minutes=10)), True),
        (email(time=LOST + timedelta(minutes=20)), False),
    ],
)
def test_subject_recipients_and_time_have_to_agree(found: Email, expected: bool) -> None:
    """Blanks and the case of addresses are no matter; the service has its own clock."""
    assert sought(item()).is_it(found) is expected


def test_several_recipients_may_come_in_any_order() -> None:
    """But they have to be the same."""
    one = item("Hi", "a@example.com", "b@example.com")
    assert sought(one).is_it(email("Hi", "b@example.com", "a@example.com"))
    assert not sought(one).is_it(email("Hi", "a@example.com"))


def test_placeholders_of_the_service_match_what_it_puts_in_their_place() -> None:
    """Everything else of the subject is taken literally."""
    one = sought(item("Offer (50%) for ${!Leads.Last_Name}!"))
    assert one.is_it(email("Offer (50%) for Stone!"))
    assert not one.is_it(email("Offer 50% for Stone!"))


@pytest.mark.parametrize(
    ("subject", "found", "expected"),
    [
        ("${a}", "anything", True),
        ("${a} and ${b}", "salt and pepper and more", True),
        ("ab ${a} bc", "ab bc", True),
        ("ab${a}bc", "abc", False),
        ("${a} one ${b} two", "two, one", False),
        ("News of ${a} today", "News of today", True),
        ("Hello ${a}", "Hello", True),
        ("Hello ${a}", "Hell", False),
    ],
)
def test_a_placeholder_may_become_anything_or_nothing(
    subject: str, found: str, expected: bool
) -> None:
    """What is around it has to come in its order, each piece for itself."""
    assert sought(item(subject)).is_it(email(found)) is expected


def test_any_number_of_placeholders_takes_no_time() -> None:
    """What others write into a subject does not hold up the loop."""
    one = sought(item("".join(f"a ${{p{n}}} " for n in range(20)) + "!"))
    assert not one.is_it(email("a " * 10_000))
    assert one.is_it(email("a " * 10_000 + "!"))


def test_without_a_subject_any_will_do() -> None:
    """A template of the service gives it."""
    assert sought(item(None)).is_it(email("whatever"))


def test_a_scheduled_mail_may_bear_its_schedule() -> None:
    """Or the time at which it was given."""
    when = BEGAN + timedelta(days=2)
    assert sought(item(), when).is_it(email(time=when))
    assert sought(item(), when).is_it(email(time=BEGAN))
    assert not sought(item(), when).is_it(email(time=when - timedelta(days=1)))


def test_an_item_that_says_nothing_of_itself_cannot_be_sought() -> None:
    """Nor one that never began."""
    assert Sought.of(evolve(item(), trace=None), None) is None
    assert Sought.of(evolve(item(), began_at=None), None) is None
