"""attrs classes of an organisation's records, written from what it says of its fields."""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence

from attrs import Factory, define, frozen

from zohocrm_async._generation.layout import WIDTH, attribute, imported, literal, member
from zohocrm_async._generation.names import (
    Names,
    attribute_name,
    class_name,
    member_name,
    singular,
)
from zohocrm_async.models.fields import DataType, Field
from zohocrm_async.models.modules import Module

MARK = "made by `zohocrm models`, not by hand"
# Attributes of these names would hide what later annotations mean.
_MEANT = ("id", "date", "datetime", "field", "frozen", "str", "int", "float", "bool", "tuple")
_IMPORTED = ("Any", "Mapping", "Reference", "Tag", "Word")
_LONGEST_CLASS = 61
"""With the name of its attribute: a line holds no more beside what is always there."""
_NO_CHOICE = "-None-"
_OBJECTS = "tuple[Mapping[str, Any], ...]"
_SELECTED = frozenset({DataType.PICKLIST, DataType.MULTISELECTPICKLIST})
_WORKED_OUT = frozenset({DataType.AUTONUMBER, DataType.FORMULA, DataType.ROLLUP_SUMMARY})
_BY_DATA_TYPE = {
    DataType.BOOLEAN: "bool",
    DataType.DATE: "date",
    DataType.DATETIME: "datetime",
    DataType.LOOKUP: "Reference",
    DataType.USERLOOKUP: "Reference",
    DataType.OWNERLOOKUP: "Reference",
    DataType.MULTISELECTLOOKUP: _OBJECTS,
    DataType.MULTIUSERLOOKUP: _OBJECTS,
    DataType.FILEUPLOAD: _OBJECTS,
    DataType.IMAGEUPLOAD: _OBJECTS,
}
_BY_JSON_TYPE = {
    "string": "str",
    "integer": "int",
    "long": "int",
    "double": "float",
    "boolean": "bool",
    "jsonobject": "Mapping[str, Any]",
    "jsonarray": "tuple[Any, ...]",
}
# Where nothing is said of the JSON, such as of what a formula works out.
_BY_WORD = {
    "integer": "int",
    "bigint": "int",
    "number": "float",
    "currency": "float",
    "double": "float",
    "percent": "float",
    "decimal": "float",
    "string": "str",
    "text": "str",
    "textarea": "str",
    "email": "str",
    "phone": "str",
    "website": "str",
    "autonumber": "str",
    "picklist": "str",
    "multiselectpicklist": "tuple[str, ...]",
}


@frozen
class ModuleFields:
    """A module with its fields."""

    module: Module
    fields: tuple[Field, ...]


@frozen
class _Attribute:
    name: str
    wire: str
    kind: str
    new_kind: str
    required: bool
    read_only: bool

    def lines(self, *, new: bool) -> Iterable[str]:
        """Yield the attribute, of a record as it is read or of a *new* one."""
        wire = [] if self.wire == self.name else [f'metadata={{"wire": {literal(self.wire)}}}']
        kind = self.new_kind if new else self.kind
        if new and self.required:
            return attribute(self.name, kind, wire)
        if kind.startswith("tuple"):
            return attribute(self.name, kind, ["default=()", *wire])
        annotation = kind if kind == "Any" else f"{kind} | None"
        return attribute(self.name, annotation, ["default=None", *wire])


