"""What a client and its sessions ask, as flows: the part that both shells share."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote

from ringfence.client.asking import (
    LimitsLike,
    Options,
    call_request,
    code_request,
    options_of,
    session_path,
)
from ringfence.client.flow import Flow, exchange, json_of
from ringfence.client.following import Following
from ringfence.client.messages import Request
from ringfence.client.replies import (
    Reply,
    SessionInfo,
    checked,
    misread,
    reply_of,
    session_of,
    variables_of,
)
from ringfence.client.retrying import Patience
from ringfence.errors import ConfigurationError, ServiceError, SessionExists, SessionUnknown
from ringfence.model import Result
from ringfence.model.array_frame import MEDIA_TYPE, MalformedFrame, pack, unpack
from ringfence.model.limits import parse_size
from ringfence.runtime import arguments
from ringfence.runtime.recipe import make_check
from ringfence_guest.protocol.namespaces import Lost, Variable

__all__ = ["Conversation", "SessionTalk", "TaskAnswer"]

_EXECUTE = "/v1/execute"
_SESSIONS = "/v1/sessions"
_PAGE = 100
_TASK_SECONDS = 300.0
_SAVING = 90.0
"""Seconds that saving, bringing back and copying may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAnswer:
    """What came of an agent's task. Its texts are a model's, or a guest's.

    Attributes:
        answer: the answer; None if there is none.
        status: ``answered``; ``bounded``: a bound was reached; ``failed``: the model did, after
            code had run.
        reason: why there is no answer.
        mode: ``simple`` or ``standard``.
        steps: what was done, one by one, as the service's description has it.
        results: of the runs that were made, in their order.
        usage: what the model used.
    """

    answer: str | None
    status: str
    reason: str | None
    mode: str
    steps: tuple[Mapping[str, Any], ...]
    results: tuple[Result, ...]
    usage: Mapping[str, Any]


