"""Texts with columns in them."""

import re
import string
from collections.abc import Callable, Mapping
from typing import Any


class Text(string.Template):
    """A text that takes columns of a row: ``$Name`` or ``${Name with blanks}``."""

    # Columns have blanks and letters of any alphabet in their names. Zoho's own
    # placeholders have a dot or more in theirs, such as ${ConsentForm.en_US}.
    idpattern = r"[^\W\d]\w*"
    braceidpattern = r"[^\W\d][\w -]*"

    def __init__(self, template: str) -> None:
        super().__init__(template)
        self.columns = frozenset(self.get_identifiers())
        # Looked through once for all rows.
        self._form = self.pattern.sub(_place, template.replace("%", "%%"))

    def fill(self, values: Mapping[str, Any], clean: Callable[[str], str]) -> str:
        """Put the values in, each cleaned first; what is no column stays as it is."""
        shown = {name: clean(_shown(values.get(name))) for name in self.columns}
        return self._form % shown


def _place(found: re.Match[str]) -> str:
    """Return what stands in a %-form where *found* stands in the text."""
    if column := found["named"] or found["braced"]:
        return f"%({column})s"
    return "$" if found["escaped"] is not None else found[0]


def text(value: str | Text | None) -> Text | None:
    """Return *value* as a text, if there is any."""
    return Text(value) if isinstance(value, str) else value


def one_line(value: str) -> str:
    """Return *value* without line breaks and needless blanks."""
    return " ".join(value.split())


def _shown(value: object) -> str:
    return "" if value is None else str(value)
