"""The public surface is small, sorted and cheap to import."""

import importlib
import subprocess
import sys

import pytest

import zohocrm_async
from zohocrm_async import models


def test_all_names_what_there_is() -> None:
    """Sorted, complete, and nothing more."""
    assert sorted(zohocrm_async.__all__) == zohocrm_async.__all__
    assert all(hasattr(zohocrm_async, name) for name in zohocrm_async.__all__)


@pytest.mark.parametrize("name", models.__all__)
def test_every_model_is_importable_from_models(name: str) -> None:
    """The lazy index names the right home."""
    found = getattr(models, name)
    assert found.__module__.startswith("zohocrm_async.models.")
    assert found.__doc__


def test_every_public_model_is_in_the_index() -> None:
    """No class is forgotten."""
    homes = {
        f"zohocrm_async.models.{m}"
        for m in (
            "apis", "common", "credits", "files", "mail", "merge", "organization", "records",
            "templates", "unsubscribe_links",
        )
    }  # fmt: skip
    for home in homes:
        module = importlib.import_module(home)
        for name, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == home and not name.startswith("_"):
                assert name in models.__all__


def test_an_unknown_model_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = models.Nothing


def test_importing_the_package_loads_no_family_and_no_converter() -> None:
    """What is not used costs nothing."""
    code = (
        "import sys, zohocrm_async; "
        "print([m for m in sys.modules if m.startswith(('cattrs', 'sqlite3', 'typer', 'rich')) "
        "or m.startswith('zohocrm_async.api.') or m == 'zohocrm_async.models.mail'])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
