"""The page in a real browser."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from browser import PROGRAM, Page, browser
from dashboards import Store, anybody, application, served

from zohocrm_async import ClientPool, Limits, OrganizationSettings, Priority, ZohoCRM, dashboard
from zohocrm_async.emulator import Emulator, Fault

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium or Chrome is on PATH"),
    pytest.mark.asyncio(loop_scope="module"),
]
LIVE = "document.getElementById('state').textContent === 'Live'"
ALERT = "document.querySelector('.notices').textContent"
CALLS = "document.querySelector('[data-part=calls]').textContent"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Page]:
    """Give a page of a browser that all tests here share."""
    folder: Path = tmp_path_factory.mktemp("browser")
    async with browser(folder) as opened:
        await opened.see()
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def org() -> AsyncIterator[Emulator]:
    async with Emulator() as organisation:
        yield organisation


@pytest.fixture
def crm(org: Emulator) -> ZohoCRM:
    return org.client(
        limits=Limits(credits=1_000, concurrency=20), hooks=[dashboard.Recorder(clock=org.clock)]
    )


@pytest_asyncio.fixture(loop_scope="module")
async def url(page: Page, crm: ZohoCRM) -> AsyncIterator[str]:
    async with served(application(crm, anybody)) as address:
        yield address
        await page.go("about:blank")


async def test_it_is_live(page: Page, url: str, crm: ZohoCRM, org: Emulator) -> None:
    """A call that ends is seen without a reload, and nothing comes from elsewhere."""
    await page.go(url)
    await page.until(LIVE)
    await crm.organization.get()
    org.fail_next(Fault.TOO_MANY_CALLS)
    await crm.organization.get()
    org.advance(1)
    await page.until(f"{CALLS}.includes('organization.get')")
    await page.until(f"{CALLS}.includes('ConcurrencyExceeded')")
    assert page.complaints() == []
    names = ("", "dashboard.css", "dashboard.js", "stream")
    assert page.requested() == {url + name for name in names}


async def test_what_holds_calls_back_is_told(
    page: Page, url: str, crm: ZohoCRM, org: Emulator
) -> None:
    """In words, where it stands first."""
    await page.go(url)
    await page.until(f"{LIVE} && {ALERT}.includes('Nothing holds calls back')")
    org.fail_next(Fault.TOO_MANY_CALLS)
    await crm.organization.get()
    org.advance(1)
    await page.until(f"{ALERT}.includes('slots for now')")


async def test_budgets_are_text_whatever_their_names(
    page: Page, url: str, crm: ZohoCRM, org: Emulator
) -> None:
    name = "<img src=x onerror=\"document.title='broken'\">"
    await page.go(url)
    await page.until(LIVE)
    async with crm.budget(name, credits=50, priority=Priority.BULK):
        await crm.organization.get()
    org.advance(1)
    await page.until("document.querySelector('[data-part=budgets]').textContent.includes('<img')")
    assert await page.ask("document.images.length") == 0
    assert await page.ask("document.title") == "Zoho CRM: credits and slots"


async def test_a_server_that_comes_back_is_found(page: Page, org: Emulator, crm: ZohoCRM) -> None:
    """Without a reload; until then the page says that it is not live."""
    async with served(application(crm, anybody)) as url:
        port = int(url.split(":")[2].partition("/")[0])
        await page.go(url)
        await page.until(LIVE)
        # What follows takes seconds of the browser's own time.
        await page.ask("window.setTimeout = ((real) => (f, ms) => real(f, ms / 100))(setTimeout)")
        org.advance(20)  # the stream ends, and the browser soon comes back
    await page.until("document.getElementById('state').textContent.startsWith('Not live')")
    async with served(application(org.client(), anybody), port=port):
        await page.until(LIVE)
        await page.go("about:blank")


async def test_keys_are_enough(page: Page, url: str, crm: ZohoCRM) -> None:
    """Links, the numbers of the picture, and tables that scroll take the focus in order."""
    await crm.organization.get()
    await page.go(url)
    await page.until(LIVE)
    seen = []
    for _ in range(8):
        await page.press("Tab")
        seen.append(
            await page.ask(
                "document.activeElement.getAttribute('aria-label') "
                "|| document.activeElement.textContent"
            )
        )
        if seen[-1] == "In numbers":
            await page.press("Enter")
    assert seen == [
        "As JSON",
        "In numbers",
        "Table of the credits that come back",
        "Table of priorities",
        "Table of operations",
        "Table of budgets",
        "Tables of refusals and errors",
        "Table of calls",
    ]
    assert await page.ask("document.querySelector('details').open")


async def test_what_is_open_stays_open(page: Page, url: str, crm: ZohoCRM, org: Emulator) -> None:
    """Though the numbers in it change."""
    await page.go(url)
    await page.until(LIVE)
    await page.ask("document.querySelector('details').open = true")
    before = await page.ask("document.querySelector('[data-part=hours]').textContent")
    await crm.organization.get()
    org.advance(1)
    await page.until(f"document.querySelector('[data-part=hours]').textContent !== {before!r}")
    assert await page.ask("document.querySelector('details').open")


async def test_a_link_keeps_the_focus(page: Page, org: Emulator) -> None:
    """Though the table that it stands in is drawn anew."""
    settings = OrganizationSettings(
        credentials=org.credentials, data_center=org.data_center, limits=org.limits
    )
    pool = ClientPool(Store(**{"acme & co": settings}), clock=org.clock)
    async with served(application(pool, anybody)) as url:
        async with pool.organisation("acme & co") as crm:
            await crm.organization.get()
            await page.go(url)
            await page.until(LIVE)
            await page.ask("document.querySelector('tbody a').focus()")
            before = await page.ask("document.querySelector('table').textContent")
            await crm.organization.get()
            changed = f"document.querySelector('table').textContent !== {before!r}"
            async with asyncio.timeout(10):
                while not await page.ask(changed):
                    org.advance(1)
        assert await page.ask("document.activeElement.textContent") == "acme & co"
        await page.press("Enter")
        await page.until("location.search === '?organisation=acme+%26+co'")
        await page.until("document.readyState === 'complete'")
        assert await page.ask("document.querySelector('h1').textContent") == "acme & co"
        await page.go("about:blank")


CONTRAST = """
(() => {
  const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) =>
    0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const color = getComputedStyle(node).backgroundColor;
      if (!color.endsWith(', 0)')) return parse(color);
    }
    return [255, 255, 255];
  };
  let worst = 21;
  for (const node of document.querySelectorAll('body *')) {
    const said = [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
    if (!said || node.closest('svg') || !node.checkVisibility()) continue;
    const pair = [light(parse(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    worst = Math.min(worst, ratio);
  }
  return worst;
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_is_readable_in_light_and_dark(
    page: Page, url: str, crm: ZohoCRM, org: Emulator, scheme: str
) -> None:
    """Contrast of 4.5 to 1 or more, warnings included; the two do differ."""
    org.fail_next(Fault.TOO_MANY_CALLS)
    await crm.organization.get()
    await page.see(scheme=scheme)
    await page.go(url)
    await page.until(f"{LIVE} && {ALERT}.includes('slots for now')")
    assert await page.ask(CONTRAST) >= 4.5
    ground = await page.ask("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(245, 246, 248)", "dark": "rgb(18, 22, 28)"}[scheme]
    await page.see()


async def test_it_fits_a_phone(page: Page, url: str, crm: ZohoCRM) -> None:
    """Nothing is wider than the screen; what is wider itself scrolls in its frame."""
    async with crm.budget("a newsletter with a long name that goes on and on", credits=500):
        await crm.organization.get()
    await page.see(360, 700)
    await page.go(url)
    await page.until(LIVE)
    assert await page.ask("document.documentElement.scrollWidth") == 360
    assert await page.ask(
        "[...document.querySelectorAll('.wide')].some((one) => one.scrollWidth > one.clientWidth)"
    )
    await page.see()


async def test_it_stands_without_scripts(page: Page, url: str, crm: ZohoCRM) -> None:
    """As it was when it was asked for, and it says so."""
    await crm.organization.get()
    await page.command("Emulation.setScriptExecutionDisabled", value=True)
    await page.go(url)
    await page.command("Emulation.setScriptExecutionDisabled", value=False)
    assert await page.ask("document.getElementById('state').textContent") == "Not live"
    assert "organization.get" in await page.ask(CALLS)


async def test_times_are_those_of_whoever_looks(page: Page, url: str, crm: ZohoCRM) -> None:
    await crm.organization.get()
    await page.see(zone="Asia/Kolkata")
    await page.go(url)
    await page.until(LIVE)
    shown, said = await page.ask(
        "(() => { const t = document.querySelector('[data-part=calls] time');"
        " return [t.textContent, new Date(t.dateTime).toLocaleTimeString()] })()"
    )
    assert shown.endswith(said)
    assert await page.ask("new Date().getTimezoneOffset()") == -330
    await page.see()
