"""What may import what: pyproject.toml's contracts hold, they bite, and the tool's blind spots.

import-linter sees modules. What it cannot see (who loads a C library, who asks the public face for
a name, what a process ends up importing) is read here from the syntax tree and the import graph.
"""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
LINT = (
    "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
)

# Who may import what nobody else may, each with its reason.
RESERVED = {
    # The only calls into the C library, and into Wasmtime's.
    "ctypes": {
        "ringfence/jail/libc.py",
        # PocketPy's library, in the jail alone: no module that the host imports imports this one.
        "ringfence/_engines/pocketpy/binding.py",
        # What gives pages back, in a worker beside the module.
        "ringfence/_engines/wasi/originals.py",
        # Windows, where no library of Python's asks it for these.
        "ringfence/system/windows_access.py",
        "ringfence/system/windows_jobs.py",
        "ringfence/wasm/embedded.py",
        "ringfence/wasm/entry.py",
        "ringfence/wasm/instance.py",
        "ringfence/wasm/thread_stack.py",
        "ringfence/wasm/traps.py",
        # The counts of references in objects, of a worker that runs no code of a guest's.
        "ringfence/zygote/immortal.py",
    },
    "_ctypes": set(),
    "pickle": set(),  # guest bytes are hostile
    "_pickle": {"ringfence_guest/pickling.py"},  # in guests, of what is theirs
    "cloudpickle": set(),
    "marshal": set(),
    "shelve": set(),
    "dbm": set(),
    # Databases, one room of each.
    "sqlalchemy": {
        "ringfence/database/address.py",
        "ringfence/database/columns.py",
        "ringfence/database/engine.py",
        "ringfence/database/migrating.py",
        "ringfence/server/store/accounts.py",
        "ringfence/server/store/audit.py",
        "ringfence/server/store/blobs.py",
        "ringfence/server/store/checkpoints.py",
        "ringfence/server/store/database.py",
        "ringfence/server/store/migrations/versions/0001_first.py",
        "ringfence/server/store/migrations/versions/0002_sessions.py",
        "ringfence/server/store/migrations/versions/0003_stored.py",
        "ringfence/server/store/owner.py",
        "ringfence/server/store/receipts.py",
        "ringfence/server/store/session_tables.py",
        "ringfence/server/store/sessions.py",
        "ringfence/server/store/stored.py",
        "ringfence/server/store/tables.py",
        "ringfence/server/store/usage.py",
        "ringfence/server/store/work.py",
        "ringfence/workshop/store/accounts.py",
        "ringfence/workshop/store/audit.py",
        "ringfence/workshop/store/database.py",
        "ringfence/workshop/store/inserting.py",
        "ringfence/workshop/store/migrations/versions/0001_first.py",
        "ringfence/workshop/store/migrations/versions/0002_parents_of_tokens.py",
        "ringfence/workshop/store/models.py",
        "ringfence/workshop/store/plugins.py",
        "ringfence/workshop/store/submissions.py",
    },
    "alembic": {
        "ringfence/database/migrating.py",
        "ringfence/database/steps/env.py",
        "ringfence/server/store/migrations/versions/0001_first.py",
        "ringfence/server/store/migrations/versions/0002_sessions.py",
        "ringfence/server/store/migrations/versions/0003_stored.py",
        "ringfence/workshop/store/migrations/versions/0001_first.py",
        "ringfence/workshop/store/migrations/versions/0002_parents_of_tokens.py",
    },
    # Guests of a service are reached over one connection each, by one module at each end.
    "websockets": {
        "ringfence/_engines/remote/link.py",
        "ringfence/server/guests/frames.py",  # the other end of it
    },
    # What is signed, and by which keys: one room.
    "cryptography": {"ringfence/workshop/signing/keys.py"},
    "securesystemslib": {
        "ringfence/workshop/signing/authoring.py",
        "ringfence/workshop/signing/keys.py",
        "ringfence/workshop/signing/repository.py",
    },
    "tuf": {
        "ringfence/workshop/signing/authoring.py",
        "ringfence/workshop/signing/keys.py",
        "ringfence/workshop/signing/metadata.py",
        "ringfence/workshop/signing/release.py",
        "ringfence/workshop/signing/repository.py",
        "ringfence/workshop/signing/trust.py",
    },
    # The service's web framework: the modules that are routes, and what routes stand on.
    "fastapi": {
        "ringfence/server/access/caller.py",
        "ringfence/server/app.py",
        "ringfence/server/description.py",
        "ringfence/server/refusing.py",
        "ringfence/server/routes/agent.py",
        "ringfence/server/routes/asking.py",
        "ringfence/server/routes/execute.py",
        "ringfence/server/routes/files.py",
        "ringfence/server/routes/guests.py",
        "ringfence/server/routes/operations.py",
        "ringfence/server/routes/plugins.py",
        "ringfence/server/routes/runs.py",
        "ringfence/server/routes/sessions.py",
        "ringfence/server/routes/tools.py",
    },
    # Sockets of servers: one module that has the socket, and one of its connections, each.
    "uvicorn": {
        "ringfence/mcp/server/http.py",
        "ringfence/server/guests/frames.py",
        "ringfence/server/prompt.py",
        "ringfence/server/serving.py",
        "ringfence/server/stopping.py",
        "ringfence/workshop/http/prompt.py",
        "ringfence/workshop/http/serving.py",
    },
    "httptools": {"ringfence/server/prompt.py"},
    "uvloop": {"ringfence/server/serving.py"},
    # What an operator sees, and what an operator says.
    "prometheus_client": {"ringfence/server/operations/metrics.py"},
    "opentelemetry": {"ringfence/server/operations/tracing.py"},
    "pydantic_settings": {"ringfence/server/settings.py", "ringfence/server/variables.py"},
    # Tokens are counted in one place, which fetches nothing.
    "tiktoken": {"ringfence/mcp/setup/tokens.py"},
    # Language models.
    "pydantic_ai": {"ringfence/agent/model.py"},
    # MCP, in its room. Schemas of servers are checked by our own means: nothing goes back or fetches.
    "mcp": {
        "ringfence/mcp/broker/addresses.py",
        "ringfence/mcp/broker/connection.py",
        "ringfence/mcp/broker/processes.py",
        "ringfence/mcp/server/asking.py",
        "ringfence/mcp/server/handlers.py",
        "ringfence/mcp/server/http.py",
        "ringfence/mcp/server/keys.py",
        "ringfence/mcp/server/progress.py",
        "ringfence/mcp/server/prompts.py",
        "ringfence/mcp/server/resources.py",
        "ringfence/mcp/server/stdio.py",
    },
    "mcp_types": {
        "ringfence/mcp/broker/answers.py",
        "ringfence/mcp/broker/catalog.py",
        "ringfence/mcp/broker/connection.py",
        "ringfence/mcp/broker/flood.py",
        "ringfence/mcp/broker/processes.py",
        "ringfence/mcp/sampling.py",
        "ringfence/mcp/server/asking.py",
        "ringfence/mcp/server/content.py",
        "ringfence/mcp/server/elicitation.py",
        "ringfence/mcp/server/handlers.py",
        "ringfence/mcp/server/lending.py",
        "ringfence/mcp/server/prompts.py",
        "ringfence/mcp/server/resources.py",
        "ringfence/mcp/server/stdio.py",
        "ringfence/mcp/server/tools.py",
        "ringfence/mcp/server/transports.py",
    },
    "httpx2": {"ringfence/mcp/broker/addresses.py"},
    "jsonschema": set(),
    "wasmtime": {
        "ringfence/wasm/embedded.py",
        "ringfence/wasm/engine.py",
        "ringfence/wasm/entry.py",
        "ringfence/wasm/instance.py",
    },
}


