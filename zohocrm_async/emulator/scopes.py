"""Whether the scopes of a token allow a call."""

from functools import cache

from zohocrm_async._scope_words import ANY_MODULE, needed_scopes
from zohocrm_async.emulator.errors import Refusal

# The merge page asks for WRITE, the list of operations for CREATE.
_MERGE_ACTIONS = ("WRITE", "CREATE", "UPDATE")


def check_scopes(held: frozenset[str] | None, method: str, path: str, module: str) -> None:
    """Refuse a call that *held* does not allow; None holds everything.

    Raises:
        Refusal: a scope is missing.
    """
    if held is not None and not _allowed(held, method, path, module):
        raise Refusal("OAUTH_SCOPE_MISMATCH", "Unauthorized", status=401)


@cache
def _allowed(held: frozenset[str], method: str, path: str, module: str) -> bool:
    own, *beside = needed_scopes(method, path, module)
    actions: tuple[str, ...] = (own.rpartition(".")[2],)
    if path.endswith("/actions/merge") and method == "POST":
        actions = _MERGE_ACTIONS
    lowered = {entry.lower() for entry in held}
    return _has(lowered, own, actions) and all(
        _has(lowered, scope, (scope.rpartition(".")[2],)) for scope in beside
    )


def _has(held: set[str], scope: str, actions: tuple[str, ...]) -> bool:
    """Whether *held* has *scope*, with one of *actions*, or a wider one."""
    if scope == ANY_MODULE:  # which module it is, the path does not tell
        return any(entry.startswith("zohocrm.modules") for entry in held)
    choices = _choices(scope.rpartition(".")[0], actions)
    return any(choice.lower() in held for choice in choices)


def _choices(stem: str, actions: tuple[str, ...]) -> list[str]:
    """Return every scope that allows one of *actions*: the exact one and wider ones."""
    root, family, *rest = stem.split(".")
    words = (*actions, "ALL")
    choices = [f"{stem}.{word}" for word in words]
    if rest:
        choices += [f"{root}.{family}.{word}" for word in words]
        choices += [f"{root}.{family}.all.{word}" for word in words]
    return choices
