"""Links between records, and the lists of related records that there are.

What is linked to what, and by which fields children name their parents.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field, frozen

from zohocrm_async.emulator.errors import Refusal
from zohocrm_async.emulator.shapes import is_object

Row = dict[str, Any]
End = tuple[str, str]
"""A module and the id of a record."""

NOTES, LOCKS, CONTACT_ROLES = "Notes", "Locking_Information__s", "Contact_Roles"
_ACTIVITIES = ("Tasks", "Events", "Calls")
# Which modules' records are linked to each other, in both directions.
_LINKED = {
    "Campaigns": ("Leads", "Contacts"),
    "Products": ("Leads", "Accounts", "Contacts", "Deals", "Price_Books"),
}
# The keys that a link may have beside the id, by the modules at its ends.
_SAYS: Mapping[frozenset[str], tuple[str, ...]] = {
    frozenset({"Campaigns", "Leads"}): ("Member_Status",),
    frozenset({"Campaigns", "Contacts"}): ("Member_Status",),
    frozenset({"Products", "Price_Books"}): ("list_price",),
    frozenset({"Deals", "Contacts"}): ("Contact_Role",),
}


@frozen
class RelatedList:
    """A list of the records that are related to one."""

    name: str
    module: str
    """Whose records it holds."""
    linked: bool
    """Whether calls can link them."""
    named: bool
    """Whether they are those that name the record in a field."""
    says: tuple[str, ...] = ()
    """Keys of the links."""


def related_list(module: str, name: str, modules: tuple[str, ...]) -> RelatedList:
    """Return the list called *name* of a module.

    Raises:
        Refusal: the module has no such list.
    """
    if module == "Deals" and name == CONTACT_ROLES:
        return RelatedList(name, "Contacts", linked=True, named=False, says=("Contact_Role",))
    says = _SAYS.get(frozenset({module, name}), ())
    if name in linked_modules(module):
        return RelatedList(name, name, linked=True, named=False, says=says)
    if name == LOCKS or name in modules:
        # A contact's deals are those it is named in, and those it plays a part in.
        return RelatedList(name, name, linked=bool(says), named=True, says=says)
    raise Refusal(
        "INVALID_DATA", "the relation name given seems to be invalid", resource_path_index=2
    )


def lists_of(module: str) -> tuple[str, ...]:
    """Return the names of a module's lists of linked records."""
    roles = (CONTACT_ROLES,) if module == "Deals" else ()
    return (*roles, *linked_modules(module))


def linked_modules(module: str) -> tuple[str, ...]:
    """Return the modules whose records can be linked to those of *module*."""
    others = (one for one, linked in _LINKED.items() if module in linked)
    return (*_LINKED.get(module, ()), *others)


def names_parent(child: Row, module: str, fields: Mapping[str, Row], parent: End) -> bool:
    """Whether *child*, a record of *module* with these *fields*, belongs to *parent*."""
    for name, value in child.items():
        if not is_object(value) or value.get("id") != parent[1]:
            continue
        if name == "Parent_Id" or (module in _ACTIVITIES and name in {"What_Id", "Who_Id"}):
            return True
        known = fields.get(name)
        if known is None:  # a field that only the record knows
            return name not in {"Owner", "Created_By", "Modified_By"}
        lookup: Any = known.get("lookup")
        if is_object(lookup) and lookup["module"]["api_name"] == parent[0]:
            return True
    return False


@define(eq=False)
class Links:
    """Every link between two records, with what is said of it."""

    _rows: dict[End, dict[End, Row]] = field(factory=dict[End, dict[End, Row]])

    def of(self, end: End, module: str) -> Iterator[tuple[str, Row]]:
        """Yield the ids of a module's records that are linked to *end*, with their links."""
        for (other, id_), row in self._rows.get(end, {}).items():
            if other == module:
                yield id_, row

    def find(self, one: End, other: End) -> Row | None:
        """Return what is said of the link between two records; None where there is none."""
        return self._rows.get(one, {}).get(other)

    def put(self, one: End, other: End, values: Row) -> bool:
        """Link two records, or change their link; return whether it is new."""
        row = self.find(one, other)
        if row is not None:
            row.update(values)
            return False
        shared = dict(values)
        self._rows.setdefault(one, {})[other] = shared
        self._rows.setdefault(other, {})[one] = shared
        return True

    def drop(self, one: End, other: End) -> bool:
        """Take a link away; return whether there was one."""
        if self.find(one, other) is None:
            return False
        del self._rows[one][other], self._rows[other][one]
        return True
