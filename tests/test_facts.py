"""zohocrm_async._facts: asked for once, by all who need them."""

import asyncio
from typing import Any

import pytest
from attrs import evolve

from zohocrm_async._clock import ManualClock
from zohocrm_async._endpoint import Call
from zohocrm_async._facts import OrganizationFacts
from zohocrm_async.exceptions import (
    ConnectionFailed,
    ScopeMismatch,
    ServerError,
    ZohoCRMError,
)
from zohocrm_async.options import Edition, Limits
from zohocrm_async.scheduler import Quote, Scheduler, current_budget

HOUR = 60 * 60.0
DAY = 24 * HOUR


class Service:
    """Answers with a price list, or not at all, when it is told to."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.budgets: list[str | None] = []
        self.is_there = True
        self.sold = "enterprise"
        self.refusal: ZohoCRMError | None = None
        self.listed: list[Any] = [{"path": "/crm/v7/Leads", "operation_types": []}]
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def carry(self, call: Call, quote: Quote) -> Any:
        self.paths.append(call.path)
        budget = current_budget.get()
        self.budgets.append(None if budget is None else budget.name)
        await self.may_answer.wait()
        if not self.is_there:
            raise ConnectionFailed("the host was not reached", sent=False)
        if call.path == "/org":
            if self.refusal is not None:
                raise self.refusal
            return {"org": [{"id": "1", "license_details": {"paid": True, "paid_type": self.sold}}]}
        return {"__apis": self.listed}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def facts(service: Service, clock: ManualClock) -> OrganizationFacts:
    scheduler = Scheduler(Limits(), clock=clock)
    return OrganizationFacts(service.carry, scheduler, clock, limits_known=True, adapt=None)


async def test_all_who_come_at_once_wait_for_one_answer(
    facts: OrganizationFacts, service: Service
) -> None:
    """It is charged to none of them."""
    found = await asyncio.gather(*(facts.catalogue() for _ in range(5)))
    assert service.paths == ["/__apis"]
    assert service.budgets == ["price list and limits"]
    assert all(catalogue is facts.fresh for catalogue in found)


async def test_an_answer_is_good_for_a_day(
    facts: OrganizationFacts, service: Service, clock: ManualClock
) -> None:
    for seconds in (0.0, DAY - 1.0, 1.0):
        clock.advance(seconds)
        await facts.catalogue()
    assert len(service.paths) == 2


async def test_all_who_wait_share_a_failure(facts: OrganizationFacts, service: Service) -> None:
    """In turn, the last would wait for as many time-outs as callers came before it."""
    service.is_there = False
    failures = await asyncio.gather(*(facts.catalogue() for _ in range(5)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [ConnectionFailed] * 5
    assert service.paths == ["/__apis"]
    service.is_there = True
    await facts.catalogue()
    assert facts.fresh is not None


class TestLimits:
    """Where none are given, they are those of the organisation's edition."""

    @pytest.fixture
    def scheduler(self, clock: ManualClock) -> Scheduler:
        return Scheduler(Limits(), clock=clock)

    @pytest.fixture
    def facts(
        self, service: Service, clock: ManualClock, scheduler: Scheduler
    ) -> OrganizationFacts:
        return OrganizationFacts(
            service.carry,
            scheduler,
            clock,
            limits_known=False,
            adapt=lambda limits: evolve(limits, credits=limits.credits // 2),
        )

    @pytest.mark.parametrize("sold", ["Enterprise", "free", "other"])
    async def test_an_edition_that_nobody_knows_is_told(
        self,
        facts: OrganizationFacts,
        service: Service,
        scheduler: Scheduler,
        caplog: pytest.LogCaptureFixture,
        sold: str,
    ) -> None:
        """The limits of the free one are safe, and far from what was paid for."""
        service.sold = sold
        await facts.catalogue()
        assert scheduler.limits.concurrency == (20 if sold == "Enterprise" else 5)
        assert ("edition 'other' is not known" in caplog.text) == (sold == "other")

    async def test_a_service_that_was_down_is_asked_again(
        self, facts: OrganizationFacts, service: Service, scheduler: Scheduler, clock: ManualClock
    ) -> None:
        """Until then a guess serves; the price list, which came, is not asked for again."""
        service.refusal = ServerError("down", status=500)
        for paths in (["/org", "/__apis"], ["/org", "/__apis", "/org"]):
            await facts.catalogue()
            assert (service.paths, scheduler.limits.credits) == (paths, 2_500)
            clock.advance(HOUR)
        service.refusal = None
        await facts.catalogue()
        assert scheduler.limits == evolve(Limits.for_edition(Edition.ENTERPRISE), credits=25_500)
        clock.advance(DAY - 2 * HOUR)
        await facts.catalogue()
        assert service.paths[3:] == ["/org", "/__apis"]

    async def test_a_service_that_refuses_is_not_asked_again(
        self, facts: OrganizationFacts, service: Service, clock: ManualClock
    ) -> None:
        service.refusal = ScopeMismatch("no", status=401)
        await facts.catalogue()
        clock.advance(DAY)
        await facts.catalogue()
        assert service.paths == ["/org", "/__apis", "/__apis"]


async def test_who_goes_takes_the_question_from_nobody(
    facts: OrganizationFacts, service: Service
) -> None:
    service.may_answer.clear()
    first, second = (asyncio.create_task(facts.catalogue()) for _ in range(2))
    while not service.paths:
        await asyncio.sleep(0)
    first.cancel()
    service.may_answer.set()
    assert await second is facts.fresh
    assert service.paths == ["/__apis"]


async def test_a_list_that_is_nested_without_end_is_no_list(
    facts: OrganizationFacts, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """The published prices serve, and a warning says why."""
    for _ in range(300):
        service.listed = [service.listed]
    assert (await facts.catalogue()).source == "the published defaults"
    assert "cannot be a price list" in caplog.text