class Conversation:
    """A client's part of it.

    Args:
        patience: how long requests are sent again.
        most: bytes of an answer, and of a value in it.
    """

    def __init__(self, patience: Patience, most: int | str) -> None:
        self.patience = patience
        self.most = parse_size(most, "most", least=1 << 10)

    def ask(self, request: Request) -> Flow[dict[str, Any]]:
        """A request whose answer is an object."""
        answer = yield from exchange(request, self.patience)
        return json_of(answer, limit=max(request.most, 1))

    def run(self, request: Request, check: Callable[[Any], Any] | None) -> Flow[Reply]:
        """Something to run, and its reply."""
        told = yield from self.ask(request)
        reply = reply_of(told, limit=self.most)
        return replace(reply, result=checked(reply.result, check))

    def code(
        self,
        code: str,
        *,
        stdin: str | None,
        inputs: Mapping[str, Any] | None,
        timeout: float | None,
        options: Options,
    ) -> Request:
        """Code to run in a sandbox of its own."""
        return code_request(
            _EXECUTE,
            code,
            stdin=stdin,
            inputs=inputs,
            timeout=timeout,
            options=options,
            most=self.most,
        )

    def follow(
        self,
        request: Request,
        returns: Any,
        ended: Callable[[Reply], object] = lambda reply: None,
    ) -> Following:
        """The events of a run."""
        return Following(request, self.patience, self.most, make_check(returns), ended)

    def page(self, after: str) -> Flow[tuple[list[SessionInfo], str | None]]:
        """Some sessions, and where the next begin."""
        query = {"limit": str(_PAGE), **({"after": after} if after else {})}
        request = Request("GET", _SESSIONS, query=query, repeatable=True)
        told = yield from self.ask(request)
        found, following = told.get("sessions"), told.get("next")
        if type(found) is not list or not (following is None or type(following) is str):
            raise misread(ValueError("no list of sessions"))
        return [session_of(one) for one in found], following

    def restore(
        self, state: bytes, session_id: str | None, engine: str | None, durability: str | None
    ) -> Flow[SessionInfo]:
        """A session from a state."""
        given = {"session_id": session_id, "engine": engine, "durability": durability}
        request = Request(
            "POST",
            f"{_SESSIONS}/restore",
            query={name: value for name, value in given.items() if value is not None},
            headers={"content-type": "application/octet-stream"},
            body=bytes(state),
            seconds=_SAVING,
        )
        return session_of((yield from self.ask(request)))

    def plugins(self) -> Flow[list[dict[str, Any]]]:
        """What is published there."""
        told = yield from self.ask(Request("GET", "/v1/plugins", repeatable=True))
        found = told.get("plugins")
        if type(found) is not list or not all(type(one) is dict for one in found):
            raise misread(ValueError("no list of plugins"))
        return found

    def hook(self, plugin: str, hook: str, given: Mapping[str, Any]) -> Flow[Any]:
        """What a plugin's hook answers; arrays go as they are."""
        try:
            body = pack(dict(given), limit=self.most)
        except MalformedFrame as error:
            raise ConfigurationError(f"the arguments cannot cross: {error}") from None
        request = Request(
            "POST",
            f"/v1/plugins/{quote(plugin, safe='')}/{quote(hook, safe='')}",
            headers={
                "content-type": MEDIA_TYPE,
                "accept": MEDIA_TYPE,
                "idempotency-key": secrets.token_urlsafe(24),
            },
            body=body,
            repeatable=True,
            most=self.most,
            seconds=_SAVING,
        )
        answer = yield from exchange(request, self.patience)
        try:
            told = unpack(answer.body, limit=self.most)
        except MalformedFrame as error:
            raise misread(error) from None
        if type(told) is not dict or type(told.get("ok")) is not bool or "value" not in told:
            raise misread(ValueError("no answer of a hook"))
        if not told["ok"]:
            raise ServiceError("plugin-failed", f"{plugin}.{hook}: {_failure(told)}")
        return told["value"]

    def submit(
        self,
        query: str,
        *,
        mode: Literal["simple", "standard"],
        session_id: str | None,
        stdin: str | None,
        timeout: float | None,
    ) -> Flow[TaskAnswer]:
        """A task for an agent."""
        body: dict[str, Any] = {"query": query, "tools": ["python_executor"], "mode": mode}
        given = {"session_id": session_id, "stdin": stdin, "timeout_seconds": timeout}
        body |= {name: value for name, value in given.items() if value is not None}
        request = Request.json(
            "POST",
            "/agent/query",
            body,
            headers={"idempotency-key": secrets.token_urlsafe(24)},
            repeatable=True,
            most=self.most,
            seconds=_TASK_SECONDS,
        )
        told = yield from self.ask(request)
        answer, steps, results = told.get("answer"), told.get("steps"), told.get("results")
        status, reason = told.get("status"), told.get("reason")
        if (
            type(status) is not str
            or not all(one is None or type(one) is str for one in (answer, reason))
            or type(steps) is not list
            or type(results) is not list
            or not all(type(one) is dict for one in steps)
        ):
            raise misread(ValueError("no answer of an agent"))
        return TaskAnswer(
            answer=answer,
            status=status,
            reason=reason,
            mode=mode,
            steps=tuple(steps),
            results=tuple(reply_of(one, limit=self.most).result for one in results),
            usage=told["usage"] if type(told.get("usage")) is dict else {},
        )


def _failure(told: dict[str, Any]) -> str:
    failures = told.get("failures")
    first = failures[0] if type(failures) is list and failures else None
    reason = first.get("reason") if type(first) is dict else None
    return " ".join(str(reason)[:1_000].split()) if reason else "it did not answer"


