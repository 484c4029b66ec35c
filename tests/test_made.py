"""What is made from the declarations is as they are now."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.made import MADE, stale
from zohocrm_async.api import find_operation, operations

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("path", MADE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_it_is_up_to_date(path: Path) -> None:
    """``python -m tools`` makes it anew."""
    made = path.read_text(encoding="utf-8") == MADE[path]()
    assert made, f"{path.name} is out of date: run python -m tools"


def test_nothing_else_stands_beside_it() -> None:
    """Such as the page of a family that there is no more."""
    assert stale() == []


def test_every_operation_is_found_by_its_path() -> None:
    """As the table has it: with no family loaded but its own."""
    for operation in operations():
        if operation.host == "link" or operation.path.startswith("/crm/"):
            continue  # not below the version
        path = operation.path.replace("{module}", "Boats").replace("{related_list}", "Sails")
        found = find_operation(operation.method, path.replace("{", "").replace("}", ""))
        assert found is not None
        assert found.path.count("{") <= operation.path.count("{")


def test_a_path_loads_no_family_but_its_own() -> None:
    """The first raw request is not to wait for eighty modules."""
    code = (
        "import sys; from zohocrm_async.api import find_operation; "
        "assert find_operation('GET', '/settings/tags').name == 'tags.list'; "
        "print(sum(name.startswith('zohocrm_async.api.') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 2  # the table and the family
