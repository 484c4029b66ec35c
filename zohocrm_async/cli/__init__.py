"""The command ``zohocrm``."""

import sys

_USAGE = 2


def main() -> None:
    """Run the command; what it needs beyond the package comes with the extra ``cli``."""
    try:
        from zohocrm_async.cli.app import app  # noqa: PLC0415  # typer and rich may be missing
    except ModuleNotFoundError as error:
        if error.name not in {"typer", "rich"}:
            raise
        sys.stderr.write(
            f"error: the command needs {error.name}: pip install 'zohocrm-async[cli]'\n"
        )
        sys.exit(_USAGE)
    app(prog_name="zohocrm")
