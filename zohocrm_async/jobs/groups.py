"""Groups of duplicates: which record stays, which values it takes, in which calls.

Everything here follows from the rows alone, so that a plan, a run and the run
that goes on after a crash all come to the same calls.
"""

import enum
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from attrs import field, frozen

from zohocrm_async.api.merge import merge_problems
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.jobs.refusals import RECORD_ID, id_problem
from zohocrm_async.jobs.rows import Row
from zohocrm_async.models.merge import MergeChild

_BETWEEN = re.compile(r"[\s,;|]+")
_AT_ONCE = 2
"""Children of one call."""
_YES = frozenset({"1", "x", "y", "yes", "true", "master"})
_NO = frozenset({"", "0", "n", "no", "false"})
_TOGETHER = ("Account_Name", "Reporting_To")

_Rule = TypeVar("_Rule", bound=enum.StrEnum)


class MasterRule(enum.StrEnum):
    """Which record of a group stays."""

    OLDEST = "oldest"
    """The one created first."""
    NEWEST = "newest"
    """The one created last."""
    MOST_FILLED = "most_filled"
    """The one with the most values in the file."""
    COLUMN = "column"
    """The one whose cell in the master column says so."""


class FieldRule(enum.StrEnum):
    """Which record's value a field takes."""

    KEEP = "keep"
    """The master's, filled or not."""
    NEWEST = "newest"
    """The filled one of the record that was changed last."""
    FIRST_FILLED = "first_filled"
    """The master's where it is filled, or else the first filled one of the others."""


def _rules(values: Mapping[str, str]) -> dict[str, FieldRule]:
    return {name: _rule(FieldRule, value, f"take[{name!r}]") for name, value in values.items()}


def _master_rule(value: str) -> MasterRule:
    return _rule(MasterRule, value, "master_rule")


@frozen(kw_only=True)
class Rules:
    """How rows are read as groups.

    Without *group_column* a row is a group: the master's id, its children's, and
    the fields that come from a child. With it a row is a record, and the rules
    choose the master and the fields.
    """

    master_column: str = "master"
    children_column: str = "children"
    fields_column: str = "fields"
    group_column: str | None = None
    id_column: str = "id"
    created_column: str = "Created_Time"
    modified_column: str = "Modified_Time"
    master_rule: MasterRule = field(default=MasterRule.OLDEST, converter=_master_rule)
    take: Mapping[str, FieldRule] = field(factory=dict[str, FieldRule], converter=_rules)

    def __attrs_post_init__(self) -> None:
        if self.take and self.group_column is None:
            raise InvalidRequest(
                "take needs group_column: rules for fields choose among rows, one for each record"
            )

    @property
    def needed(self) -> Mapping[str, str]:
        """The columns that must be there, each with the option that names another."""
        if self.group_column is None:
            return {self.master_column: "master_column", self.children_column: "children_column"}
        columns = {self.group_column: "group_column", self.id_column: "id_column"}
        if self.master_rule in {MasterRule.OLDEST, MasterRule.NEWEST}:
            columns[self.created_column] = "created_column"
        if self.master_rule is MasterRule.COLUMN:
            columns[self.master_column] = "master_column"
        if FieldRule.NEWEST in self.take.values():
            columns[self.modified_column] = "modified_column"
        return columns | dict.fromkeys(self.take, "take")

    def options(self) -> Mapping[str, Any]:
        """Return the rules as JSON values."""
        return {
            "master_column": self.master_column,
            "children_column": self.children_column,
            "fields_column": self.fields_column,
            "group_column": self.group_column,
            "id_column": self.id_column,
            "created_column": self.created_column,
            "modified_column": self.modified_column,
            "master_rule": str(self.master_rule),
            "take": {name: str(rule) for name, rule in self.take.items()},
        }


@frozen
class GroupRow(Row):
    """The rows of one group, in the place of its first."""

    records: tuple[Row, ...] = ()


@frozen
class Chain:
    """The calls that make one record of a group, in their order."""

    master: str
    steps: tuple[tuple[MergeChild, ...], ...]

    @property
    def children(self) -> tuple[MergeChild, ...]:
        """The records that go into the master, in their order."""
        return tuple(child for step in self.steps for child in step)

    @property
    def records(self) -> tuple[str, ...]:
        """The ids of all records, the master's first."""
        return (self.master, *(child.id for child in self.children))


