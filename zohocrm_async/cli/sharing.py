"""Options that are written once for several commands."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from zohocrm_async.cli.running import errors_shown

T = TypeVar("T")


def with_options(options: Callable[..., T]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a command take the options of *options* too, whose result is its first argument.

    Those that both name are given to both.
    """
    theirs = inspect.signature(options).parameters

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        _, *rest = inspect.signature(command).parameters.values()
        own = {parameter.name: parameter for parameter in rest}

        def run(**given: Any) -> None:
            with errors_shown():
                made = options(**{name: given[name] for name in theirs})
            command(made, **{name: given[name] for name in own})

        parameters = {**theirs, **own}
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        run.__annotations__ = {name: one.annotation for name, one in parameters.items()}
        run.__signature__ = inspect.Signature(list(parameters.values()))  # type: ignore[attr-defined]  # what typer reads
        return run

    return decorate
