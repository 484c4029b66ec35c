"""A dry run of merges: the merged record beside its parts, as they are now."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

from attrs import frozen

from zohocrm_async._client import ZohoCRM
from zohocrm_async.exceptions import RecordNotFound
from zohocrm_async.jobs._together import together
from zohocrm_async.jobs.groups import Rules, Unfit, chain
from zohocrm_async.jobs.rows import Row
from zohocrm_async.models.records import Record

_NOTHING: Mapping[str, Any] = {}


@frozen
class Preview:
    """One group: its records now, and the one that they would become."""

    position: int
    """The number of its row."""
    master: str = ""
    parts: Mapping[str, Record | None] = _NOTHING
    """The records by their ids, the master first; None: it is not there."""
    sources: Mapping[str, str] = _NOTHING
    """For each field that comes from a child: the child's id."""
    calls: int = 0
    problem: str | None = None
    """Why it would be refused."""

    @property
    def merged(self) -> Mapping[str, Any]:
        """The record as it would be, but for what the service changes by itself."""
        values = dict(self.parts.get(self.master) or _NOTHING)
        taken = {n: (self.parts.get(id_) or _NOTHING).get(n) for n, id_ in self.sources.items()}
        return {**values, **taken}

    @property
    def differing(self) -> tuple[str, ...]:
        """The fields in which the records are not all alike."""
        records = [record for record in self.parts.values() if record is not None]
        names = dict.fromkeys(name for record in records for name in record if name != "id")
        return tuple(n for n in names if any(r.get(n) != records[0].get(n) for r in records))


async def previews(
    crm: ZohoCRM, module: str, rules: Rules, groups: AsyncIterator[Row]
) -> AsyncGenerator[Preview, None]:
    """Yield what each of *groups* would become; 1 credit a record, and nothing is changed."""
    async for row in groups:
        try:
            found = chain(row, rules, module)
        except Unfit as why:
            yield Preview(row.position, why.master, problem=f"{why.code}: {why}")
            continue
        records = await together(_read(crm, module, id_) for id_ in found.records)
        parts = dict(zip(found.records, records, strict=True))
        sources = {f.api_name: child.id for child in found.children for f in child.fields}
        missing = [id_ for id_, record in parts.items() if record is None]
        yield Preview(
            row.position,
            found.master,
            parts,
            sources,
            len(found.steps),
            f"there is no record {missing[0]}" if missing else None,
        )


async def _read(crm: ZohoCRM, module: str, record_id: str) -> Record | None:
    try:
        return await crm.records.get(module, record_id)
    except RecordNotFound:
        return None
