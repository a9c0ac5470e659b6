"""What may be asked and what is answered, as types: the OpenAPI description is made of them.

Requests are read here and nowhere else. They are strict: a text is no number, and a field that
there is not is a mistake. Replies are described only; they are made as JSON once.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from ringfence.model import Limits
from ringfence.server.problems import Fault, Problem
from ringfence_guest.protocol.file_names import why_not_a_name

__all__ = [
    "SESSION_ID",
    "AgentAnswer",
    "AgentQuery",
    "AgentStep",
    "CallRequest",
    "Durability",
    "ExecuteRequest",
    "ForkRequest",
    "NewSession",
    "Reply",
    "RollbackRequest",
    "SessionInfo",
    "ToolCall",
    "ToolReply",
    "body_of",
    "read",
    "read_files",
]

SESSION_ID = r"^[A-Za-z0-9._-]{1,128}$"
"""What an id of a session looks like."""

Durability = Literal["per-turn", "idle", "never"]

_SessionId = Annotated[str, Field(pattern=SESSION_ID)]
_Limits = dict[str, int | float | Annotated[str, Field(max_length=32)]]
_MOST_FAULTS = 16
_MOST_SHOWN = 120


class _Asked(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Turn(_Asked):
    timeout_seconds: Annotated[float, Field(ge=1, le=60, allow_inf_nan=False)] | None = Field(
        default=None, description="Seconds that the code may run; the operator's default is 30."
    )
    limits: _Limits | None = Field(
        default=None,
        description="Limits of this turn by name, narrower than what holds: "
        '`{"cpu": 5, "output": 4096}`.',
    )
    on_busy: Literal["queue", "reject"] = Field(
        default="queue",
        description="What to do while the session runs another: wait for it, or 409.",
    )


class _Made(_Asked):
    """How a sandbox is made."""

    engine: str | None = Field(
        default=None, description="One of the engines that the operator allows."
    )
    packages: list[str] | None = Field(
        default=None, description="Packages that the operator allows."
    )
    files: dict[str, str] | None = Field(
        default=None, description="Files of the working folder: relative path -> base64."
    )
    durability: Durability | None = Field(
        default=None,
        description="When a new session is saved: before each reply (`per-turn`, the default), "
        "when it rests (`idle`), or `never`.",
    )


class SessionTurn(_Turn):
    """Code for a session that is there."""

    code: str = Field(description="Python. The value of a last expression comes back as `value`.")
    stdin: str | None = Field(default=None, description="What `input()` and `sys.stdin` read.")
    inputs: dict[str, JsonValue] | None = Field(
        default=None,
        description="Variables to set before: name -> value; `$type` objects are read.",
    )
    files: dict[str, str] | None = Field(
        default=None, description="Files to write before: relative path -> base64."
    )


class ExecuteRequest(SessionTurn, _Made):
    """Code to run, in a sandbox of its own or in a session."""

    session_id: _SessionId | None = Field(
        default=None, description="The session to run in; made if there is none of this id."
    )


class CallRequest(_Turn):
    """A function of a session's program to call."""

    name: str = Field(description="The function's name.")
    args: list[JsonValue] = Field(default_factory=list, description="Positional arguments.")
    kwargs: dict[str, JsonValue] = Field(default_factory=dict, description="Named arguments.")


class NewSession(_Made):
    """A session to make."""

    session_id: _SessionId | None = Field(
        default=None, description="Its id; one is made up if not given."
    )
    limits: _Limits | None = Field(
        default=None, description="Limits of the session, and of each turn."
    )


class ForkRequest(_Asked):
    """A second session that goes on where this one is."""

    session_id: _SessionId | None = Field(default=None, description="The id of the new one.")


class RollbackRequest(_Asked):
    """Back to a snapshot."""

    snapshot_id: str | None = Field(default=None, description="Which; the newest one if not given.")


class AgentQuery(_Asked):
    """A task for an agent."""

    query: Annotated[str, Field(min_length=1, max_length=4 << 20)] = Field(
        description="`Execute Python: CODE`, which runs as it is, or a request in words, for a "
        "language model that runs code; the operator bounds the bytes of those (64 KiB by default)."
    )
    tools: Annotated[list[Literal["python_executor"]], Field(min_length=1, max_length=1)] = Field(
        default=["python_executor"], description="The tools that the agent may use."
    )
    mode: Literal["simple", "standard"] = Field(
        "standard",
        description="`simple`: one run, and its output is the answer. `standard`: the model reads "
        "errors, repairs, and answers in words.",
    )
    session_id: _SessionId | None = Field(
        default=None, description="The session of all runs; made if there is none of this id."
    )
    stdin: str | None = Field(default=None, description="What the runs read.")
    timeout_seconds: Annotated[float, Field(ge=1, le=60, allow_inf_nan=False)] | None = Field(
        default=None, description="The most that one run may take."
    )


