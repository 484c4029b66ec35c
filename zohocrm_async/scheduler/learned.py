"""Prices that the service's own count shows: from two counts with one call between them."""

from typing import TypeVar

from attrs import evolve, frozen

from zohocrm_async.scheduler.prices import Quote

# Strangers who spend move the count, too, but seldom twice by the same number.
_PROOFS = 2
_KINDS = 1_000

V = TypeVar("V")


@frozen
class _Count:
    remaining: int
    sends: int


class LearnedPrices:
    """Corrects quotes by what calls of the same quote were seen to cost.

    A price is believed once two counts in a row agree. It is never believed to be below
    the listed minimum: credits that leave the window meanwhile look the same.
    """

    def __init__(self) -> None:
        self.known: dict[Quote, Quote] = {}
        """Corrected quotes by the listed one."""
        self._doubts: dict[Quote, tuple[int, int]] = {}
        self._last: _Count | None = None

    def correct(self, quote: Quote) -> Quote:
        """Return *quote* as it is known to be."""
        return self.known.get(quote, quote)

    def count(
        self, quote: Quote, remaining: int, *, sends: int, alone: bool, served: bool
    ) -> int | None:
        """Take in what the service says is left after a call; return its price if that is news.

        Args:
            quote: what the call was thought to cost.
            remaining: the service's count.
            sends: the calls sent so far, this one included.
            alone: whether no other call is in flight.
            served: whether the call was served, so that its price is due.
        """
        before, self._last = self._last, _Count(remaining, sends) if alone else None
        if before is None or not (alone and served and sends == before.sends + 1):
            return None
        return self._learn(quote, before.remaining - remaining)

    def _learn(self, quote: Quote, seen: int) -> int | None:
        listed = quote.listed or quote
        proofs = 1
        if listed in self._doubts and self._doubts[listed][0] == seen:
            proofs += self._doubts[listed][1]
        if seen == quote.expected or seen < listed.minimum:
            self._doubts.pop(listed, None)
        elif proofs < _PROOFS:
            _keep(self._doubts, listed, (seen, proofs))
        else:
            self._doubts.pop(listed, None)
            news = listed not in self.known
            _keep(self.known, listed, _corrected(listed, seen))
            return seen if news else None
        return None


def _keep(known: dict[Quote, V], quote: Quote, value: V) -> None:
    known[quote] = value
    if len(known) > _KINDS:
        del known[next(iter(known))]


def _corrected(listed: Quote, seen: int) -> Quote:
    if seen == listed.expected:
        return listed
    return evolve(
        listed,
        maximum=max(listed.maximum, seen),
        expected=seen,
        basis=f"{listed.basis}; seen to cost {seen}",
        listed=listed,
    )
