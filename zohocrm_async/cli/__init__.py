"""The command ``zohocrm``."""

import io
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
    _speak_utf8()
    for word in sys.argv[1:]:
        if any("\ud800" <= sign <= "\udfff" for sign in word):  # bytes that are no letters
            sys.stderr.write(f"error: {word!a} is no text in this locale: try LC_ALL=C.UTF-8\n")
            sys.exit(_USAGE)
    app(prog_name="zohocrm")


def _speak_utf8() -> None:
    """Write UTF-8, which commands read, into files and pipes; to terminals what they can show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