class ToolParameters(_Asked):
    """The parameters of `python_executor`."""

    code: str
    session_id: _SessionId | None = None
    timeout_seconds: Annotated[float, Field(ge=1, le=60, allow_inf_nan=False)] | None = None
    stdin: str | None = None


class ToolCall(_Asked):
    """A call of a tool, as the known service has it."""

    tool: Literal["python_executor"]
    parameters: ToolParameters


# --- what is answered -------------------------------------------------------------------------


class LostName(BaseModel):
    """A variable or a file that could not be kept. Guest text."""

    name: str
    type_name: str
    reason: str


class SessionState(BaseModel):
    """What became of the session in this turn."""

    id: str
    created: bool = Field(description="Whether this turn made it.")
    turn: int = Field(description="The number of its last turn that counts.")
    state: Literal["kept", "rolled-back", "gone"] = Field(
        description="`rolled-back`: this turn ended its guest, and it is as after `turn` again. "
        "`gone`: there is nothing that it could come back from."
    )
    restored: bool = Field(description="Whether it came back from what was saved, for this turn.")
    lost: list[LostName]


class ErrorInfo(BaseModel):
    """What the guest raised. Guest text."""

    type: str
    message: str
    traceback: str


class Reply(BaseModel):
    """What came of a run. All that the guest chose is guest data."""

    status: Literal["ok", "error", "limit", "crashed", "cancelled"]
    limit: str | None = Field(description="The limit that was reached.")
    value: Any = Field(description="JSON, or an object with `$type` for what JSON has not.")
    stdout: str
    stderr: str
    displays: list[dict[str, Any]] = Field(description="Media type -> content.")
    error: ErrorInfo | None
    usage: dict[str, Any]
    enforced: dict[str, str] = Field(description="Limit or grant -> what enforced it.")
    engine: str
    walls: list[str]
    alive: bool
    abandoned: list[str]
    run_id: str
    session: SessionState | None


class ToolReply(BaseModel):
    """What came of a tool call."""

    tool: Literal["python_executor"]
    ok: bool = Field(description="Whether the code ran to its end.")
    result: Reply
    output: str = Field(description="What was printed, then the value as Python shows it.")
    error: str | None = Field(description="What went wrong, in a line. Guest text.")


class AgentStep(BaseModel):
    """Something that an agent did."""

    kind: Literal["said", "ran", "refused"]
    text: str | None = Field(default=None, description="`said`: the model's words.")
    code: str | None = Field(default=None, description="`ran`: what was run.")
    timeout_seconds: float | None = Field(
        default=None, description="`ran`: how long it might take."
    )
    result: int | None = Field(default=None, description="`ran`: its place in `results`.")
    tool: str | None = Field(default=None, description="`refused`: what was called.")
    reason: str | None = Field(default=None, description="`refused`: what the model was told.")
    reply: Reply | None = Field(default=None, description="`ran`, in an event: what came of it.")


class AgentUsage(BaseModel):
    """What a task used."""

    requests: int = Field(description="To the model.")
    tool_calls: int
    input_tokens: int
    output_tokens: int
    cost: str | None = Field(description="US dollars; null where no price is known.")
    seconds: float


class AgentAnswer(BaseModel):
    """What came of a task. Its texts are the model's and the guest's: data."""

    answer: str | None
    mode: Literal["simple", "standard"]
    status: Literal["answered", "bounded", "failed"] = Field(
        description="`bounded`: a bound was reached. `failed`: the model did, after code had run."
    )
    bound: Literal["turns", "calls", "tokens", "spend", "results", "seconds"] | None
    reason: str | None = Field(description="Why there is no answer.")
    steps: list[AgentStep]
    results: list[Reply]
    usage: AgentUsage


