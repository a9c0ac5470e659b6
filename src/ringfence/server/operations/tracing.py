"""Traces, where an operator has said where to: OpenTelemetry, OTLP over HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from ringfence.errors import ConfigurationError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

__all__ = ["NoTracing", "Span", "Tracing", "tracing_to"]


class Span(Protocol):
    """A piece of work in a trace."""

    def set(self, **facts: str | float | bool) -> None:
        """Tell facts of it; never code and no secrets."""

    def failed(self) -> None:
        """It failed, for whatever reason."""


class Tracing(Protocol):
    """Makes spans."""

    def request(
        self, name: str, headers: Mapping[str, str]
    ) -> contextlib.AbstractContextManager[Span]:
        """A request; its trace is the one that its ``traceparent`` names."""

    def span(self, name: str) -> contextlib.AbstractContextManager[Span]:
        """A part of what is under way; it has failed where an exception leaves the block."""

    def close(self) -> None:
        """Send what waits."""


class _NoSpan:
    def set(self, **facts: str | float | bool) -> None:
        pass

    def failed(self) -> None:
        pass


class NoTracing:
    """Where nobody has asked for traces."""

    _none = contextlib.nullcontext(_NoSpan())

    def request(
        self, name: str, headers: Mapping[str, str]
    ) -> contextlib.AbstractContextManager[Span]:
        """Nothing."""
        return self._none

    def span(self, name: str) -> contextlib.AbstractContextManager[Span]:
        """Nothing."""
        return self._none

    def close(self) -> None:
        """Nothing."""


def tracing_to(endpoint: str, version: str) -> Tracing:
    """Traces to an endpoint; none where it is empty.

    Raises:
        ConfigurationError: the extra ``tracing`` is not installed, or the endpoint is no address.
    """
    if not endpoint:
        return NoTracing()
    if not endpoint.startswith(("http://", "https://")):
        raise ConfigurationError(
            f"RINGFENCE_OTEL_ENDPOINT={endpoint!a} is no address; write "
            "http://127.0.0.1:4318/v1/traces"
        )
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "RINGFENCE_OTEL_ENDPOINT is set, and OpenTelemetry is not installed. Get it with: "
            f"pip install 'ringfence[tracing]' ({error.name} is missing)"
        ) from None
    provider = TracerProvider(
        resource=Resource.create({"service.name": "ringfence", "service.version": version}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=5)))
    return _Traced(provider, version)


class _OpenSpan:
    def __init__(self, span: Any) -> None:
        self._span = span

    def set(self, **facts: str | float | bool) -> None:
        self._span.set_attributes({key.replace("_", ".", 1): one for key, one in facts.items()})

    def failed(self) -> None:
        from opentelemetry.trace import StatusCode

        self._span.set_status(StatusCode.ERROR)


class _Traced:
    def __init__(self, provider: TracerProvider, version: str) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("ringfence.server", version)

    @contextlib.contextmanager
    def request(self, name: str, headers: Mapping[str, str]) -> Iterator[Span]:
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        parent = TraceContextTextMapPropagator().extract(headers)
        with self._tracer.start_as_current_span(
            name,
            parent,
            kind=SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield _OpenSpan(span)

    @contextlib.contextmanager
    def span(self, name: str) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        ) as span:
            told = _OpenSpan(span)
            try:
                yield told
            except Exception:  # what it says may be a guest's words
                told.failed()
                raise

    def close(self) -> None:
        self._provider.shutdown()
