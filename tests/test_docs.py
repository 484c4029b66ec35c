"""The examples of the README and the documentation run, against an emulator."""

import asyncio
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from zohocrm_async.api import operations

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# The application runs until it is told to stop; it has a test of its own.
EXAMPLES = sorted({*(ROOT / "examples").glob("*.py")} - {ROOT / "examples" / "fastapi_app.py"})
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SETTINGS = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEADS = "Last_Name,Email\nBoyle,p.boyle@example.com\nSmith,j.smith@example.com\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Give what `from_env` reads, of an emulator in a process of its own."""
    leads = tmp_path_factory.mktemp("docs") / "leads.csv"
    leads.write_text(LEADS)
    command = [sys.executable, "-m", "zohocrm_async.emulator", "--csv", f"Leads={leads}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            ready = orjson.loads(process.stdout.readline())
            yield ready["env"]
        finally:
            process.terminate()


@pytest.fixture(autouse=True)
def organisation(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Let every example find the emulator, and an empty folder to work in."""
    for name in [name for name in os.environ if name.startswith("ZOHO_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_of_a_page_runs(page: Path) -> None:
    """From top to bottom; programs run, and tests are awaited."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, code in enumerate(BLOCK.findall(page.read_text()), start=1):
        if "@pytest.fixture" in code:
            continue  # pytest itself runs it
        exec(compile(code, f"{page.name} example {number}", "exec"), names)
    for name, value in list(names.items()):
        if name.startswith("test_") and inspect.iscoroutinefunction(value):
            asyncio.run(value())


def test_the_tests_of_the_emulator_s_page_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the fixtures and the settings that stand beside them, and no warning."""
    page = (ROOT / "docs" / "emulator.md").read_text()
    [tests] = [code for code in BLOCK.findall(page) if "@pytest.fixture" in code]
    [settings] = SETTINGS.findall(page)
    (tmp_path / "test_page.py").write_text(tests)
    (tmp_path / "pyproject.toml").write_text(settings)
    # In this process, as imports take longer than the tests.
    outcome = pytest.main(["-q", "-W", "error", "-p", "no:xdist", f"--rootdir={tmp_path}"])
    assert outcome == pytest.ExitCode.OK
    assert "8 passed" in capsys.readouterr().out


def test_the_readme_counts_the_operations() -> None:
    """As the table of all of them does."""
    [said] = re.findall(r"all (\d+) operations", (ROOT / "README.md").read_text())
    assert int(said) == len(operations())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_runs(example: Path) -> None:
    """As somebody would run it."""
    done = subprocess.run(
        [sys.executable, str(example)], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
