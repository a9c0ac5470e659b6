"""The files of a session's working folder."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from ringfence.server.description import documented
from ringfence.server.house import house_of
from ringfence.server.problems import Problem
from ringfence.server.routes.asking import bytes_answer, caller_who_runs, json_answer
from ringfence.server.routes.sessions import SessionId
from ringfence.server.schemas import FileInfo, FileList
from ringfence_guest.protocol.file_names import why_not_a_name

__all__ = ["router"]

router = APIRouter(tags=["files"], prefix="/v1/sessions/{session_id}/files")

_Name = Annotated[str, Path(description="A relative path, as `data/in.csv`.")]
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_PROBLEMS: Any = (
    "unknown",
    "busy",
    "quota",
    "overloaded",
    "lost",
    "not-enforceable",
    "malformed",
)


def _checked(name: str, request: Request) -> str:
    """A name that a file may have.

    Raises:
        Problem: ``malformed``.
    """
    why = why_not_a_name(name)
    try:
        unquote_to_bytes(request.scope.get("raw_path") or b"").decode("utf-8")
    except UnicodeDecodeError:  # the path has something else in the place of such bytes
        why = "is no UTF-8"
    if why is not None:
        raise Problem("malformed", f"the name of the file {why}")
    return name


@router.get(
    "",
    responses={200: {"model": FileList, "description": "Done."}, **documented(*_PROBLEMS)},
    response_class=Response,
)
async def files(session_id: SessionId, request: Request) -> Response:
    """Names and sizes of a session's files."""
    caller = await caller_who_runs(request)
    return json_answer(await house_of(request).filing.page(caller, session_id))


@router.get(
    "/{name:path}",
    responses={200: {"description": "The file.", "content": _BYTES}, **documented(*_PROBLEMS)},
    response_class=Response,
)
async def download(session_id: SessionId, name: _Name, request: Request) -> Response:
    """Download a file."""
    caller = await caller_who_runs(request)
    content = await house_of(request).filing.read(caller, session_id, _checked(name, request))
    return bytes_answer(content, "file")


@router.put(
    "/{name:path}",
    responses={200: {"model": FileInfo, "description": "Written."}, **documented(*_PROBLEMS)},
    response_class=Response,
    openapi_extra={"requestBody": {"required": True, "content": _BYTES}},
)
async def upload(session_id: SessionId, name: _Name, request: Request) -> Response:
    """Write a file; folders on the way are made. It is saved with the session."""
    caller = await caller_who_runs(request)
    content = await request.body()
    told = await house_of(request).filing.write(
        caller, session_id, _checked(name, request), content
    )
    return json_answer(told)


@router.delete(
    "/{name:path}",
    status_code=204,
    responses=documented(*_PROBLEMS),
    response_class=Response,
)
async def remove(session_id: SessionId, name: _Name, request: Request) -> Response:
    """Remove a file."""
    caller = await caller_who_runs(request)
    await house_of(request).filing.remove(caller, session_id, _checked(name, request))
    return Response(status_code=204)