class SessionInfo(BaseModel):
    """A session."""

    id: str
    created: str = Field(description="When, RFC 3339.")
    used: str = Field(description="When it last did something, RFC 3339.")
    turns: int
    live: bool = Field(description="Whether its guest runs; else the next turn brings it back.")
    saved_turn: int | None = Field(description="The last turn that was saved.")
    state_bytes: int
    durability: Durability
    engine: str
    packages: list[str]
    limits: dict[str, Any]
    lost: list[LostName]


class ForkedSession(SessionInfo):
    """A session that was forked."""

    exact: bool = Field(description="Whether it is a copy of all memory, or of variables only.")


class SessionList(BaseModel):
    """Sessions, in the order of their ids."""

    sessions: list[SessionInfo]
    next: str | None = Field(description="What to give as `after` for more.")


class VariableInfo(BaseModel):
    """A variable, as the guest describes it."""

    name: str
    type_name: str
    size: int | None
    summary: str


class SnapshotInfo(BaseModel):
    """A snapshot of a session."""

    snapshot_id: str
    turn: int
    bytes: int


class FileInfo(BaseModel):
    """A file of a session."""

    name: str
    bytes: int


class FileList(BaseModel):
    """The files of a session."""

    files: list[FileInfo]


class Cancelled(BaseModel):
    """Whether there was something to cancel."""

    cancelled: bool


# --- reading ----------------------------------------------------------------------------------

M = TypeVar("M", bound=BaseModel)


def read(model: type[M], body: bytes) -> M:
    """A request from its bytes.

    Raises:
        Problem: ``malformed``: 400 where it is no JSON, 422 where it is another.
    """
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        if faults[0]["type"] == "json_invalid":
            raise Problem(
                "malformed", f"the body is no JSON: {faults[0]['msg'][:200]}", status=400
            ) from None
        told = [
            Fault(
                ".".join(map(str, one["loc"]))[:200] or "body",
                one["msg"].removeprefix("Input should be ")[:200],
                _shown(one["input"]),
            )
            for one in faults[:_MOST_FAULTS]
        ]
        first = told[0]
        raise Problem(
            "malformed",
            f"{first.field}: expected {first.expected}, got {first.got}",
            errors=told,
        ) from None


def _shown(value: Any) -> str:
    """What came, for a person, and not much of it."""
    if isinstance(value, str):
        text = repr(value[:_MOST_SHOWN])
    elif isinstance(value, dict | list):
        text = f"{type(value).__name__} of {len(value)}"
    else:
        text = repr(value)
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def read_files(files: dict[str, str] | None, limits: Limits) -> dict[str, bytes]:
    """Files from their base64, all of which a guest may have.

    Raises:
        Problem: ``malformed``: a name or content is none, or they are too many or too large.
    """
    if files and len(files) > limits.files:
        fault = Fault("files", f"at most {limits.files}", str(len(files)))
        raise Problem("malformed", f"files: at most {limits.files} may be given", errors=[fault])
    read_: dict[str, bytes] = {}
    for name, text in (files or {}).items():
        why = why_not_a_name(name)
        if why is not None:
            fault = Fault(f"files.{name[:100]}", "a relative path", repr(name[:100]))
            raise Problem("malformed", f"files: {name[:100]!r} {why}", errors=[fault])
        try:
            read_[name] = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            fault = Fault(f"files.{name[:100]}", "base64", _shown(text))
            raise Problem(
                "malformed", f"files: the content of {name[:100]!r} is no base64", errors=[fault]
            ) from None
    largest, size = max(map(len, read_.values()), default=0), sum(map(len, read_.values()))
    for name, most, there in (("value", limits.value, largest), ("disk", limits.disk, size)):
        if there > int(most or 0):
            fault = Fault("files", f"at most {most} bytes ({name})", str(there))
            raise Problem("malformed", f"files: more than {name}={most} bytes", errors=[fault])
    return read_


# --- describing -------------------------------------------------------------------------------


def _in_place(schema: Any, others: dict[str, Any]) -> Any:
    """A schema without references: what they name stands in their place."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/$defs/")
            return {} if name == "JsonValue" else _in_place(others[name], others)
        return {name: _in_place(part, others) for name, part in schema.items()}
    return [_in_place(part, others) for part in schema] if isinstance(schema, list) else schema


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """The part of an OpenAPI operation that describes a body, which the route reads itself."""
    schema = model.model_json_schema()
    schema = _in_place(schema, schema.pop("$defs", {}))
    content = {"application/json": {"schema": schema}}
    required = any(field.is_required() for field in model.model_fields.values())
    return {"requestBody": {"required": required, "content": content}}
