"""The files of sessions as resources: ``ringfence://sessions/SESSION/files/NAME``.

A URI is a stranger's text, and a file's name a guest's: each is read in one way only, and whatever
is not there, or is another client's, is answered with the same words.
"""

from __future__ import annotations

import base64
import mimetypes
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote, unquote_to_bytes

import mcp_types as types
from mcp.shared.exceptions import MCPError

from ringfence.errors import RingfenceError

if TYPE_CHECKING:
    from ringfence.mcp.server.sessions import Session, Sessions

__all__ = ["Files"]

_PREFIX = "ringfence://sessions/"
_TEMPLATE = "ringfence://sessions/{session_id}/files/{name}"
_LONGEST = 4_000
_PAGE = 200
_TEXT = frozenset({"application/json", "application/xml", "application/javascript"})

_TEMPLATES = [
    types.ResourceTemplate(
        name="session file",
        uri_template=_TEMPLATE,
        description="A file in a session's working folder.",
    )
]


class Files:
    """Lists and reads them.

    Args:
        sessions: of all clients.
        most: bytes of a file that is read.
    """

    def __init__(self, sessions: Sessions, most: int) -> None:
        self._sessions = sessions
        self._most = most

    def templates(self) -> types.ListResourceTemplatesResult:
        """The pattern of their URIs."""
        return types.ListResourceTemplatesResult(resource_templates=list(_TEMPLATES))

    async def listed(self, client: str, cursor: str | None) -> types.ListResourcesResult:
        """A client's files, a page of them. Those of a session that runs are left out meanwhile.

        Raises:
            MCPError: the cursor is none.
        """
        start = 0
        if cursor is not None:
            if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
                raise MCPError(code=types.INVALID_PARAMS, message="cursor: it is none")
            start = int(cursor)
        found: list[types.Resource] = []
        for session in self._sessions.of(client):
            if session.busy or not session.runs:
                continue
            try:
                sizes = await session.guest.box.files.sizes()
            except (RingfenceError, KeyError):
                continue
            found += [_resource(session, name, size) for name, size in sizes.items()]
        page = found[start : start + _PAGE]
        after = str(start + _PAGE) if len(found) > start + _PAGE else None
        return types.ListResourcesResult(resources=page, next_cursor=after)

    async def read(self, client: str, uri: str) -> types.ReadResourceResult:
        """A file, as text if it is UTF-8.

        Raises:
            MCPError: there is none, or it cannot be had now.
        """
        where = _parse(uri)
        session = None if where is None else self._sessions.find(client, where[0])
        if where is None or session is None:
            _missing(uri)
        name = where[1]
        if session.busy:
            raise MCPError(
                code=types.INTERNAL_ERROR, message="the session is running: read it afterwards"
            )
        files = session.guest.box.files
        try:
            size = (await files.sizes()).get(name)
            if size is None:
                _missing(uri)
            if size > self._most:
                raise MCPError(
                    code=types.INVALID_PARAMS,
                    message=f"the file has {size:,} bytes, and at most {self._most:,} are read",
                )
            content = await files.read(name)
        except (KeyError, RingfenceError):
            _missing(uri)
        if len(content) > self._most:  # it grew: a guest's word is no bound
            _missing(uri)
        return types.ReadResourceResult(contents=[_contents(uri, name, content)])


def uri_of(session_id: str, name: str) -> str:
    """The URI of a session's file."""
    return f"{_PREFIX}{session_id}/files/{quote(name, safe='/')}"


def _resource(session: Session, name: str, size: int) -> types.Resource:
    shown = "".join(one if one.isprintable() else "\ufffd" for one in name)
    return types.Resource(
        name=shown, uri=uri_of(session.id, name), mime_type=_media_type(name), size=size
    )


def _parse(uri: str) -> tuple[str, str] | None:
    """A session's id and a file's name; None where a URI is not exactly what :func:`uri_of` makes:
    other ways to write the same name name nothing.
    """
    if len(uri) > _LONGEST or not uri.startswith(_PREFIX):
        return None
    session_id, between, quoted = uri.removeprefix(_PREFIX).partition("/files/")
    if not between:
        return None
    try:
        name = unquote_to_bytes(quoted).decode("utf-8")
    except UnicodeError:
        return None
    return (session_id, name) if uri_of(session_id, name) == uri else None


def _contents(
    uri: str, name: str, content: bytes
) -> types.TextResourceContents | types.BlobResourceContents:
    kind = _media_type(name)
    is_text = kind is None or kind.startswith("text/") or kind in _TEXT
    if is_text and b"\0" not in content:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return types.TextResourceContents(uri=uri, mime_type=kind or "text/plain", text=text)
    blob = base64.b64encode(content).decode("ascii")
    return types.BlobResourceContents(
        uri=uri, mime_type=kind or "application/octet-stream", blob=blob
    )


def _media_type(name: str) -> str | None:
    return mimetypes.guess_type(name)[0]


def _missing(uri: str) -> NoReturn:
    raise MCPError(
        code=types.INVALID_PARAMS, message="there is no such resource", data={"uri": uri[:_LONGEST]}
    )
