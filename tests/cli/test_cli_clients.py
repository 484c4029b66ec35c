"""zohocrm_async.cli.clients: what is asked before a job begins."""

from pathlib import Path

import pytest

from zohocrm_async.cli.clients import (
    check_module,
    check_sender,
    client,
    client_for_one_call,
    ledger,
    token_file,
)
from zohocrm_async.emulator import Emulator
from zohocrm_async.exceptions import ConfigurationError, InvalidModule, InvalidRequest


def test_tokens_are_kept_where_the_system_keeps_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    """XDG_CACHE_HOME moves them."""
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/reed")
    assert token_file() == Path("/home/reed/.cache/zohocrm/tokens.json")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache")
    assert token_file() == Path("/var/cache/zohocrm/tokens.json")


def test_a_client_needs_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the variable."""
    monkeypatch.delenv("ZOHO_CLIENT_ID", raising=False)
    with pytest.raises(ConfigurationError, match="ZOHO_CLIENT_ID"):
        client()


def test_each_organisation_has_a_ledger_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told apart by data centre and client, of which the name shows no word."""
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    monkeypatch.setenv("ZOHO_CLIENT_SECRET", "s3cret")
    monkeypatch.setenv("ZOHO_REFRESH_TOKEN", "1000.r3fresh")
    found: set[Path] = set()
    for centre in ("eu", "in"):
        for name in ("1000.REED", "1000.FINCH"):
            monkeypatch.setenv("ZOHO_DATA_CENTER", centre)
            monkeypatch.setenv("ZOHO_CLIENT_ID", name)
            found.add(ledger().path)
            assert ledger().path.name.startswith(f"{centre}-")
    assert len(found) == 4
    assert not any(word in str(path) for path in found for word in ("REED", "s3cret", "r3fresh"))


async def test_commands_share_a_ledger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What one spent the next one knows, and the limits that it learned."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    async with Emulator() as org:
        for name, value in org.env.items():
            monkeypatch.setenv(name, value)
        async with client() as crm:
            await crm.mail.from_addresses()
            known = crm.credits()
        assert known.used == org.credits_used > 0
        async with client_for_one_call() as crm:
            await crm.mail.from_addresses()
            again = crm.credits()
        assert again.used == org.credits_used > known.used
        assert again.allowance == known.allowance


async def test_a_known_module_and_sender_pass() -> None:
    """Letters' case makes no difference in an address. 2 credits, and 1 for the prices."""
    async with Emulator() as org, org.client() as crm:
        await check_module(crm, "Leads")
        await check_sender(crm, "CRM@example.com")
        assert org.credits_used == 3


async def test_an_unknown_module_or_sender_is_refused() -> None:
    """The allowed addresses are named."""
    async with Emulator() as org, org.client() as crm:
        with pytest.raises(InvalidModule):
            await check_module(crm, "Leeds")
        with pytest.raises(InvalidRequest, match=r"addresses: crm@example\.com"):
            await check_sender(crm, "me@example.com")


async def test_a_token_that_may_not_look_is_let_through() -> None:
    """Whoever may only send mails can still send them."""
    async with Emulator() as org:
        only = org.credentials_with(scopes=["ZohoCRM.send_mail.all.CREATE"])
        async with org.client(credentials=only) as crm:
            await check_module(crm, "Leads")
            await check_sender(crm, "me@example.com")
