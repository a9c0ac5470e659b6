"""An OpenAI-compatible endpoint that says what a test tells it to: chat completions over a socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Endpoint", "Failing", "Hanging", "Scripted", "calling", "model_endpoint", "running"]


@dataclass(frozen=True)
class Failing:
    """An error of HTTP; the SDK may send the request again at once."""

    status: int
    body: str = '{"error": {"message": "the key sk-secret is wrong"}}'


class Hanging:
    """No answer, until the endpoint closes."""


Calls = Sequence[tuple[str, str]]
Scripted = str | Calls | Failing | Hanging | dict[str, Any]


def calling(arguments: dict[str, Any] | str, tool: str = "python_executor") -> Calls:
    """A response that is one tool call."""
    return [(tool, arguments if isinstance(arguments, str) else json.dumps(arguments))]


def running(code: str, **more: Any) -> Calls:
    """A response that runs code."""
    return calling({"code": code, **more})


@dataclass
class Endpoint:
    """What it answers, and what it was asked.

    Attributes:
        script: gives the answer to a request, by its number from 0 and its body.
        requests: the bodies that came, in order.
        keys: what each said of its key.
        usage: what each answer reports; None is nothing.
        news: is notified of each request.
    """

    script: Callable[[int, dict[str, Any]], Scripted]
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    usage: dict[str, int] | None = field(
        default_factory=lambda: {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    )
    url: str = ""
    closing: threading.Event = field(default_factory=threading.Event)
    news: threading.Condition = field(default_factory=threading.Condition)

    def told(self, number: int) -> list[str]:
        """What the tool results of a request say, the last ones."""
        results: list[str] = []
        for message in reversed(self.requests[number]["messages"]):
            if message["role"] != "tool":
                break
            results.insert(0, message["content"])
        return results

    def variables(self, **more: object) -> dict[str, str]:
        """The environment that makes Ringfence use it."""
        settings = {
            "MODEL": "scripted",
            "BASE_URL": f"{self.url}/v1",
            "API_KEY": "sk-secret",
            **more,
        }
        return {f"RINGFENCE_AGENT_{name}": str(value) for name, value in settings.items()}


@contextmanager
def model_endpoint(
    *answers: Scripted, script: Callable[[int, dict[str, Any]], Scripted] | None = None
) -> Iterator[Endpoint]:
    """Serve on loopback: ``answers`` one after the other, or what ``script`` gives."""
    endpoint = Endpoint(script or (lambda number, _: answers[number]))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with endpoint.news:
                number = len(endpoint.requests)
                endpoint.requests.append(body)
                endpoint.keys.append(self.headers["Authorization"])
                endpoint.news.notify_all()
            assert self.path == "/v1/chat/completions"
            assert not body.get("stream")
            answer = endpoint.script(number, body)
            if isinstance(answer, Hanging):
                endpoint.closing.wait()
                self.close_connection = True
            elif isinstance(answer, Failing):
                self._send(answer.status, answer.body)
            elif isinstance(answer, dict):
                self._send(200, json.dumps(answer))
            else:
                self._send(200, json.dumps(_completion(answer, endpoint.usage)))

        def _send(self, status: int, text: str) -> None:
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Retry-After-Ms", "1")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}"
    serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    try:
        yield endpoint
    finally:
        endpoint.closing.set()
        server.shutdown()
        server.server_close()
        serving.join()


def _completion(answer: str | Calls, usage: dict[str, int] | None) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None}
    if isinstance(answer, str):
        message["content"] = answer
    else:
        message["tool_calls"] = [
            {
                "id": f"call_{number}",
                "type": "function",
                "function": {"name": name, "arguments": arguments},
            }
            for number, (name, arguments) in enumerate(answer)
        ]
    told: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop" if isinstance(answer, str) else "tool_calls",
                "message": message,
            }
        ],
    }
    if usage is not None:
        told["usage"] = usage
    return told
