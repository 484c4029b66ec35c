"""Modules that need an extra say so where it is not installed."""

import importlib
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "library", "extra"),
    [
        ("fastapi", "fastapi", "fastapi"),
        ("dashboard", "fastapi", "fastapi"),
        ("opentelemetry", "opentelemetry.trace", "opentelemetry"),
        ("redis", "redis", "redis"),
    ],
)
def test_what_to_install_is_told(
    monkeypatch: pytest.MonkeyPatch, module: str, library: str, extra: str
) -> None:
    monkeypatch.delitem(sys.modules, f"zohocrm_async.{module}", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=rf"pip install 'zohocrm-async\[{extra}\]'"):
        importlib.import_module(f"zohocrm_async.{module}")
