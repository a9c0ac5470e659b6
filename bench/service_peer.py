"""``python -m bench.service_peer``: what a service costs without a sandbox, and with a process for
each request. Prints its port.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Asked(BaseModel):
    """As much as such a service reads."""

    code: str


@app.post("/bare")
async def bare(asked: Asked) -> dict[str, Any]:
    """Nothing is run."""
    return {"status": "ok", "stdout": "1\n", "size": len(asked.code)}


@app.post("/process")
async def process(asked: Asked) -> dict[str, Any]:
    """A fresh Python, in no jail."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", "-c", asked.code, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    return {"status": "ok", "stdout": output.decode(), "size": len(asked.code)}


def main() -> None:
    """Serve until it is killed."""
    # Told that it is TCP, it sends without waiting for acknowledgements.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(app, access_log=False, log_level="warning", loop="uvloop")
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(uvicorn.Server(config).serve(sockets=[listening]))


if __name__ == "__main__":
    main()
