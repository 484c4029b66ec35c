"""The stores of organisations that the documentation shows do what it says."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from zohocrm_async import ClientPool, DataCenter
from zohocrm_async.emulator import Emulator
from zohocrm_async.exceptions import UnknownOrganization

PAGE = Path(__file__).parents[2] / "docs" / "services.md"


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """Give what the page defines before it comes to Redis."""
    names: dict[str, Any] = {"__name__": "__main__"}
    code = PAGE.read_text().split("## Many processes")[0]
    for block in re.findall(r"^```python\n(.*?)^```$", code, re.MULTILINE | re.DOTALL):
        exec(compile(block, PAGE.name, "exec"), names)
    return names


async def test_a_folder(
    shown: dict[str, Any], org: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = org.credentials
    known = {
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "refresh_token": credentials.refresh_token,
        "data_center": "here",
    }
    (tmp_path / "acme.json").write_text(json.dumps(known))
    monkeypatch.setattr(DataCenter, "named", lambda _: org.data_center)
    async with ClientPool(shown["FolderStore"](tmp_path / ".")) as pool:
        await shown["leads_of"](pool, "acme")
        for name in ("nobody", "../acme"):
            with pytest.raises(UnknownOrganization):
                await shown["leads_of"](pool, name)
    assert org.calls


async def test_a_table(shown: dict[str, Any], org: Emulator, tmp_path: Path) -> None:
    credentials, center = org.credentials, org.data_center
    path = tmp_path / "organisations.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE organisations "
        "(name, client_id, client_secret, refresh_token, accounts, api, content)"
    )
    row = (credentials.client_id, credentials.client_secret, credentials.refresh_token)
    hosts = (center.accounts, center.api, center.content)
    connection.execute(
        "INSERT INTO organisations VALUES (?, ?, ?, ?, ?, ?, ?)", ("acme", *row, *hosts)
    )
    connection.commit()
    connection.close()
    async with ClientPool(shown["TableStore"](path)) as pool:
        await shown["leads_of"](pool, "acme")
        with pytest.raises(UnknownOrganization):
            await shown["leads_of"](pool, "nobody")
    assert org.calls
