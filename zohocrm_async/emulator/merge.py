"""Merging duplicates: at once, or as a job that the clock carries on.

Assumed, where nothing is documented: a scheduled merge runs for the second half
of its time and reads the records when it ends; what is related to a child is not moved.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import define

from zohocrm_async._module_names import STANDARD_MODULES
from zohocrm_async.emulator import errors
from zohocrm_async.emulator.books import RecordedMerge
from zohocrm_async.emulator.errors import Refusal, Reply
from zohocrm_async.emulator.merge_rules import Claim, check_merge, refused
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.shapes import is_array_of_objects
from zohocrm_async.emulator.state import Row, State

MERGE_MODULES = ("Leads", "Contacts", "Accounts", "Deals", "Vendors")
_SCHEDULED_BEYOND = 1_000
_SET_BY_SERVICE = frozenset({"Closing_Date", "Stage", "Probability", "Expected_Revenue"})


@define(eq=False)
class _Merge:
    module: str
    master_id: str
    children: tuple[str, ...]
    claims: list[Claim]
    at: datetime
    job_id: str | None = None
    begins: float = 0.0
    ends: float = 0.0
    end: str | None = None

    def state(self, now: float) -> str:
        if self.end is not None:
            return self.end
        return "SCHEDULED" if now < self.begins else "RUNNING"


class Merges:
    """The merges of the organisation."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._merges: list[_Merge] = []
        self._pending: list[_Merge] = []
        self._jobs: dict[tuple[str, str], list[_Merge]] = {}

    def recorded(self) -> tuple[RecordedMerge, ...]:
        """Return every merge, in the order they came."""
        self.settle()
        now = self._state.clock.monotonic()
        return tuple(
            RecordedMerge(
                module=merge.module,
                master_id=merge.master_id,
                children=merge.children,
                scheduled=merge.job_id is not None,
                job_id=merge.job_id,
                state=merge.state(now),
                at=merge.at,
            )
            for merge in self._merges
        )

    def settle(self) -> None:
        """Finish the jobs whose time is over."""
        if not self._pending:
            return
        now = self._state.clock.monotonic()
        over = [merge for merge in self._pending if merge.ends <= now]
        self._pending = [merge for merge in self._pending if merge.ends > now]
        for merge in over:
            self._finish(merge)

    def create(self, incoming: Incoming) -> Reply:
        """Merge records, or schedule it."""
        module = self._module(incoming)
        items = incoming.items(1)
        incoming.only_keys()
        children, claims = check_merge(items[0], incoming.id)
        records = self._records(module, [incoming.id, *children])
        self._check_allowed(module, records, claims)
        _check_files(records, claims)
        state = self._state
        merge = _Merge(module, incoming.id, tuple(children), claims, state.clock.now())
        self._merges.append(merge)
        if any(state.related_records.get((module, id_), 0) > _SCHEDULED_BEYOND for id_ in children):
            return self._schedule(merge)
        self._finish(merge)
        item = errors.success_item("The records are merged.", id=merge.master_id)
        return errors.outcome("merge", item, status=201)

    def status(self, incoming: Incoming) -> Reply:
        """Return the jobs of a master, or one of them."""
        module = self._module(incoming)
        wanted = incoming.query.get("job_id")
        now = self._state.clock.monotonic()
        jobs = [
            {"job_id": merge.job_id, "status": merge.state(now)}
            for merge in self._jobs.get((module, incoming.id), ())
            if wanted in {None, merge.job_id}
        ]
        return Reply({"merge": jobs}) if jobs else Reply(None, 204)

    def _module(self, incoming: Incoming) -> str:
        module = self._state.module_name(incoming.module)
        if module in STANDARD_MODULES and module not in MERGE_MODULES:
            raise errors.unknown_module()
        return module

    def _records(self, module: str, ids: list[str]) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for index, id_ in enumerate(ids):
            record = self._state.find(module, id_)
            if record is None and not index:
                raise Refusal(
                    "INVALID_DATA", "the master record id is not available", resource_path_index=1
                )
            if record is None:
                raise refused(
                    "INVALID_DATA", "the child record id is not available",
                    api_name="id", json_path=f"$.merge[0].data[{index - 1}].id",
                )  # fmt: skip
            found[id_] = record
        return found

    def _check_allowed(self, module: str, records: Mapping[str, Row], claims: list[Claim]) -> None:
        taken = {
            id_
            for merge in self._pending
            if merge.module == module
            for id_ in (merge.master_id, *merge.children)
        }
        for id_, record in records.items():
            if id_ in taken:
                raise refused("NOT_ALLOWED", "the record waits for another merge", id=id_)
            if self._state.is_locked(module, id_):
                raise refused("NOT_ALLOWED", "the record is locked or in review", id=id_)
            if module == "Deals" and str(record.get("Stage", "")).startswith("Closed"):
                raise refused("NOT_ALLOWED", "only open deals can be merged", id=id_)
        for claim in claims:
            if module == "Deals" and claim.api_name in _SET_BY_SERVICE:
                raise refused(
                    "NOT_ALLOWED", "the field is populated automatically", api_name=claim.api_name
                )

    def _schedule(self, merge: _Merge) -> Reply:
        seconds = self._state.scheduled_merge_seconds
        merge.job_id = self._state.new_id()
        merge.ends = self._state.clock.monotonic() + seconds
        merge.begins = merge.ends - seconds / 2
        self._pending.append(merge)
        self._jobs.setdefault((merge.module, merge.master_id), []).append(merge)
        item = errors.success_item("The merge is scheduled.", code="SCHEDULED", job_id=merge.job_id)
        return errors.outcome("merge", item, status=201)

    def _finish(self, merge: _Merge) -> None:
        state = self._state
        records = {id_: state.find(merge.module, id_) for id_ in (merge.master_id, *merge.children)}
        if merge.master_id in state.fail_merges or None in records.values():
            merge.end = "FAILURE"
            return
        values = {
            claim.api_name: _value(records[claim.source] or {}, claim) for claim in merge.claims
        }
        state.change(records[merge.master_id] or {}, values)
        for child in merge.children:
            state.attached.move_attachments((merge.module, child), (merge.module, merge.master_id))
            state.remove(merge.module, child)
        merge.end = "COMPLETED"


def _value(record: Mapping[str, Any], claim: Claim) -> Any:
    if claim.files is None:
        return record.get(claim.api_name)
    return [file for file in _files(record, claim) if str(file["id"]) in claim.files]


def _files(record: Mapping[str, Any], claim: Claim) -> list[dict[str, Any]]:
    value = record.get(claim.api_name)
    return [file for file in value if "id" in file] if is_array_of_objects(value) else []


def _check_files(records: Mapping[str, Row], claims: list[Claim]) -> None:
    for claim in claims:
        if claim.files is None:
            continue
        known = {str(file["id"]) for file in _files(records[claim.source], claim)}
        if not known.issuperset(claim.files):
            raise refused("INVALID_DATA", "no such file in the field", api_name=claim.api_name)
