"""Dry runs of merges: each merged record beside its parts."""

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from zohocrm_async.cli.output import json_lines, show, table
from zohocrm_async.jobs import MergeJob
from zohocrm_async.jobs.preview import Preview

_LONGEST = 40


async def show_previews(job: MergeJob, groups: Path, most: int, *, as_json: bool) -> bool:
    """Show the first *most* groups as they would become; whether all can be merged."""
    ok, shown = True, 0
    async with contextlib.aclosing(job.preview(groups)) as previews:
        async for preview in previews:
            (_print_json if as_json else _print)(preview)
            ok = ok and preview.problem is None
            shown += 1
            if shown == most:
                break
    if not as_json:
        show(f"{shown:,} group{'' if shown == 1 else 's'} shown, nothing merged.", style="bold")
    return ok


def _print(preview: Preview) -> None:
    title = f"Row {preview.position}: {preview.master or 'no master'}"
    if preview.problem is not None:
        show(f"{title} - cannot be merged: {preview.problem}", style="red")
        return
    children = [id_ for id_ in preview.parts if id_ != preview.master]
    table(
        ("FIELD", "MERGED", "MASTER", *children),
        _rows(preview),
        title=f"{title}, {preview.calls} call{'s' if preview.calls > 1 else ''}",
    )


def _rows(preview: Preview) -> Iterable[tuple[str, ...]]:
    """Yield the fields in which the records differ; > marks where a value comes from."""
    merged = preview.merged
    for name in dict.fromkeys((*preview.sources, *preview.differing)):
        source = preview.sources.get(name, preview.master)
        parts = (
            ("> " if id_ == source else "  ") + _text(None if record is None else record.get(name))
            for id_, record in preview.parts.items()
        )
        yield (name, _text(merged.get(name)), *parts)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        reference = cast("dict[str, Any]", value)
        value = reference.get("name") or reference.get("id") or reference
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _print_json(preview: Preview) -> None:
    json_lines(
        [
            {
                "row": preview.position,
                "master": preview.master,
                "calls": preview.calls,
                "problem": preview.problem,
                "merged": dict(preview.merged),
                "sources": dict(preview.sources),
                "parts": {
                    id_: None if record is None else dict(record)
                    for id_, record in preview.parts.items()
                },
            }
        ]
    )
