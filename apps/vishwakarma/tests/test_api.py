"""Version 1 of the API for extensions: its signatures, and what it needs."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import ringfence
import ringfence.blocks
import vishwakarma as vk
from vishwakarma_api import v1

APP = Path(__file__).resolve().parents[1]
GOLDEN = Path(__file__).parent / "golden/api_v1.txt"


def signatures() -> str:
    """Every public name of version 1 with its signature, one a line; methods of shapes too."""
    lines = []
    for name in sorted(v1.__all__):
        value = getattr(v1, name)
        if inspect.isclass(value):
            bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
            lines.append(f"class {name}({bases}){inspect.signature(value)}")
            lines += [
                f"    {name}.{one}{inspect.signature(member)}"
                for one, member in sorted(vars(value).items())
                if inspect.isfunction(member) and not one.startswith("_")
            ]
            if isinstance(kind := getattr(value, "kind", None), str):
                lines.append(f"    {name}.kind = {kind!r}")
        elif callable(value):
            lines.append(f"def {name}{inspect.signature(value)}")
        else:
            lines.append(f"{name} = {value!r}")
    return "\n".join(lines) + "\n"


def test_the_signatures_of_version_1_are_as_they_were() -> None:
    assert signatures() == GOLDEN.read_text()


def test_what_extensions_import_is_version_1() -> None:
    assert vk.__all__ == v1.__all__
    assert all(getattr(vk, name) is getattr(v1, name) for name in v1.__all__)


def test_everything_public_is_documented() -> None:
    for name in v1.__all__:
        value = getattr(v1, name)
        if callable(value):
            assert value.__doc__ and not value.__doc__.startswith(f"{name}("), name


@pytest.mark.parametrize("package", ["vishwakarma", "vishwakarma_api", "vishwakarma_drawing"])
def test_what_runs_in_guests_needs_the_standard_library_and_protobuf_only(package: str) -> None:
    allowed = {
        *sys.stdlib_module_names,
        "google",
        "vishwakarma",
        "vishwakarma_api",
        "vishwakarma_drawing",
    }
    for path in (APP / "src" / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert {name.partition(".")[0] for name in names} <= allowed, path


def test_the_packed_wire_does_not_load_protobuf() -> None:
    code = "import sys, vishwakarma, vishwakarma_api.v1.wire.packed; print('google' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_application_uses_public_names_of_ringfence_only() -> None:
    used = set()
    rooms = {
        "ringfence.errors",
        "ringfence.plugins",
        "ringfence.workshop",
        "ringfence.workshop.signing",
    }
    for path in (APP / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                assert not any(
                    one.name.startswith(("ringfence.", "ringfence_guest")) for one in node.names
                ), path
            elif isinstance(node, ast.ImportFrom):
                # Public modules beside the package, each with an __all__ of its own.
                module = node.module or ""
                if module == "ringfence":
                    names = {*ringfence.__all__, "blocks"}
                    assert {one.name for one in node.names} <= names, path
                elif module in rooms:
                    names = set(importlib.import_module(module).__all__)
                    assert {one.name for one in node.names} <= names, path
                else:
                    assert not module.startswith("ringfence"), (path, module)
            elif (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in {"ringfence", "blocks"}
            ):
                used.add((node.value.id, node.attr))
    public = {"ringfence": set(ringfence.__all__), "blocks": set(ringfence.blocks.__all__)}
    assert {one for one in used if one[1] not in public[one[0]]} == set()
    assert used


def test_outside_of_an_extension_it_says_so() -> None:
    code = "import vishwakarma as vk\ntry: vk.create_point(x=0, y=0)\nexcept RuntimeError as e: print(e)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "vishwakarma works within an extension; run it with the application\n"