@define
class _Writer:
    """Writes classes one after the other; knows the names they have."""

    subforms: Mapping[str, tuple[Field, ...]]
    classes: list[list[str]] = Factory(list[list[str]])
    taken: Names = Factory(lambda: Names(_IMPORTED))
    subform_classes: dict[str, tuple[str, str]] = Factory(dict[str, tuple[str, str]])
    used: set[str] = Factory(set[str])
    """Names that annotations and classes need."""

    def add(
        self, name: str, what: str, fields: Sequence[Field], longest: int = _LONGEST_CLASS
    ) -> tuple[str, str]:
        """Write the classes of *what*: as it is read, and as it is new; return their names."""
        name = self.taken.take(name, longest)
        new = self.taken.take(f"New{name}", longest + len("New"))
        attributes = self._attributes(name, fields)
        lines = [line for each in attributes for line in each.lines(new=False)]
        self._write(name, f"{what}, as it is read.", ["    id: str", *lines])
        writable = [each for each in attributes if not each.read_only]
        lines = [line for each in writable for line in each.lines(new=True)]
        self._write(new, f"{what} to create.", lines)
        return name, new

    def _write(self, name: str, what: str, body: Sequence[str]) -> None:
        lines = ["@frozen(kw_only=True)", f"class {name}:", f'    """{what}"""']
        self.used.add("frozen")
        if any("= field(" in line for line in body):
            self.used.add("field")
        self.classes.append([*lines, *([""] if body else []), *body])

    def _attributes(self, owner: str, fields: Sequence[Field]) -> list[_Attribute]:
        names, found = Names(_MEANT), list[_Attribute]()
        for field in fields:
            if field.api_name == "id" or field.type == "unused":
                continue
            name = names.take(attribute_name(field.api_name))
            kind, new_kind = self._kinds(owner, name, field)
            self.used.update(re.findall(r"\w+", kind))
            required, read_only = field.system_mandatory is True, is_read_only(field)
            found.append(_Attribute(name, field.api_name, kind, new_kind, required, read_only))
        return found

    def _kinds(self, owner: str, name: str, field: Field) -> tuple[str, str]:
        """Return the annotations of a field, as it is read and in a new record."""
        kind = field.data_type
        if kind is DataType.SUBFORM:
            return self._subform(name, field)
        if field.api_name == "Tag":
            found = "tuple[Tag, ...]"
        elif kind in _SELECTED and _choices(field):
            made = self._enumeration(owner, name, field)
            found = f"tuple[{made}, ...]" if kind is DataType.MULTISELECTPICKLIST else made
        else:
            found = plain_type(field)
        return found, found

    def _subform(self, name: str, field: Field) -> tuple[str, str]:
        module = (field.subform.module if field.subform else None) or ""
        fields = self.subforms.get(module)
        if not fields:
            return _OBJECTS, _OBJECTS
        if module not in self.subform_classes:
            longest = _LONGEST_CLASS - len(name) - len("New")
            self.subform_classes[module] = self.add(
                class_name(singular(module)), f"A line of {module}", fields, longest
            )
        read, new = self.subform_classes[module]
        return f"tuple[{read}, ...]", f"tuple[{new}, ...]"

    def _enumeration(self, owner: str, name: str, field: Field) -> str:
        own = class_name(field.api_name)
        longest = _LONGEST_CLASS - len(name)
        made = self.taken.take(own if own.startswith(owner) else f"{owner}{own}", longest)
        members = Names()
        self.used.add("Word")
        lines = [f"class {made}(Word):", f'    """Choices of {field.api_name}."""', ""]
        for number, value in enumerate(_choices(field), start=1):
            lines += member(members.take(member_name(value, number)), value)
        self.classes.append(lines)
        return made


def source(
    modules: Sequence[ModuleFields], subforms: Mapping[str, tuple[Field, ...]], command: str
) -> str:
    """Return a module of Python with the classes of *modules*.

    Args:
        modules: the modules with their fields.
        subforms: the fields of the modules behind subforms, by API name.
        command: what makes it anew.
    """
    writer = _Writer(subforms)
    for each in modules:
        api_name = each.module.api_name
        label = each.module.actual_singular_label or each.module.singular_label or ""
        name = label if label.isascii() and label.replace(" ", "").isalnum() else api_name
        writer.add(class_name(name), f"A record of {api_name}", each.fields)
    body = "\n\n\n".join("\n".join(lines) for lines in writer.classes)
    names = ", ".join(each.module.api_name for each in modules)
    listed = textwrap.fill(f"Of {names}; anew with: {command}", WIDTH, break_on_hyphens=False)
    head = f'"""Records of the organisation: {MARK}.\n\n{listed}\n"""'
    return f"{head}\n\n{_imports(writer.used)}\n\n\n{body}\n"


def _imports(used: set[str]) -> str:
    standard = [
        *imported("collections.abc", used & {"Mapping"}),
        *imported("datetime", used & {"date", "datetime"}),
        *imported("typing", used & {"Any"}),
    ]
    ours = [
        *imported("attrs", used & {"field", "frozen"}),
        *imported("zohocrm_async.models", used & {"Reference", "Tag", "Word"}),
    ]
    return "\n\n".join("\n".join(block) for block in (standard, ours) if block)


def is_read_only(field: Field) -> bool:
    """Whether the service alone sets a field."""
    ways = field.operation_type
    closed = ways is not None and ways.api_create is False and ways.api_update is False
    known = field.data_type in _WORKED_OUT or field.read_only is True
    return bool(known or field.field_read_only or closed)


def plain_type(field: Field) -> str:
    """Return the annotation of a field that needs no class of its own."""
    kind: str | None = field.data_type
    if kind == DataType.FORMULA and field.formula is not None:
        kind = field.formula.return_type
    found = _BY_DATA_TYPE.get(DataType(kind)) if kind else None
    return found or _BY_JSON_TYPE.get(field.json_type or "") or _BY_WORD.get(kind or "", "Any")


def _choices(field: Field) -> list[str]:
    """Return the values that a field may have, each once."""
    values = [value.actual_value or value.display_value for value in field.pick_list_values]
    return list(dict.fromkeys(value for value in values if value and value != _NO_CHOICE))
