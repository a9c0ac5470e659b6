"""The settings of the service: what is wrong is told by its variable, before anything starts."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ringfence.agent.settings import AgentSettings
from ringfence.errors import ConfigurationError
from ringfence.server.configuration import metrics_page, page
from ringfence.server.settings import Settings
from ringfence.server.variables import AGENT_VARIABLES, ALIASES

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    import os

    for name in [*os.environ]:
        if name.startswith("RINGFENCE_") or name in ALIASES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", "/dev/null")
    return monkeypatch


def test_without_any_variable_it_listens_to_this_machine_only() -> None:
    settings = Settings.read()
    assert (settings.host, settings.port, settings.engine) == ("127.0.0.1", 8000, "auto")
    assert settings.limits.memory == 256 << 20
    assert settings.memory >= 256 << 20
    assert settings.limits.wall == 60.0
    assert settings.default_timeout == 30.0
    assert settings.packages == ()
    assert settings.database.startswith("sqlite:////")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("RINGFENCE_PORT", "http", "RINGFENCE_PORT: "),
        ("RINGFENCE_PORT", "70000", "RINGFENCE_PORT: "),
        ("RINGFENCE_LIMIT_MEMORY", "much", "limit_memory='much' is not a size"),
        ("RINGFENCE_LIMIT_WALL", "10", "default_timeout=30 is more than limit_wall=10"),
        ("RINGFENCE_DEFAULT_TIMEOUT", "90", "RINGFENCE_DEFAULT_TIMEOUT: "),
        ("RINGFENCE_NAMES", "a b/c", "'b/c' is no host name"),
        ("RINGFENCE_ORIGINS", "app.example", "'app.example' is no origin"),
        ("RINGFENCE_BLOBS", "disk:relative", "RINGFENCE_BLOBS: write database, or disk:"),
        ("RINGFENCE_BODIES_BYTES", "2048", "bodies_bytes is less than request_bytes"),
        ("RINGFENCE_MEMORY_BUDGET", "all", "memory_budget='all' is not a size"),
        (
            "RINGFENCE_MEMORY_BUDGET",
            "64MiB",
            "memory_budget=64MiB is less than limit_memory=256MiB",
        ),
        ("RINGFENCE_LIMIT_MEMROY", "1GiB", "RINGFENCE_LIMIT_MEMROY is no setting of the service"),
        ("WASI_MEMORY_LIMIT_MB", "x", "limit_memory='xMiB' is not a size"),
        ("WASI_TIMEOUT_SECONDS", "120", "RINGFENCE_DEFAULT_TIMEOUT: "),
        ("PYTHON_SANDBOX_READY", "maybe", "RINGFENCE_ACCEPTING: "),
    ],
)
def test_what_is_wrong_is_told_by_its_name(
    environment: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        Settings.read()


def test_names_of_the_known_service_are_understood(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("WASI_MEMORY_LIMIT_MB", "128")
    environment.setenv("WASI_TIMEOUT_SECONDS", "20")
    environment.setenv("PYTHON_SANDBOX_READY", "false")
    settings = Settings.read()
    assert settings.limits.memory == 128 << 20
    assert settings.default_timeout == 20.0
    assert settings.accepting is False
    environment.setenv("RINGFENCE_LIMIT_MEMORY", "64MiB")
    assert Settings.read().limits.memory == 64 << 20
    assert Settings.read(limit_memory="32MiB").limits.memory == 32 << 20


def test_lists_are_parted_by_commas(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("RINGFENCE_PACKAGES", "numpy, pandas")
    environment.setenv("RINGFENCE_NAMES", "")
    settings = Settings.read()
    assert (settings.packages, settings.names) == (("numpy", "pandas"), ())


@pytest.mark.parametrize("name", AGENT_VARIABLES)
def test_variables_of_agents_are_those_that_agents_read(name: str) -> None:
    asked: set[str] = set()

    class Environment(dict[str, str]):
        def get(self, key: str, default: object = None) -> str:
            asked.add(key)
            return ""

    AgentSettings.from_environment(Environment())
    assert asked == {f"RINGFENCE_AGENT_{one}" for one in AGENT_VARIABLES}
    assert f"RINGFENCE_AGENT_{name}" in asked


@pytest.mark.parametrize(
    ("file", "table", "made"),
    [("configuration.md", "settings", page), ("operating.md", "metrics", metrics_page)],
)
def test_pages_say_what_the_service_has(file: str, table: str, made: Callable[[], str]) -> None:
    text = (ROOT / "docs" / file).read_text()
    told = text.partition(f"<!-- {table}:begin -->")[2].partition(f"<!-- {table}:end -->")[0]
    assert told.strip() == made().strip(), (
        "write it again: python -m ringfence.server.configuration docs/configuration.md "
        "docs/operating.md"
    )


def test_every_variable_is_on_the_page() -> None:
    told = page()
    for name in Settings.model_fields:
        assert f"`RINGFENCE_{name.upper()}`" in told
    for name in AGENT_VARIABLES:
        assert f"`RINGFENCE_AGENT_{name}`" in told
    for name in ALIASES:
        assert f"`{name}`" in told