class SessionTalk:
    """A session's part of it, and what is known of the session.

    Args:
        conversation: the client's.
        session_id: of one that may be there; None for a new one.
        options: for making it.

    Attributes:
        info: as the service last told it; None before anything was asked.
        last: the last reply.
        gone: whether there is nothing to come back from, or it was deleted.
    """

    def __init__(
        self, conversation: Conversation, session_id: str | None, options: Options
    ) -> None:
        self._conversation = conversation
        self._options = options
        self._owned = session_id is None
        self.id = secrets.token_hex(12) if session_id is None else session_id
        self.info: SessionInfo | None = None
        self.last: Reply | None = None
        self.gone = False

    @classmethod
    def of(cls, conversation: Conversation, info: SessionInfo) -> SessionTalk:
        """Of a session that is there."""
        talk = cls(conversation, info.id, Options())
        talk.info = info
        return talk

    @property
    def known(self) -> SessionInfo:
        """What the service has told.

        Raises:
            SessionUnknown: nothing yet.
        """
        if self.info is None:
            raise SessionUnknown("", "the session was not begun: run something, or call start()")
        return self.info

    @property
    def result(self) -> Result | None:
        """Of its last turn."""
        return None if self.last is None else self.last.result

    @property
    def lost(self) -> tuple[Lost, ...]:
        """What could not come back, as it was last told."""
        if self.last is not None:
            return self.last.lost
        return () if self.info is None else self.info.lost

    # --- its life ----------------------------------------------------------------------------

    def begin(self) -> Flow[SessionInfo]:
        """Make it, or find that it is there."""
        if self.info is None and not self._owned and not self._options:
            try:  # asking waits for no turn that runs in it
                yield from self.refresh()
            except SessionUnknown:
                pass
        if self.info is None:
            body = {"session_id": self.id, **self._options}
            request = Request.json("POST", _SESSIONS, body, seconds=_SAVING)
            try:
                self.info = session_of((yield from self._conversation.ask(request)))
            except SessionExists:
                if self._options:
                    raise
                yield from self.refresh()  # somebody else has just made it
        assert self.info is not None
        return self.info

    def refresh(self) -> Flow[SessionInfo]:
        """What the service tells of it now."""
        self.info = session_of((yield from self._ask("GET", "", repeatable=True)))
        return self.info

    def end(self) -> Flow[None]:
        """Leave it: one that was made for this client alone is deleted."""
        if self._owned and self.info is not None and not self.gone:
            yield from self.delete()

    def delete(self) -> Flow[None]:
        """Delete it. One that is not there is deleted."""
        request = Request("DELETE", session_path(self.id), repeatable=True)
        try:
            yield from exchange(request, self._conversation.patience)
        except SessionUnknown:
            pass  # by this very request, sent again, or by somebody else
        self.gone = True

    # --- turns -------------------------------------------------------------------------------

    def code(
        self,
        code: str,
        *,
        stdin: str | None,
        inputs: Mapping[str, Any] | None,
        timeout: float | None,
        limits: LimitsLike,
        wait: bool,
    ) -> Request:
        """Code to run in it."""
        return code_request(
            session_path(self.id, "/execute"),
            code,
            stdin=stdin,
            inputs=inputs,
            timeout=timeout,
            options=options_of(limits=limits),
            most=self._conversation.most,
            wait=wait,
        )

    def called(
        self,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any] | None,
        *,
        timeout: float | None,
        limits: LimitsLike,
        wait: bool,
    ) -> Request:
        """A function of it to call."""
        return call_request(
            session_path(self.id, "/call"),
            name,
            args,
            kwargs,
            timeout=timeout,
            options=options_of(limits=limits),
            most=self._conversation.most,
            wait=wait,
        )

    def run(self, request: Request, returns: Any) -> Flow[Result]:
        """A turn."""
        check = make_check(returns)
        yield from self.begin()
        reply = yield from self._conversation.run(request, check)
        self.note(reply)
        return reply.result

    def follow(self, request: Request, returns: Any) -> Following:
        """The events of a turn; the session has to be there."""
        return self._conversation.follow(request, returns, self.note)

    def note(self, reply: Reply) -> None:
        """Remember what a turn came to."""
        self.last = reply
        if reply.state == "gone":
            self.gone = True

    def cancel(self) -> Flow[bool]:
        """End the turn that runs."""
        told = yield from self._ask("POST", "/cancel", repeatable=True)
        return told.get("cancelled") is True

    # --- what it has -------------------------------------------------------------------------

    def variables(self) -> Flow[dict[str, Variable]]:
        """What its program has defined."""
        yield from self.begin()
        request = Request(
            "GET",
            session_path(self.id, "/variables"),
            repeatable=True,
            most=self._conversation.most,
            seconds=_SAVING,
        )
        return variables_of((yield from self._conversation.ask(request)))

    def keep(self, *, aside: bool) -> Flow[SessionInfo]:
        """Have the service save it; and end its guest."""
        yield from self.begin()
        rest = "/put-aside" if aside else "/save"
        self.info = session_of((yield from self._ask("POST", rest, repeatable=True)))
        return self.info

    def state(self) -> Flow[bytes]:
        """Its variables as bytes."""
        yield from self.begin()
        request = Request(
            "GET",
            session_path(self.id, "/state"),
            headers={"accept": "application/octet-stream"},
            repeatable=True,
            most=self._conversation.most,
            seconds=_SAVING,
        )
        answer = yield from exchange(request, self._conversation.patience)
        return answer.body

    def fork(self, session_id: str | None) -> Flow[SessionTalk]:
        """A second one."""
        yield from self.begin()
        name = secrets.token_hex(12) if session_id is None else session_id
        path = session_path(self.id, "/fork")
        request = Request.json("POST", path, {"session_id": name}, seconds=_SAVING)
        info = session_of((yield from self._conversation.ask(request)))
        talk = SessionTalk.of(self._conversation, info)
        talk._owned = session_id is None
        return talk

    def snapshot(self) -> Flow[str]:
        """Keep it exactly as it is; what the snapshot is called."""
        yield from self.begin()
        told = yield from self._ask("POST", "/snapshot")
        name = told.get("snapshot_id")
        if type(name) is not str or not name:
            raise misread(ValueError("no snapshot_id"))
        return name

    def rollback(self, snapshot_id: str | None) -> Flow[SessionInfo]:
        """Back to a snapshot."""
        yield from self.begin()
        body = {} if snapshot_id is None else {"snapshot_id": snapshot_id}
        path = session_path(self.id, "/rollback")
        request = Request.json("POST", path, body, repeatable=True, seconds=_SAVING)
        self.info = session_of((yield from self._conversation.ask(request)))
        return self.info

    # --- files -------------------------------------------------------------------------------

    def sizes(self) -> Flow[dict[str, int]]:
        """Its files, and how large they are."""
        yield from self.begin()
        request = Request(
            "GET",
            session_path(self.id, "/files"),
            repeatable=True,
            most=self._conversation.most,
            seconds=_SAVING,
        )
        told = yield from self._conversation.ask(request)
        found = told.get("files")
        if type(found) is not list:
            raise misread(ValueError("no list of files"))
        sizes: dict[str, int] = {}
        for one in found:
            name, size = (one.get("name"), one.get("bytes")) if type(one) is dict else (None, None)
            if type(name) is not str or type(size) is not int:
                raise misread(ValueError("no list of files"))
            sizes[name] = size
        return sizes

    def read(self, name: str) -> Flow[bytes]:
        """A file's content."""
        yield from self.begin()
        answer = yield from self._file("GET", name)
        return answer

    def write(self, name: str, content: bytes | bytearray | memoryview) -> Flow[None]:
        """Write a file."""
        yield from self.begin()
        yield from self._file("PUT", name, arguments.check_content(name, content))

    def remove(self, name: str) -> Flow[None]:
        """Remove a file."""
        yield from self.begin()
        yield from self._file("DELETE", name)

    def _file(self, method: str, name: str, content: bytes = b"") -> Flow[bytes]:
        path = session_path(self.id, f"/files/{quote(arguments.check_file_name(name))}")
        request = Request(
            method,
            path,
            headers={"content-type": "application/octet-stream"} if method == "PUT" else {},
            body=content,
            repeatable=True,
            most=self._conversation.most,
            seconds=_SAVING,
        )
        try:
            answer = yield from exchange(request, self._conversation.patience)
        except SessionUnknown as error:
            if "no file" in error.detail:
                raise KeyError(name) from None
            raise
        return answer.body

    def _ask(self, method: str, rest: str, *, repeatable: bool = False) -> Flow[dict[str, Any]]:
        request = Request(
            method, session_path(self.id, rest), repeatable=repeatable, seconds=_SAVING
        )
        return (yield from self._conversation.ask(request))
