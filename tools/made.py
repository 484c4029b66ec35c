"""The files that are made, and what makes each."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tools import coverage, paths, reference

ROOT = Path(__file__).parent.parent
MADE: Mapping[Path, Callable[[], str]] = {
    ROOT / "zohocrm_async" / "api" / "_paths.py": paths.text,
    ROOT / "docs" / "reference.md": reference.text,
    ROOT / "docs" / "coverage.md": coverage.text,
}