def lint(source: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter as ``make lint`` does, over the packages in ``source``."""
    return subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=source.parent,
        env={**os.environ, "PYTHONPATH": str(source), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield every module of both packages: its path below src/ and its syntax tree."""
    for path in sorted(SRC.rglob("*.py")):
        yield path.relative_to(SRC).as_posix(), ast.parse(path.read_bytes())


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield the top-level name of everything a module imports, at any depth of its code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Who imports whom at run time, the standard library and other people's packages included."""
    return grimp.build_graph(
        "ringfence",
        "ringfence_guest",
        include_external_packages=True,
        exclude_type_checking_imports=True,
        cache_dir=None,
    )


def test_every_contract_holds() -> None:
    done = lint(SRC)
    assert done.returncode == 0, done.stdout + done.stderr


BREACHES = {
    "layers": ("ringfence/model/breach.py", "import ringfence.runtime"),
    "guest-is-independent": ("ringfence_guest/breach.py", "import ringfence.errors"),
    "protocol-stands-alone": ("ringfence_guest/protocol/breach.py", "import ringfence_guest.agent"),
    "engines-are-peers": ("ringfence/_engines/other.py", "import ringfence._engines.native"),
}


@pytest.mark.parametrize("contract", CONTRACTS["contracts"], ids=lambda contract: contract["id"])
def test_each_contract_bites(tmp_path: Path, contract: dict[str, str]) -> None:
    where, code = BREACHES[contract["id"]]
    shutil.copytree(SRC, tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "src" / where).write_text(code + "\n")

    done = lint(tmp_path / "src")

    broken = [line for line in done.stdout.splitlines() if line.endswith(" BROKEN")]
    assert broken == [contract["name"] + " BROKEN"]
    assert done.returncode == 1


def test_a_room_that_has_no_layer_is_refused(tmp_path: Path) -> None:
    shutil.copytree(SRC, tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "src/ringfence/attic.py").touch()

    done = lint(tmp_path / "src")

    assert "ringfence.attic" in done.stdout
    assert done.returncode == 1


def test_the_protocol_contract_names_every_other_module_of_the_guest(
    graph: grimp.ImportGraph,
) -> None:
    (contract,) = (one for one in CONTRACTS["contracts"] if one["id"] == "protocol-stands-alone")
    others = graph.find_children("ringfence_guest") - {"ringfence_guest.protocol"}
    assert set(contract["forbidden_modules"]) == others


def test_reserved_modules_are_imported_where_they_belong() -> None:
    found: dict[str, set[str]] = {name: set() for name in RESERVED}
    for path, tree in modules():
        for name in set(imported(tree)) & RESERVED.keys():
            found[name].add(path)
    assert found == RESERVED


def test_nothing_below_the_command_line_asks_the_public_face_for_a_name() -> None:
    rooms = {path.stem for path in (SRC / "ringfence").iterdir()}
    asked = {
        (path, alias.name)
        for path, tree in modules()
        if not path.startswith("ringfence/cli")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "ringfence"
        for alias in node.names
    }
    assert {(path, name) for path, name in asked if name not in rooms} == set()


def test_only_engines_import_what_runs_inside(graph: grimp.ImportGraph) -> None:
    inside = {
        module
        for module in graph.modules
        if module.startswith("ringfence_guest.")
        and not module.startswith("ringfence_guest.protocol")
        # How either side waits for the other.
        and module not in {"ringfence_guest.eager_poll", "ringfence_guest.readiness"}
    }
    users = {user for module in inside for user in graph.find_modules_that_directly_import(module)}
    hosts = {user for user in users if user.partition(".")[0] == "ringfence"}
    assert {user for user in hosts if not user.startswith("ringfence._engines.")} == set()


@pytest.mark.parametrize("start", ["ringfence.zygote.main", "ringfence_guest.agent"])
def test_what_runs_beside_a_guest_needs_the_standard_library_only(
    graph: grimp.ImportGraph, start: str
) -> None:
    reached = {module.partition(".")[0] for module in graph.find_upstream_modules(start)}
    theirs = reached - {"ringfence", "ringfence_guest"} - sys.stdlib_module_names
    assert theirs <= {"numpy"}  # where the guest has it: imported when an array crosses


def test_the_guest_loads_numpy_only_inside_functions() -> None:
    eager = {
        path
        for path, tree in modules()
        if path.startswith("ringfence_guest/")
        for node in tree.body
        if "numpy" in imported(ast.Module([node], []))
        and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.If)
    }
    assert eager == set()
