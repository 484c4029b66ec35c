"""The public surface is small, sorted and cheap to import."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import zohocrm_async
from zohocrm_async import models
from zohocrm_async._endpoint import Resource
from zohocrm_async.api import declarations

PACKAGE = Path(zohocrm_async.__file__).parent
MODELS, FAMILIES = PACKAGE / "models", PACKAGE / "api"


def test_all_names_what_there_is() -> None:
    """Sorted, complete, and nothing more."""
    assert sorted(zohocrm_async.__all__) == zohocrm_async.__all__
    assert all(hasattr(zohocrm_async, name) for name in zohocrm_async.__all__)


@pytest.mark.parametrize("name", dir(models))
def test_every_model_is_importable_from_models(name: str) -> None:
    """The lazy index names the right home."""
    found = getattr(models, name)
    assert found.__module__.startswith("zohocrm_async.models.")
    assert found.__doc__


def test_every_public_model_is_in_the_index() -> None:
    """No class is forgotten."""
    for path in MODELS.glob("[!_]*.py"):
        home = f"zohocrm_async.models.{path.stem}"
        module = importlib.import_module(home)
        for name, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == home and not name.startswith("_"):
                assert name in dir(models)


def test_checkers_see_the_models_that_there_are() -> None:
    """The stub and the index name the same classes, each from its home."""
    stub = ast.parse((MODELS / "__init__.pyi").read_text())
    seen = {
        (node.module, alias.name)
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {(getattr(models, name).__module__, name) for name in dir(models)}


def test_every_family_is_in_the_index() -> None:
    """No family is forgotten, and a client has them all as attributes."""
    for path in FAMILIES.glob("[!_]*.py"):
        importlib.import_module(f"zohocrm_async.api.{path.stem}")
    found = {
        op.name.partition(".")[0] for cls in families(Resource) for op in cls.operations.values()
    }
    assert found == {name.partition(".")[0] for name in declarations()}


def families(base: type[Resource]) -> list[type[Resource]]:
    """Return the families that the package defines."""
    return [cls for cls in base.__subclasses__() if cls.__module__.startswith("zohocrm_async.api")]


def test_an_unknown_model_is_an_attribute_error() -> None:
    """As of any module."""
    missing = "Nothing"
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        getattr(models, missing)


def test_importing_the_package_loads_no_family_and_no_converter() -> None:
    """What is not used costs nothing."""
    code = (
        "import sys, zohocrm_async; "
        "print([m for m in sys.modules if m.startswith(('cattrs', 'sqlite3', 'typer', 'rich')) "
        "or m.startswith('zohocrm_async.api.') or m == 'zohocrm_async.models.mail'])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
