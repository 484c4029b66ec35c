"""Backups are taken, told and cancelled as documented."""

from typing import Any

import pytest
from direct import direct


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TH",
        "RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=16",
        "RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=1TH",
    ],
)
async def test_backups_take_the_documented_rules(rule: str) -> None:
    """Weekly and monthly."""
    async with direct() as (_, call):
        got = await call("POST", "/backup", {"backup": {"rrule": rule}}, version="bulk/v7")
        assert (got.status, got.body["backup"]["code"]) == (201, "SUCCESS")


@pytest.mark.parametrize(
    "body",
    [
        {"backup": {"rrule": "FREQ=HOURLY;INTERVAL=1;BYDAY=TH"}},
        {"backup": {"rrule": "FREQ=WEEKLY;INTERVAL=53;BYDAY=TH"}},
        {"backup": {"rrule": 7}},
        {"backup": {"colour": "red"}},
        {"backup": []},
    ],
)
async def test_backups_take_no_other_rules(body: Any) -> None:
    """They are refused before anything is scheduled."""
    async with direct() as (_, call):
        got = await call("POST", "/backup", body, version="bulk/v7")
        assert got.word == (400, "INVALID_DATA")
        assert (await call("GET", "/backup", version="bulk/v7")).status == 204


async def test_a_cancelled_backup_is_never_made() -> None:
    """Nor a link to it."""
    async with direct() as (org, call):
        got = await call("POST", "/backup", version="bulk/v7")
        id_ = got.body["backup"]["details"]["id"]
        assert (await call("PUT", f"/backup/{id_}/actions/cancel", version="bulk/v7")).status == 200
        org.advance(60)
        assert (await call("GET", "/backup/urls", version="bulk/v7")).status == 204
