"""A result as the content of an answer: text for a model, images and tables, and all of it as data.

The structured content is what :mod:`ringfence.model.as_json` makes of a result, with three names
more (``run_id``, ``session_id``, ``notices``). Bytes that a guest displayed are told once: as
content of the answer, and in the structured content as ``{"$type": "content", "index": N}``.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import mcp_types as types

from ringfence.mcp.server.images import is_picture
from ringfence.model.as_json import result_as_json

if TYPE_CHECKING:
    from ringfence.model import Display, Result

__all__ = ["answer_of", "data_answer", "refusal"]

_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_TEXTS = ("text/markdown", "text/html", "image/svg+xml", "text/latex", "application/json")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,64}/[a-z0-9.+-]{1,64}")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff]")
_MOST_DISPLAYS = 64


def answer_of(
    result: Result, *, run_id: str, session_id: str | None, notices: Sequence[str], shown: int
) -> types.CallToolResult:
    """The answer of ``run_python``.

    Args:
        result: what came of the run.
        run_id: of the run; the audit log has it, too.
        session_id: the session, if it was in one.
        notices: what else there is to say.
        shown: characters of text; what is longer is cut in its middle. The data has all.
    """
    data = result_as_json(result)
    content: list[types.ContentBlock] = []
    for number, display in enumerate(result.displays[:_MOST_DISPLAYS]):
        # The first block is text, which is made last.
        _show(display, run_id, number, content, data["displays"][number])
    told = [*notices]
    if len(result.displays) > _MOST_DISPLAYS:
        told.append(f"{len(result.displays) - _MOST_DISPLAYS} more displays are in the data only")
    text = types.TextContent(text=_cut(_text(result, data, told), shown))
    data["run_id"] = run_id
    data["session_id"] = session_id
    data["notices"] = told
    return types.CallToolResult(
        content=[text, *content], structured_content=data, is_error=result.status != "ok"
    )


def data_answer(data: Mapping[str, Any]) -> types.CallToolResult:
    """An answer that is data of ours, and the same as text."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    return types.CallToolResult(
        content=[types.TextContent(text=text)], structured_content=dict(data)
    )


def refusal(
    text: str, faults: Iterable[Any] = (), *, retry_after: float | None = None
) -> types.CallToolResult:
    """An answer that says why nothing was done.

    Args:
        text: why.
        faults: of the arguments: objects with ``field``, ``expected`` and ``got``.
        retry_after: seconds after which it may go better; None where nobody knows.
    """
    told = [{"field": one.field, "expected": one.expected, "got": one.got} for one in faults]
    data: dict[str, Any] = {"refused": text, "errors": told}
    if retry_after is not None:
        data["retry_after_seconds"] = math.ceil(retry_after)
    return types.CallToolResult(
        content=[types.TextContent(text=text)], structured_content=data, is_error=True
    )


def _text(result: Result, data: Mapping[str, Any], notices: Iterable[str]) -> str:
    parts: list[str] = []
    if result.stdout:
        parts.append(result.stdout.rstrip("\n"))
    if result.stderr:
        parts.append(f"[stderr]\n{result.stderr.rstrip()}")
    if result.value is not None:
        value = result.value
        parts.append(value if type(value) is str else json.dumps(data["value"], ensure_ascii=False))
    if result.status != "ok":
        what = result.status if result.limit is None else f"{result.status}: {result.limit}"
        error = result.error
        told = "" if error is None else (error.traceback or f"{error.type}: {error.message}")
        parts.append(f"[{what}]\n{told.rstrip()}".rstrip())
    parts += [f"[notice] {one}" for one in notices]
    return _CONTROLS.sub("\ufffd", "\n".join(parts)) or "[ok, no output]"


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    half = most // 2
    left_out = len(text) - 2 * half
    note = f"\n[… {left_out:,} characters are left out; print less …]\n"
    return f"{text[:half]}{note}{text[-half:]}"


def _show(
    display: Display,
    run_id: str,
    number: int,
    content: list[types.ContentBlock],
    data: dict[str, Any],
) -> None:
    """Add the best of a display's media types to the content."""
    for kind, value in display.data.items():
        if kind in _IMAGES and isinstance(value, bytes) and is_picture(kind, value):
            data[kind] = {"$type": "content", "index": len(content) + 1}
            encoded = base64.b64encode(value).decode("ascii")
            content.append(types.ImageContent(data=encoded, mime_type=kind))
            return
    for kind in (*_TEXTS, "text/plain"):
        found = display.data.get(kind)
        if not isinstance(found, str):
            continue
        text = _CONTROLS.sub("\ufffd", found)
        if kind == "text/plain":
            content.append(types.TextContent(text=text))
            return
        where = f"ringfence://runs/{run_id}/displays/{number}"
        held = types.TextResourceContents(uri=where, mime_type=kind, text=text)
        plain = display.data.get("text/plain")
        if kind == "text/html" and isinstance(plain, str):  # a table that models read as well
            content.append(types.TextContent(text=_CONTROLS.sub("\ufffd", plain)))
        content.append(types.EmbeddedResource(resource=held))
        return
    for kind, value in display.data.items():
        if isinstance(value, bytes) and _MEDIA_TYPE.fullmatch(kind):
            data[kind] = {"$type": "content", "index": len(content) + 1}
            where = f"ringfence://runs/{run_id}/displays/{number}"
            encoded = base64.b64encode(value).decode("ascii")
            told = "application/octet-stream" if kind in _IMAGES else kind  # it is no picture
            blob = types.BlobResourceContents(uri=where, mime_type=told, blob=encoded)
            content.append(types.EmbeddedResource(resource=blob))
            return
