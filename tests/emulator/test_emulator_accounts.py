"""The accounts server mints tokens within its limits, and says no in its words."""

import pytest
from direct import Direct, direct

from zohocrm_async.emulator import Emulator


def fields(org: Emulator, **changed: str) -> dict[str, str]:
    return {**org.credentials.form(), **changed}


async def test_a_refresh_token_gives_an_access_token_for_an_hour() -> None:
    """With no new refresh token, and the organisation's own host."""
    async with direct() as (org, api):
        got = await api.form(**fields(org))
        assert got.status == 200
        assert got.body["expires_in"] == 3_600
        assert got.body["api_domain"] == org.url
        assert got.body["token_type"] == "Bearer"
        assert "refresh_token" not in got.body
        assert org.tokens_minted == 1


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"client_id": "1000.X"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client_secret"),
        ({"refresh_token": "1000.x.y"}, "invalid_code"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "1000.x"}, "invalid_code"),
        ({"grant_type": "client_credentials", "scope": "ZohoCRM.org.READ"}, "missing_org_info"),
        (
            {"grant_type": "client_credentials", "soid": "ZohoCRM.1", "scope": "ZohoCRM.org.READ"},
            "invalid_soid",
        ),
        ({"grant_type": "client_credentials", "soid": "{soid}", "scope": ""}, "invalid_scope"),
        (
            {"grant_type": "client_credentials", "soid": "{soid}", "scope": "everything"},
            "invalid_scope",
        ),
    ],
)
async def test_refusals_come_with_status_200(changed: dict[str, str], word: str) -> None:
    """Only the missing access token tells them."""
    async with direct() as (org, api):
        soid = f"ZohoCRM.{org.zgid}"
        form = {key: value.format(soid=soid) for key, value in changed.items()}
        got = await api.form(**fields(org, **form))
        assert (got.status, got.body) == (200, {"error": word})
        assert org.tokens_minted == 0


async def test_secrets_in_the_url_are_refused() -> None:
    """They belong into the body."""
    async with direct() as (org, api):
        got = await api.form(query=fields(org))
        assert (got.status, got.body["error"]) == (400, "invalid_request")
        async with api.session.get(f"{org.url}/oauth/v2/token") as answer:
            assert answer.status == 400


async def test_other_paths_of_the_accounts_server_are_unknown() -> None:
    """There is no login page."""
    async with direct() as (org, api):
        got = await api.form("/oauth/v2/auth", **fields(org))
        assert (got.status, got.body) == (404, {"error": "invalid_request"})


async def test_ten_tokens_in_ten_minutes() -> None:
    """The eleventh is denied until the first is ten minutes old."""
    async with direct() as (org, api):
        for _ in range(10):
            assert "access_token" in (await api.form(**fields(org))).body
            org.advance(30)
        got = await api.form(**fields(org))
        assert got.status == 400
        assert (got.body["error"], got.body["status"]) == ("Access Denied", "failure")
        assert got.body["error_description"]
        org.advance(301)
        assert "access_token" in (await api.form(**fields(org))).body
        assert org.tokens_minted == 11


async def test_the_eleventh_live_token_kills_the_oldest() -> None:
    """Silently: only its use tells."""
    async with direct() as (org, api):
        tokens: list[str] = []
        for _ in range(11):
            tokens.append(await api.token())
            org.advance(61)
        statuses = [await status(api, token) for token in tokens]
        assert statuses == [401, *[200] * 10]


async def status(api: Direct, token: str) -> int:
    headers = {"Authorization": f"Zoho-oauthtoken {token}"}
    async with api.session.get(f"{api.org.url}/crm/v7/org", headers=headers) as answer:
        return answer.status


async def test_a_code_is_exchanged_once_and_soon() -> None:
    """It gives a refresh token that goes on working."""
    async with direct() as (org, api):
        code = org.grant_code()
        got = await api.form(**code.form())
        assert await status(api, got.body["access_token"]) == 200
        again = await api.form(**code.form())
        assert again.body == {"error": "invalid_code"}
        refreshed = await api.form(**fields(org, refresh_token=got.body["refresh_token"]))
        assert await status(api, refreshed.body["access_token"]) == 200
        late = org.grant_code()
        org.advance(181)
        assert (await api.form(**late.form())).body == {"error": "invalid_code"}


async def test_a_client_acts_for_itself() -> None:
    """With the scopes it asks for."""
    async with direct() as (org, api):
        got = await api.form(**org.client_credentials(["ZohoCRM.org.READ"]).form())
        assert got.body["scope"] == "ZohoCRM.org.READ"
        assert "refresh_token" not in got.body
        assert await status(api, got.body["access_token"]) == 200


async def test_a_revoked_token_is_dead_with_all_that_came_of_it() -> None:
    """The refresh token and its access tokens."""
    async with direct() as (org, api):
        token = await api.token()
        got = await api.form("/oauth/v2/token/revoke", token=org.credentials.refresh_token)
        assert (got.status, got.body) == (200, {"status": "success"})
        assert await status(api, token) == 401
        assert (await api.form(**fields(org))).body == {"error": "invalid_code"}
        got = await api.form("/oauth/v2/token/revoke", token=org.credentials.refresh_token)
        assert got.status == 400


async def test_organisations_of_different_seeds_share_no_secret() -> None:
    """And those of one seed are alike, so that tests can rely on ids."""
    envs = [Emulator(seed=seed).credentials.refresh_token for seed in (1, 1, 2)]
    assert envs[0] == envs[1] != envs[2]
