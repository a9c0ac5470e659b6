"""What an operator decides about a service, from the environment: one field for each variable.

The docstrings here are docs/configuration.md, which a test compares with them.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from ringfence.errors import ConfigurationError
from ringfence.model import Limits
from ringfence.model.limits import parse_size
from ringfence.server.machine import memory_of_machine
from ringfence.server.variables import PREFIX, OtherNames, refuse_unknown

__all__ = ["Settings", "default_database"]


def _split(value: Any) -> Any:
    """A text of the environment as a list: parted by commas or whitespace."""
    return tuple(re.split(r"[,\s]+", value.strip(", \t\n"))) if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    value = _split(value)
    return () if value == ("",) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]


def default_database() -> str:
    """A file of this user's: ``$XDG_DATA_HOME/ringfence/service.db``."""
    data = os.environ.get("XDG_DATA_HOME")
    home = Path(data) if data and Path(data).is_absolute() else Path.home() / ".local" / "share"
    return f"sqlite:///{home / 'ringfence' / 'service.db'}"


class Settings(BaseSettings):
    """The settings of a service. Each is the environment variable RINGFENCE_NAME, in capitals.

    Lists are parted by commas. Sizes are bytes or a text such as ``256MiB``, times are seconds.

    Raises:
        ConfigurationError: by :meth:`read`: a value is not what it should be, or a variable that
            begins with ``RINGFENCE_`` is none.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", use_attribute_docstrings=True
    )

    # ------------------------------------------------------------------------- where it listens
    host: str = "127.0.0.1"
    """The address to listen at. One that others can reach needs keys (`ringfence keys create`)."""

    port: int = Field(default=8000, ge=0, le=65_535)
    """The port to listen at; 0 takes any that is free."""

    names: Names = ()
    """Host names that requests may name, beside addresses and localhost: `sandbox.example`. Others
    are refused, because a page could have made its own name point here (DNS rebinding)."""

    origins: Names = ()
    """Origins of web pages that may ask, as `https://app.example`. Requests of any other page are
    refused; programs send no origin."""

    anonymous: bool = True
    """Whether everybody is the tenant `local` while there is no key at all; on loopback only."""

    # ---------------------------------------------------------------------------- what it keeps
    database: str = Field(default_factory=default_database)
    """Where sessions, keys and the audit log are: `sqlite:///PATH` or `postgresql://USER@HOST/NAME`
    (a password belongs into the environment, not into a file that others read). The default is
    `ringfence/service.db` in this user's data folder."""

    blobs: str = "database"
    """Where saved sessions are: `database`, or `disk:PATH`, a folder of this service's own."""

    state_key: SecretStr = SecretStr("")
    """What saved sessions are sealed with: at least 16 characters, the same for all servers that
    share a database. Without it a key file is made in this user's state folder."""

    sync: Literal["normal", "full"] = "normal"
    """What an acknowledged turn has outlived with SQLite: `normal` any kill of the server, `full`
    a power failure as well (slower). PostgreSQL's own settings decide for PostgreSQL."""

    keep_sessions_seconds: float = Field(default=30 * 86_400.0, gt=0)
    """Seconds after its last use until a session is deleted."""

    keep_replies_seconds: float = Field(default=86_400.0, gt=0)
    """Seconds for which a reply is kept for its idempotency key."""

    # ------------------------------------------------------------------------------ what it runs
    engine: str = "auto"
    """The engine of runs that name none."""

    engines: Names = ("native", "wasi")
    """Engines that a request may name."""

    packages: Names = ()
    """Packages that a request may ask for; they have to be installed here."""

    default_packages: Names = ()
    """Packages that every run has which names none; they are allowed as well."""

    isolation: Literal["shared-image", "tenant"] = "shared-image"
    """`tenant`: guests of a tenant start from an image of its own, so that not even its address
    layout is shared; each costs memory and has no warm pool."""

    wasi_image: Path | None = None
    """The folder of the WASI image, where it is not in the cache: one that `ringfence image build
    wasi` made for this version. Anything else is refused."""

    default_timeout: float = Field(default=30.0, ge=1, le=60)
    """Seconds for a run that names none; 1 to 60."""

    limit_memory: str | int = "256MiB"
    """Memory of one guest beyond its image; the most that a request may ask for."""

    limit_wall: float = 60.0
    """Seconds that a turn may run; the most that a request may ask for. At least
    `default_timeout`."""

    limit_cpu: float = 60.0
    """Seconds of the CPU that a turn may use."""

    limit_output: str | int = "1MiB"
    """Bytes that a turn may print."""

    limit_display: str | int = "16MiB"
    """Bytes of plots and other displays of a turn."""

    limit_value: str | int = "16MiB"
    """Bytes of one value that goes into or comes out of a guest."""

    limit_disk: str | int | None = None
    """Bytes of a session's files, which are in memory and within `limit_memory`. The default is
    64MiB, or a quarter of the memory if that is less."""

    limit_files: int = 1_000
    """How many files a session has."""

    limit_threads: int = 8
    """Threads of a guest beside its main one."""

    # ------------------------------------------------------------------------ how much at a time
    pool_size: int = Field(default=4, ge=0, le=4_096)
    """Guests kept warm for runs and new sessions; 0 keeps none."""

    running: int = Field(default=4, ge=1, le=1_024)
    """Guests that run at once, of all tenants; more wait."""

    memory_budget: str | int | None = None
    """Memory of all guests together. One that runs or is lent counts with its limit, a session that
    rests with what it has; for more, sessions are put aside, and then runs wait and are answered
    with 503. A quarter is kept for tenants that use nothing. At least `limit_memory`. The default
    is three quarters of the memory of this machine, or of the container or unit if that is bounded
    to less."""

    queue: int = Field(default=64, ge=0, le=100_000)
    """Runs that may wait, of all tenants; more are answered with 503 at once."""

    queue_seconds: float = Field(default=5.0, gt=0)
    """Seconds that a run may wait; then it is answered with 503."""

    sessions_live: int = Field(default=500, ge=1, le=100_000)
    """Sessions whose guests are alive at once, of all tenants. The least recently used one is
    saved and put aside for another."""

    sessions_per_tenant: int = Field(default=32, ge=1, le=100_000)
    """The same, of one tenant."""

    sessions_kept: int = Field(default=10_000, ge=1)
    """Sessions that a tenant has in all, alive and put aside; one more is refused."""

    idle_seconds: float = Field(default=600.0, gt=0)
    """Seconds without a turn after which a session is saved and put aside."""

    resume_seconds: float = Field(default=30.0, gt=0)
    """Seconds for which a run goes on without a reader of its events or its reply, and for which
    the events of an ended one are kept."""

    request_bytes: int = Field(default=16 << 20, ge=1_024)
    """Bytes of a request's body; more is answered with 413, and not read."""

    bodies_bytes: int = Field(default=256 << 20, ge=1_024)
    """Bytes of all requests' bodies of more than 64 KiB that are held at once; more are answered
    with 503. At least `request_bytes`. One tenant has a quarter of them."""

    answers_bytes: int = Field(default=256 << 20, ge=1 << 20)
    """Bytes of all answers that wait for readers who do not read. A tenant may have as many of them
    as it leaves to others, half if it is alone, or one answer; beyond it the largest of its
    connections is ended."""

    head_seconds: float = Field(default=10.0, gt=0)
    """Seconds until the headers of a request are here, from when it was connected or began."""

    body_seconds: float = Field(default=30.0, gt=0)
    """Seconds without a byte of a body that has begun, or of an answer that nobody takes; then the
    connection is ended."""

    connections: int = Field(default=1_000, ge=1)
    """Connections at once; with more, those that wait for a request, have no key or have not said
    all are closed, of the address with the most first. A tenant's requests may use as many as they
    leave to others, half if it is alone."""

    guests: int = Field(default=64, ge=0, le=100_000)
    """Guests that are lent over WebSockets at once (`engine="http://…"`), of all tenants; 0 lends
    none. What a client does with one is not seen here; the ceilings that follow hold all the same,
    and so do `idle_seconds` and the limits above of memory, CPU, threads and files."""

    guests_per_tenant: int = Field(default=16, ge=1, le=100_000)
    """The same, of one tenant."""

    guest_seconds: float = Field(default=3_600.0, gt=0)
    """Seconds after which a lent guest is ended, whatever it does."""

    guest_cpu_seconds: float = Field(default=600.0, gt=0)
    """CPU seconds that a lent guest may use in all. Between two messages of its client it may use
    `limit_cpu`."""

    guest_bytes: int = Field(default=4 << 30, ge=1 << 20)
    """Bytes that a lent guest may be sent and may send in all."""

    shutdown_seconds: float = Field(default=20.0, ge=0)
    """Seconds that running turns have to end in when the server is asked to stop (SIGTERM); after
    that they are cancelled. Sessions are saved then."""

    accepting: bool = True
    """false: /ready says no and runs are refused, while everything else answers: for taking a
    server out of service."""

    # --------------------------------------------------------------------------------- quotas
    quota_concurrent: int = Field(default=64, ge=1)
    """Runs at once of one tenant, waiting ones included, unless `ringfence tenants set` says
    otherwise."""

    quota_per_minute: int = Field(default=6_000, ge=1)
    """Requests that run something, of one tenant in a minute, unless `ringfence tenants set` says
    otherwise."""

    quota_cpu_seconds: float = Field(default=86_400.0, gt=0)
    """CPU seconds of one tenant's guests in a day, unless `ringfence tenants set` says
    otherwise."""

    quota_stored_bytes: int = Field(default=4 << 30, ge=0)
    """Bytes of one tenant's saved sessions, their files and snapshots, and the replies that are
    kept for its idempotency keys, unless `ringfence tenants set` says otherwise. What would be more
    is refused with 429; a reply that does not fit is answered and not kept."""

    # --------------------------------------------------------------------------------- plugins
    plugins: Names = ()
    """Plugins that are published here: folders or bundles (`.rfp`)."""

    plugin_specs: Names = ()
    """What the plugins are for: classes of hooks, as `module:Class`."""

    # ------------------------------------------------------------------------ what it tells of it
    metrics: bool = True
    """Whether /metrics answers. Beyond loopback it needs a key with the scope `metrics`."""

    otel_endpoint: str = ""
    """Where traces are sent, OTLP over HTTP: `http://127.0.0.1:4318/v1/traces`. Needs the extra
    `tracing`."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """What is logged, on standard error."""

    log_format: Literal["json", "text"] = "json"
    """A line of JSON for each event, or text for people."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What was given goes before the environment, and that before the other service's names."""
        return init_settings, env_settings, OtherNames(settings_cls)

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for one in origins:
            if not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+", one):
                raise ValueError(f"{one!a} is no origin; write https://app.example")
        return tuple(one.lower() for one in origins)

    @field_validator("names")
    @classmethod
    def _are_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for one in names:
            if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.\-]*[A-Za-z0-9])?", one):
                raise ValueError(f"{one!a} is no host name; write sandbox.example")
        return tuple(one.lower() for one in names)

    @field_validator("state_key")
    @classmethod
    def _is_a_key(cls, key: SecretStr) -> SecretStr:
        if 0 < len(key.get_secret_value()) < 16:
            raise ValueError("a key has at least 16 characters")
        return key

    @field_validator("blobs")
    @classmethod
    def _is_a_place(cls, blobs: str) -> str:
        if blobs != "database" and not re.fullmatch(r"disk:/.+", blobs):
            raise ValueError("write database, or disk:/absolute/path")
        return blobs

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        limits = self.limits  # a limit that is none is refused now
        if self.default_timeout > float(limits.wall):  # type: ignore[arg-type]
            raise ValueError(
                f"default_timeout={self.default_timeout:g} is more than limit_wall={limits.wall}"
            )
        if self.memory < int(limits.memory):
            raise ValueError(
                f"memory_budget={self.memory_budget} is less than limit_memory="
                f"{self.limit_memory}: such a guest never fits"
            )
        if self.bodies_bytes < self.request_bytes:
            raise ValueError("bodies_bytes is less than request_bytes: such a body never fits")
        return self

    @cached_property
    def limits(self) -> Limits:
        """The most that a run may ask for, and what one has that asks for nothing."""
        try:
            return Limits(
                memory=self.limit_memory,
                wall=self.limit_wall,
                cpu=self.limit_cpu,
                output=self.limit_output,
                display=self.limit_display,
                value=self.limit_value,
                disk=self.limit_disk,
                files=self.limit_files,
                threads=self.limit_threads,
            )
        except ConfigurationError as error:
            raise ValueError(f"limit_{error}") from error

    @cached_property
    def memory(self) -> int:
        """Bytes that all guests may have together."""
        if self.memory_budget is not None:
            try:
                return parse_size(self.memory_budget, "memory_budget")
            except ConfigurationError as error:
                raise ValueError(str(error)) from error
        return max(int(self.limits.memory), memory_of_machine() // 4 * 3)

    @classmethod
    def read(cls, **given: Any) -> Self:
        """The settings of this process' environment, and what is given goes before.

        Raises:
            ConfigurationError: a value is wrong, or a variable is none; the message names it.
        """
        refuse_unknown(cls.model_fields)
        try:
            return cls(**given)
        except ValidationError as error:
            raise ConfigurationError(_told(error)) from None


def _told(error: ValidationError) -> str:
    lines = []
    for one in error.errors(include_url=False, include_input=False):
        field = str(one["loc"][0]) if one["loc"] else ""
        where = f"{PREFIX}{field.upper()}: " if field else ""
        lines.append(where + str(one["msg"]).removeprefix("Value error, "))
    return "; ".join(lines)
