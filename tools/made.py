"""The files that are made, and what makes each."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tools import coverage, paths, reference

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
MADE: Mapping[Path, Callable[[], str]] = {
    ROOT / "zohocrm_async" / "api" / "_paths.py": paths.text,
    ROOT / "docs" / "coverage.md": coverage.text,
    **{REFERENCE / path: text for path, text in reference.pages().items()},
}


def stale() -> list[Path]:
    """Return the pages of the reference that are made no more."""
    return sorted({*REFERENCE.rglob("*.md")} - MADE.keys())
