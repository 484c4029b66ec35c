"""The calls of one item of a merge job, as its journal keeps them."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import orjson
from attrs import evolve, frozen

from zohocrm_async.jobs.groups import Chain
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.models.merge import MergeChild


@frozen
class Steps:
    """Calls on one master, in their order: each takes one or two children into it."""

    calls: tuple[tuple[MergeChild, ...], ...]

    @classmethod
    def of(cls, item: Item) -> Self:
        """Return the calls of *item*."""
        stored: list[list[list[Any]]] = orjson.loads(item.trace or "[]")
        return cls(
            tuple(tuple(MergeChild(id_, fields) for id_, *fields in call) for call in stored)
        )

    @staticmethod
    def trace(chain: Chain) -> str:
        """Return what the journal keeps of *chain*: ids, each followed by its fields."""
        calls = [
            [[child.id, *(field.api_name for field in child.fields)] for child in call]
            for call in chain.steps
        ]
        return orjson.dumps(calls).decode()

    def same(self, other: Self) -> bool:
        """Whether *other* makes the same record of the same ones, in whichever order."""
        return self._taken() == other._taken()

    def _taken(self) -> Mapping[str, frozenset[str]]:
        """Return the fields that each child gives."""
        return {
            child.id: frozenset(field.api_name for field in child.fields)
            for call in self.calls
            for child in call
        }

    def next(self, item: Item) -> Sequence[MergeChild]:
        """Return the children of the first call that is not done."""
        return self.calls[item.step]

    def after(self, item: Item) -> Item:
        """Return *item* as it is once that call is done: merged, or waiting for the next."""
        done = item.step + 1
        if done >= len(self.calls):
            return evolve(item, state=ItemState.MERGED, step=done)
        return evolve(item, state=ItemState.MERGING, step=done, job_id=None)
