"""The fake service of the benchmarks counts rightly."""

import asyncio
from collections.abc import Coroutine

import pytest

from benchmarks.service import DAY, Answer, Ask, Log, Neighbour, Refusal, Service
from benchmarks.virtual import run


def send_all(service: Service, asks: list[Ask]) -> list[Answer]:
    """Send *asks* at one moment, and wait for the answers."""

    async def main() -> list[Answer]:
        answers = await asyncio.gather(*(service.send(ask) for ask in asks))
        service.look()
        return answers

    return run(main())


class TestCredits:
    def test_window_is_exact(self) -> None:
        """A credit counts for 24 hours and not a moment longer."""
        log = Log()
        log.spend(10.0, 3)
        log.spend(20.0, 4)
        assert log.spent(10.0 + DAY - 0.001) == 7
        assert log.spent(10.0 + DAY) == 4
        assert log.spent(20.0 + DAY) == 0

    def test_spent_allowance_refuses_and_counts(self) -> None:
        """More than the allowance is refused for credits, and a violation of a client alone."""
        service = Service(credits=10)
        answers = send_all(service, [Ask("a", 6), Ask("a", 6)])
        assert sorted(answer.status for answer in answers) == [200, 429]
        assert service.counts.refused == {Refusal.CREDITS: 1}
        assert service.counts.violations == {"credits": 1}
        assert service.counts.spent == 6

    def test_strangers_make_no_violation(self) -> None:
        """Where strangers spent what is missing, the client is refused but not to blame."""
        service = Service(credits=10)

        async def main() -> Answer:
            assert service.spend(8)
            assert not service.spend(3)
            return await service.send(Ask("a", 6))

        assert run(main()).status == 429
        assert service.counts.refused == {Refusal.CREDITS: 1}
        assert not service.counts.violations
        assert service.counts.foreign == 8

    def test_credits_come_back_after_a_day(self) -> None:
        """A day after they were spent the same credits serve again."""
        service = Service(credits=10)

        async def main() -> list[int]:
            first = await service.send(Ask("a", 10))
            await asyncio.sleep(DAY)
            return [first.status, (await service.send(Ask("a", 10))).status]

        assert run(main()) == [200, 200]
        assert not service.counts.violations

    @pytest.mark.parametrize(("spent", "remaining"), [(4, None), (5, 5), (9, 1)])
    def test_header_comes_past_half(self, spent: int, remaining: int | None) -> None:
        """What is left is told only when half of the allowance is used."""
        assert send_all(Service(credits=10), [Ask("a", spent)]) == [Answer(200, remaining)]


class TestSlots:
    def test_too_many_in_flight(self) -> None:
        """A call above the limit is refused and counted, by kind."""
        service = Service(concurrency=3, heavy_concurrency=1, spread=0.0)
        heavy, light = Ask("a", heavy=True), Ask("a")
        send_all(service, [light, heavy, heavy, light])
        assert service.counts.refused == {Refusal.HEAVY_SLOTS: 1}
        assert service.counts.violations == {"calls in flight": 1, "heavy calls in flight": 1}
        assert (service.counts.served, service.counts.attempts) == (3, 4)

    def test_limits_kept_are_no_violation(self) -> None:
        """A client that fills its slots and no more is refused nothing."""
        service = Service(concurrency=3, heavy_concurrency=3, spread=0.0)
        send_all(service, [Ask("a", heavy=True, seconds=1.0)] * 3)
        assert service.counts.refusals == 0
        assert not service.counts.violations
        assert service.counts.used_seconds == pytest.approx(3.0, abs=1e-3)
        assert service.counts.left_seconds == pytest.approx(3.0, abs=1e-3)
        assert service.counts.heavy_seconds == pytest.approx(3.0, abs=1e-3)

    def test_neighbour_takes_slots(self) -> None:
        """A neighbour's slots are refused to the client, who is not to blame."""
        service = Service(concurrency=3, spread=0.0, neighbour=lambda _: 2)
        send_all(service, [Ask("a", seconds=1.0)] * 2)
        assert service.counts.refused == {Refusal.SLOTS: 1}
        assert not service.counts.violations
        assert service.counts.used_seconds == pytest.approx(1.0, abs=1e-3)
        assert service.counts.left_seconds == pytest.approx(1.0, abs=1e-3)

    def test_slot_comes_back_when_a_caller_goes_away(self) -> None:
        """A cancelled call holds no slot."""
        service = Service(concurrency=1, spread=0.0)

        async def main() -> int:
            task = asyncio.create_task(service.send(Ask("a")))
            await asyncio.sleep(0.1)
            task.cancel()
            await asyncio.wait([task])
            return (await service.send(Ask("a"))).status

        assert run(main()) == 200
        assert not service.counts.violations


class TestChance:
    def test_same_seed_same_times(self) -> None:
        """Latencies are those of the seed, and their mean is the mean."""

        def times(seed: int) -> list[float]:
            service = Service(seed=seed)
            return [service._draw(0.3) for _ in range(20_000)]

        assert times(1) == times(1)
        assert times(1) != times(2)
        assert sum(times(1)) / 20_000 == pytest.approx(0.3, rel=0.01)

    def test_neighbour_stays_within_its_bounds(self) -> None:
        """A neighbour changes as often as it is said to, and holds no more than its most."""
        holds = [Neighbour(1, most=6, least_seconds=30, most_seconds=30)(t) for t in range(3_000)]
        assert set(holds) == set(range(7))
        neighbour = Neighbour(1, most=6, least_seconds=30, most_seconds=30)
        changes = [neighbour(float(second)) for second in range(3_000)]
        moved = [second for second in range(1, 3_000) if changes[second] != changes[second - 1]]
        assert moved
        assert all(second % 30 == 0 for second in moved)


def hours(count: float) -> Coroutine[None, None, float]:
    async def main() -> float:
        await asyncio.sleep(count * 3_600)
        return asyncio.get_running_loop().time()

    return main()


class TestVirtualTime:
    def test_sleep_takes_virtual_time_alone(self) -> None:
        """A month is slept through at once, to the moment."""
        assert run(hours(720)) == pytest.approx(720 * 3_600, abs=1e-3)

    def test_order_of_timers_is_that_of_their_times(self) -> None:
        """Tasks wake in the order of the times that they sleep for."""

        async def main() -> list[int]:
            woken: list[int] = []

            async def sleeper(number: int) -> None:
                await asyncio.sleep(number)
                woken.append(number)

            await asyncio.gather(*(sleeper(number) for number in (3, 1, 2)))
            return woken

        assert run(main()) == [1, 2, 3]

    def test_standstill_is_an_error(self) -> None:
        """Where every task waits for ever, nobody waits for that."""

        async def main() -> None:
            await asyncio.get_running_loop().create_future()

        with pytest.raises(RuntimeError, match="every task waits"):
            run(main())
