"""The service as an ASGI application: its parts are put together here, and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.metadata
import importlib.util
import ipaddress
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from ringfence.errors import ConfigurationError, Fenced, RingfenceError, StoreUnavailable
from ringfence.server.access.addresses import is_from_here
from ringfence.server.access.denials import Denials
from ringfence.server.access.quotas import QuotaKeeper, Quotas
from ringfence.server.access.ring import KeyRing
from ringfence.server.agents import Agents
from ringfence.server.core import open_core
from ringfence.server.description import describe
from ringfence.server.door import Door
from ringfence.server.guests.lodge import Lodge
from ringfence.server.hook_calls import HookCalls
from ringfence.server.house import House
from ringfence.server.operations.gauges import Gauges
from ringfence.server.operations.recording import Recorded
from ringfence.server.operations.tracing import tracing_to
from ringfence.server.problems import Problem, answer_to
from ringfence.server.published import Published
from ringfence.server.refusing import problem_of
from ringfence.server.settings import Settings
from ringfence.server.store import Store

__all__ = ["application", "is_own", "opened"]

_VERSION = importlib.metadata.version("ringfence")
_ROUTES = (
    "execute",
    "runs",
    "sessions",
    "files",
    "plugins",
    "tools",
    "agent",
    "guests",
    "operations",
)


def application(house: House) -> ASGIApp:
    """The service, to serve with :class:`ringfence.server.serving.Server`.

    Args:
        house: its parts, which are open as long as it is served.
    """
    app = FastAPI(
        title="Ringfence",
        description="Run Python you do not trust: sessions over HTTP, and nothing lost under load.",
        version=_VERSION,
        docs_url=None,  # its page loads scripts from elsewhere, which our headers forbid
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.house = house
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    for kind in (Problem, RequestValidationError, HTTPException, RingfenceError):
        app.add_exception_handler(kind, _refuse)
    for name in _ROUTES:
        where = f"ringfence.server.routes.{name}"
        if importlib.util.find_spec(where) is not None:
            router: APIRouter = importlib.import_module(where).router
            app.include_router(router)
    settings = house.settings

    async def tenant_of(request: HTTPConnection) -> str:
        """Whose request it is; keys are in memory, so that this costs next to nothing."""
        caller = await house.keys.caller(
            request.headers.getlist("authorization"), from_here=is_from_here(request)
        )
        # What is refused before a route says whose it is, is told of the key as well.
        request.scope.setdefault("state", {})["key_id"] = caller.key_id
        return str(caller.tenant)

    door = Door(
        app,
        names=settings.names,
        origins=settings.origins,
        request_bytes=settings.request_bytes,
        body_seconds=settings.body_seconds,
        bodies_bytes=settings.bodies_bytes,
        connections=settings.connections,
        guests=settings.guests_per_tenant,
        closed=house.closed,
        known=tenant_of,
    )
    return Recorded(door, house.metrics, house.log, house.tracing)


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[House]:
    """The parts of a service, from the database up; closed in the other order.

    Raises:
        RingfenceError: one of them cannot be had.
    """
    async with contextlib.AsyncExitStack() as closing:
        house = House(settings, tracing=tracing_to(settings.otel_endpoint, _VERSION))
        closing.callback(house.tracing.close)
        _check_packages((*settings.packages, *settings.default_packages))
        if settings.wasi_image is not None:
            await asyncio.to_thread(_check_image, settings.wasi_image)
        store = await asyncio.to_thread(
            Store.open, settings.database, blobs=settings.blobs, sync=settings.sync
        )
        closing.push_async_callback(store.close)
        store.timed = house.metrics.stored
        store.stored_bytes = settings.quota_stored_bytes
        house.store = store
        house.readiness.watch("database", lambda: _answering(store))
        quotas = Quotas(
            settings.quota_concurrent, settings.quota_per_minute, settings.quota_cpu_seconds
        )
        house.keys = KeyRing(store, quotas=quotas, anonymous=settings.anonymous)
        closing.push_async_callback(house.keys.close)
        if not is_own(settings.host) and not await house.keys.any_key():
            raise ConfigurationError(
                f"{settings.host} can be reached by others, and there is no key: anybody could run "
                "anything. Make one with `ringfence keys create TENANT`, or listen at 127.0.0.1"
            )
        house.quotas = await QuotaKeeper.open(store)
        house.denials = denials = Denials(store)
        closing.push_async_callback(denials.close)
        house.quotas.denied = lambda caller, problem: denials.note(
            caller.tenant, caller.key_id, problem
        )
        await open_core(house, closing)
        house.agents = Agents(house)
        closing.push_async_callback(house.agents.close)
        house.metrics.look_at(Gauges(house))
        house.plugins = Published.of(settings)
        closing.callback(house.plugins.close)
        house.hook_calls = HookCalls(house)
        closing.push_async_callback(house.hook_calls.close)
        house.lodge = Lodge(house)
        closing.callback(house.lodge.close)
        house.readiness.watch("accepting", lambda: _accepting(house))
        yield house


def _check_packages(names: Iterable[str]) -> None:
    """Refuse packages that nobody could be given.

    Raises:
        ConfigurationError: one is not installed here.
    """
    for name in names:
        if "/" in name:  # a wheel, which is read when it is used
            continue
        try:
            importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            raise ConfigurationError(
                f"RINGFENCE_PACKAGES: {name} is not installed here; install it, or leave it out"
            ) from None


def _check_image(path: Path) -> None:
    """Refuse a WebAssembly image that is not the one of this version, which its engine runs.

    Raises:
        ConfigurationError: it is none, or there is none.
    """
    from ringfence.images.wasi.build import CODE, find_image

    try:
        folder = find_image(code=CODE)
    except RingfenceError as error:
        raise ConfigurationError(f"RINGFENCE_WASI_IMAGE: {error}") from error
    if path.resolve() not in (folder.resolve(), *(one.resolve() for one in folder.iterdir())):
        raise ConfigurationError(
            f"RINGFENCE_WASI_IMAGE: {path} is no image of this version. Run `ringfence image build "
            "wasi`, and leave PYTHON_WASI_WASM_PATH out: the image is found by itself"
        )


async def _accepting(house: House) -> str | None:
    return house.closed()


async def _answering(store: Store) -> str | None:
    try:
        await store.check()
    except Fenced:
        return "another server was started on this database"
    except StoreUnavailable:
        return "does not answer, or cannot be written"
    return None


def is_own(address: str) -> bool:
    """Whether only this machine reaches an address.

    Raises:
        ConfigurationError: it is no address.
    """
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        raise ConfigurationError(f"{address!a} is no address; write 127.0.0.1") from None


async def _refuse(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    state = request.scope.setdefault("state", {})
    state["problem"] = problem.name
    house: House = request.app.state.house
    metrics = house.metrics
    if "tenant" in state:
        house.denials.note(state["tenant"], state.get("key_id"), problem)
    if problem.name == "quota":
        metrics.quota_refused(
            problem.errors[0].field.removeprefix("quota:") if problem.errors else ""
        )
    elif problem.name == "overloaded":
        metrics.overloaded()
    return answer_to(problem, state.get("request_id"))
