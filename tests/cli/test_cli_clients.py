"""zohocrm_async.cli.clients: what is asked before a job begins."""

from pathlib import Path

import pytest

from zohocrm_async.cli.clients import check_module, check_sender, client, token_file
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
