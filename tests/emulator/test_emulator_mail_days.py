"""How many mails an organisation sends a day, by its edition and its clock."""

from datetime import timedelta

from direct import Direct, add_lead, direct

from zohocrm_async.options import Edition


class TestEditions:
    """What the free edition does not do."""

    async def test_it_does_not_schedule(self) -> None:
        async with direct(edition=Edition.FREE, users=3) as (org, api):
            got = await api.send(add_lead(org), scheduled_time="2030-01-01T10:00:00+01:00")
            assert got.word == (400, "FEATURE_NOT_SUPPORTED")

    async def test_it_has_no_inventory(self) -> None:
        async with direct(edition=Edition.FREE, users=3) as (org, api):
            [quote] = org.add_records("Quotes", [{"Subject": "Chairs"}])
            got = await api.send(quote, "Quotes")
            assert got.word == (400, "NOT_ALLOWED")
            assert "edition" in got.item["message"]

    async def test_every_recipient_counts(self) -> None:
        async with direct(edition=Edition.FREE, users=3, mail_cap=3) as (org, api):
            lead, two = add_lead(org), [{"email": "a@b.example"}, {"email": "c@d.example"}]
            assert (await api.send(lead, cc=[{"email": "e@f.example"}])).status == 200
            assert (await api.send(lead, to=two)).word == (400, "LIMIT_EXCEEDED")
            assert (await api.send(lead)).status == 200


class TestDays:
    """The mails of a calendar day are capped."""

    async def test_one_mail_too_many_is_refused_until_the_next_day(self) -> None:
        async with direct(mail_cap=2) as (org, api):
            lead = add_lead(org)
            words = [
                (await api.send(lead, cc=[{"email": "jo@example.org"}])).word for _ in range(3)
            ]
            assert words == [(200, "SUCCESS"), (200, "SUCCESS"), (400, "LIMIT_EXCEEDED")]
            org.advance(hours=24)
            api_again = Direct(org, api.session)
            assert (await api_again.send(lead)).word == (200, "SUCCESS")

    async def test_a_refused_mail_does_not_count(self) -> None:
        async with direct(mail_cap=1) as (org, api):
            await api.send(add_lead(org, Email_Opt_Out=True))
            assert (await api.send(add_lead(org))).word == (200, "SUCCESS")

    async def test_the_day_is_the_organisations(self) -> None:
        """It begins at midnight of its own zone."""
        async with direct(mail_cap=1, time_zone="Asia/Kolkata") as (org, api):
            local = org.clock.now().astimezone(org.state.zone)
            assert local.utcoffset() == timedelta(hours=5, minutes=30)
            midnight = (local + timedelta(days=1)).replace(
                hour=0, minute=0, second=0, microsecond=0
            )
            org.advance((midnight - local).total_seconds() - 120)
            assert (await api.send(add_lead(org))).status == 200
            assert (await api.send(add_lead(org))).status == 400
            org.advance(121)
            assert (await api.send(add_lead(org))).status == 200
