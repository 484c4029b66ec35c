"""Those who wait for a client of a pool, first come, first served."""

import asyncio
from bisect import insort
from itertools import count

from attrs import define, field


@define(order=True)
class Place:
    """The place in the line of one who wants the client of an organisation."""

    number: int
    name: str = field(order=False)
    turn: "asyncio.Future[None] | None" = field(default=None, init=False, order=False)

    @property
    def waits(self) -> bool:
        """Whether somebody waits here."""
        return self.turn is not None and not self.turn.done()

    def call(self) -> bool:
        """Call who waits here; return whether somebody does."""
        if self.turn is None or self.turn.done():
            return False
        self.turn.set_result(None)
        return True


class Line:
    """The line. Who is called and finds nothing lines up again at the old place."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._numbers = count()

    def __len__(self) -> int:
        """Return how many wait."""
        # One that was cancelled stands here until its task runs.
        return sum(place.waits for place in self._places)

    def place(self, name: str) -> Place:
        """Return a place behind all others, to wait at."""
        return Place(next(self._numbers), name)

    async def wait(self, place: Place) -> None:
        """Wait at *place* until called."""
        turn = place.turn = asyncio.get_running_loop().create_future()
        insort(self._places, place)
        try:
            await turn
        except asyncio.CancelledError:
            self._leave(place)
            if not turn.cancelled():
                self.call()  # what there was for this one is the next one's
            raise

    def call(self) -> None:
        """Call the first."""
        for place in self._places:
            if place.call():
                self._leave(place)
                return

    def call_for(self, name: str) -> None:
        """Call all who want the client of *name*."""
        for place in self._places:
            if place.name == name:
                place.call()
        self._places = [place for place in self._places if place.waits]

    def call_all(self) -> None:
        """Call everybody."""
        places, self._places = self._places, []
        for place in places:
            place.call()

    def _leave(self, place: Place) -> None:
        self._places = [one for one in self._places if one is not place]
