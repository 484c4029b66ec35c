"""The table by which the operation of a path is found without loading every family."""

from zohocrm_async.api import operations

_HEAD = '''"""Method, path and name of every operation that has a path of its own.

By it the operation of a path is found without loading any family. ``python -m tools``
makes it from the declarations.
"""

# ruff: noqa: E501  # paths are as long as they are

PATHS = """\\
'''


def text() -> str:
    """Return the module."""
    lines = [
        f"{operation.method} {operation.path} {operation.name}"
        for operation in operations()
        if operation.host != "link"
    ]
    return "\n".join([_HEAD.rstrip("\n"), *lines, '"""', ""])