class Unfit(Exception):
    """The group cannot be merged as it stands.

    Attributes:
        code: why, in one word.
        message: why, in a sentence.
        column: where the reason stands.
        master: the master's id, as far as it is known.
    """

    def __init__(self, code: str, message: str, column: str | None, master: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.column = column
        self.master = master


def chain(row: Row, rules: Rules, module: str) -> Chain:
    """Return the calls that *row*, a group, asks for.

    Raises:
        Unfit: it cannot be merged.
    """
    if row.problem:
        raise Unfit("MALFORMED_ROW", f"the row {row.problem}", None)
    if isinstance(row, GroupRow):
        master, children, sources = _of_records(row, rules)
    else:
        master, children, sources = _of_row(row, rules)
    fields: dict[str, list[str]] = {id_: [] for id_ in children}
    for name, source in sources.items():
        if source != master:
            fields[source].append(name)
    made = [MergeChild(id_, fields[id_]) for id_ in children]
    steps = tuple(tuple(made[n : n + _AT_ONCE]) for n in range(0, len(made), _AT_ONCE))
    found = Chain(master, steps)
    problems = _problems(found, sources, module)
    if problems:
        raise Unfit("INVALID_REQUEST", "; ".join(problems), None, master)
    return found


_Group = tuple[str, Sequence[str], Mapping[str, str]]
"""The master's id, the children's, and for each field whose value it takes."""


def _of_row(row: Row, rules: Rules) -> _Group:
    master = row.text(rules.master_column)
    _check_id(master, rules.master_column, master)
    children = parts(row.values.get(rules.children_column))
    if not children:
        raise Unfit("INVALID_ID", "no child is given", rules.children_column, master)
    for id_ in children:
        _check_id(id_, rules.children_column, master)
    sources: dict[str, str] = {}
    for part in parts(row.values.get(rules.fields_column)):
        name, _, source = part.partition("=")
        if source and source not in {master, *children}:
            sentence = f"{part!r} names a record that is none of the group"
            raise Unfit("INVALID_ID", sentence, rules.fields_column, master)
        _claim(sources, name, source or children[0], rules, master)
    return master, children, sources


def _of_records(group: GroupRow, rules: Rules) -> _Group:
    records = _once(group.records, rules)
    for record in records:
        _check_id(record.text(rules.id_column), rules.id_column, "")
    first = _master(records, rules)
    ids = [record.text(rules.id_column) for record in records]
    master = ids[first]
    if len(records) == 1:
        sentence = "no other row is of this group"
        raise Unfit("ALONE", sentence, rules.group_column, master)
    ordered = [records[first], *records[:first], *records[first + 1 :]]
    sources: dict[str, str] = {}
    for record in ordered:
        for name in parts(record.values.get(rules.fields_column)):
            _claim(sources, name, record.text(rules.id_column), rules, master)
    for name, rule in rules.take.items():
        if name not in sources:  # a cell speaks for its own group, a rule for all
            source = _source(ordered, name, rule, rules, master)
            sources[name] = source.text(rules.id_column)
    return master, [*ids[:first], *ids[first + 1 :]], sources


def _once(records: Iterable[Row], rules: Rules) -> list[Row]:
    """Return *records* without those that say again what one of them says."""
    known: dict[str, Row] = {}
    kept: list[Row] = []
    for record in records:
        first = known.setdefault(record.text(rules.id_column), record)
        if first is record or first.values != record.values:
            kept.append(record)
    return kept


def _master(records: Sequence[Row], rules: Rules) -> int:
    """Return the place of the record that stays; of equal ones the first."""
    places = range(len(records))
    if rules.master_rule is MasterRule.COLUMN:
        return _marked(records, rules)
    if rules.master_rule is MasterRule.MOST_FILLED:
        aside = {rules.group_column, rules.id_column, rules.master_column, rules.fields_column}
        counts = [sum(map(bool, map(r.text, r.values.keys() - aside))) for r in records]
        return max(places, key=counts.__getitem__)
    times = [_time(record, rules.created_column, rules) for record in records]
    pick = min if rules.master_rule is MasterRule.OLDEST else max
    return pick(places, key=times.__getitem__)


def _marked(records: Sequence[Row], rules: Rules) -> int:
    column = rules.master_column
    ids = [record.text(rules.id_column) for record in records]
    marked: set[int] = set()
    for place, record in enumerate(records):
        cell = record.text(column)
        if cell in ids:
            marked.add(ids.index(cell))
        elif cell.lower() in _YES:
            marked.add(place)
        elif cell.lower() not in _NO:
            sentence = f"{cell!r} is neither a mark (yes, no) nor the id of one of the group"
            raise Unfit("INVALID_ID", sentence, column)
    if len(marked) != 1:
        sentence = f"{len(marked) or 'none'} of the group's records is marked as the master"
        raise Unfit("NO_SINGLE_MASTER", sentence, column)
    return marked.pop()


def _source(ordered: Sequence[Row], name: str, rule: FieldRule, rules: Rules, master: str) -> Row:
    """Return the record whose value a field takes; the master is the first of *ordered*."""
    filled = [record for record in ordered if record.text(name)]
    if rule is FieldRule.KEEP or not filled:
        return ordered[0]
    if rule is FieldRule.FIRST_FILLED:
        return filled[0]
    return max(filled, key=lambda record: _time(record, rules.modified_column, rules, master))


def _time(record: Row, column: str, rules: Rules, master: str = "") -> datetime:
    text = record.text(column)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        sentence = f"record {record.text(rules.id_column)}: {text!r} is no ISO 8601 time"
        raise Unfit("INVALID_TIME", sentence, column, master) from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _claim(sources: dict[str, str], name: str, source: str, rules: Rules, master: str) -> None:
    if name in sources:
        sentence = f"field {name} is claimed more than once"
        raise Unfit("FIELD_CLAIMED_TWICE", sentence, rules.fields_column, master)
    sources[name] = source


def _check_id(value: str, column: str, master: str) -> None:
    if not RECORD_ID.fullmatch(value):
        raise Unfit("INVALID_ID", id_problem(value), column, master)


def _problems(group: Chain, sources: Mapping[str, str], module: str) -> Iterable[str]:
    """Say what the service would refuse, of one call or of all together."""
    times = Counter(group.records)
    found = [f"record {id_} is given more than once" for id_ in times if times[id_] > 1]
    together = {sources[name] for name in _TOGETHER if name in sources}
    if len(together) > 1:
        found.append(f"{' and '.join(_TOGETHER)} have to come from one record")
    for step in group.steps:
        found += merge_problems(module, group.master, step)
    return dict.fromkeys(found)


def parts(value: Any) -> tuple[str, ...]:
    """Return the words of a cell, or the items of a list as JSON lines may hold one."""
    if isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        return tuple(str(item).strip() for item in items)
    return tuple(part for part in _BETWEEN.split(str(value or "")) if part)


def _rule(kind: type[_Rule], value: str, what: str) -> _Rule:
    try:
        return kind(value.replace("-", "_"))
    except ValueError:
        known = ", ".join(str(rule) for rule in kind)
        raise InvalidRequest(f"{what} is {value!r}: take one of {known}") from None
