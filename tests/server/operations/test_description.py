"""The OpenAPI description is the contract: it is complete, and the service keeps it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ringfence.server.problems import PROBLEMS
from tests.server.process import ServiceProcess, service

SEED = "20261129"
EXAMPLES = "6"
NOT_TRIED = ["/v1/guests"]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """Runs are short, and nothing of the quotas is reached."""
    with service(
        tmp_path_factory.mktemp("described"),
        default_timeout="1",
        limit_wall="2",
        quota_per_minute="1000000",
        running="8",
        log_level="error",
    ) as running:
        yield running


def operations(running: ServiceProcess) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, found in running.ask("GET", "/openapi.json").json["paths"].items():
        for method, operation in found.items():
            yield path, method, operation


def test_every_path_has_its_problems_with_examples(described: ServiceProcess) -> None:
    told = set()
    for path, method, operation in operations(described):
        where = f"{method} {path}"
        assert operation.get("description"), where
        for status, response in operation["responses"].items():
            assert response.get("description"), (where, status)
            if int(status) < 400:
                continue
            content = response["content"]["application/problem+json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}, where
            for name, example in content["examples"].items():
                assert example["value"]["type"] == f"urn:ringfence:problem:{name}"
                assert example["value"]["status"] == int(status), (where, status, name)
                told.add(name)
        for status in ("400", "403", "421", "500", "503"):
            assert status in operation["responses"], (where, status)
        if path.startswith("/v1"):
            assert {"401", "422"} <= operation["responses"].keys(), where
            assert operation["security"], where
        if method in ("post", "put", "delete"):
            assert {"408", "413"} <= operation["responses"].keys(), where
    # Another method is none of these; where no agent's model is, no path tells it.
    assert told >= set(PROBLEMS) - {"method", "no-model"}


def test_nothing_of_the_framework_is_left_in_it(described: ServiceProcess) -> None:
    text = described.ask("GET", "/openapi.json").body.decode()
    assert "HTTPValidationError" not in text
    assert described.ask("GET", "/docs").status == 404
    assert described.ask("GET", "/redoc").status == 404


def test_the_service_keeps_to_its_description(described: ServiceProcess, tmp_path: Path) -> None:
    """schemathesis: requests made from the description, right ones and wrong ones."""
    config = tmp_path / "schemathesis.toml"
    # 503 is an answer: too much is asked, or no model is configured.
    config.write_text('[checks.not_a_server_error]\nexpected-statuses = ["2xx", "4xx", 503]\n')
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file", str(config), "run", f"{described.url}/openapi.json",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,"
        "response_headers_conformance,response_schema_conformance",
        "--phases", "examples,coverage,fuzzing",
        "--max-examples", EXAMPLES, "--seed", SEED, "--generation-deterministic",
        "--request-timeout", "20", "--workers", "1", "--max-failures", "5", "--no-color",
        "--warnings", "off", "--max-time", "12",
    ]  # fmt: skip
    for path in NOT_TRIED:
        command += ["--exclude-path", path]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=240, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    assert described.ask("GET", "/ready").status == 200
