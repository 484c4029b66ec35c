"""Names for what an organisation calls as it likes: identifiers that clash with nothing."""

import keyword
import re
import unicodedata
from collections.abc import Iterable

_LONGEST = 44
"""So that a line with an attribute of the longest name still fits."""


class Names:
    """Names that are taken within one scope."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, name: str, longest: int = _LONGEST) -> str:
        """Return *name*, or another like it that nothing else has; take it."""
        if keyword.iskeyword(name) or keyword.issoftkeyword(name):
            name = f"{name}_"
        found, number = name[:longest], 2
        while found in self._taken:
            end = f"_{number}" if not found.endswith("_") else str(number)
            found, number = f"{name[: longest - len(end)]}{end}", number + 1
        self._taken.add(found)
        return found


def attribute_name(api_name: str) -> str:
    """Return what an attribute is called: ``Last_Name`` becomes ``last_name``."""
    return _begun(_words(api_name).lower(), "field_")


def class_name(text: str) -> str:
    """Return what a class is called: ``Price_Books`` becomes ``PriceBooks``."""
    parts = [part for part in _words(text).split("_") if part]
    return _begun("".join(part[:1].upper() + part[1:] for part in parts), "Class")


def member_name(value: str, number: int) -> str:
    """Return what a choice is called: ``Not Contacted`` becomes ``NOT_CONTACTED``."""
    words = _words(value).strip("_").upper()
    return _begun(words, "VALUE_") if words else f"VALUE_{number}"


def singular(api_name: str) -> str:
    """Return *api_name* without the s of the plural."""
    plural = api_name.endswith("s") and not api_name.endswith(("ss", "us", "__s"))
    return api_name[:-1] if plural else api_name


def _words(text: str) -> str:
    """Return *text* in ASCII letters and digits, with one ``_`` where it has others."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")


def _begun(name: str, start: str) -> str:
    """Return *name* so that it begins with a letter."""
    return name if name[:1].isalpha() else f"{start}{name}"
