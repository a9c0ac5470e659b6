"""Which interpreter, and that it starts from exactly the files that its description names."""

import json
import os
import platform
import shutil
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from ringfence._engines.native.interpreter import Interpreter, describe_interpreter, loader_for
from ringfence.errors import InterpreterNotUsable
from tests.unit._engines.native import empty_root

STDLIB_WITH_LIBRARIES = "ssl, sqlite3, ctypes, zlib, lzma, bz2, hashlib, _decimal, uuid, asyncio"


def test_the_running_interpreter() -> None:
    found = describe_interpreter()

    assert found == describe_interpreter(sys.executable)
    assert found.python == sys.executable
    assert found.version == sys.version_info[:3]
    assert found.implementation == "cpython"
    assert found.stdlib == os.path.realpath(sysconfig.get_path("stdlib"))
    assert os.path.realpath(sysconfig.get_path("purelib")) in found.site
    assert Path(found.executable).is_file()
    assert not Path(found.executable).is_symlink()
    assert dict(found.markers) == {
        "implementation_name": "cpython",
        "implementation_version": platform.python_version(),
        "os_name": "posix",
        "platform_machine": platform.machine(),
        "platform_python_implementation": "CPython",
        "platform_release": platform.release(),
        "platform_system": "Linux",
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": "linux",
    }


def test_the_markers_have_the_names_of_the_packaging_library() -> None:
    from packaging.markers import default_environment

    assert dict(describe_interpreter().markers) == default_environment()


def test_is_described_once_per_state_of_the_file(tmp_path: Path) -> None:
    link = tmp_path / "bin" / "python"
    link.parent.mkdir()
    link.symlink_to(sys.executable)

    first = describe_interpreter(str(link))
    assert describe_interpreter(str(link)) is first

    # A pyvenv.cfg makes it another interpreter, with packages of its own.
    (tmp_path / "pyvenv.cfg").write_text(f"home = {Path(first.executable).parent}\n")
    second = describe_interpreter(str(link))
    assert second.key != first.key
    assert second.executable == first.executable


def test_a_virtual_environment_keeps_its_packages_to_itself(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)

    found = describe_interpreter(str(tmp_path / "env" / "bin" / "python"))

    base = describe_interpreter()
    assert (found.executable, found.stdlib) == (base.executable, base.stdlib)
    own = f"{tmp_path}/env/"
    assert found.site
    assert all(folder.startswith(own) for folder in found.site)
    assert not any(path.startswith(own) for path in found.paths)


def test_a_virtual_environment_with_system_packages_adds_the_base_s(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False, symlinks=True, system_site_packages=True)

    found = describe_interpreter(str(tmp_path / "env" / "bin" / "python"))

    base = describe_interpreter(found.executable)
    assert found.site[0].startswith(f"{tmp_path}/env/")
    assert set(base.site) <= set(found.site)


def test_the_user_s_packages_follow_the_host_s_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYTHONUSERBASE", raising=False)
    monkeypatch.delenv("PYTHONNOUSERSITE", raising=False)
    base = tmp_path / "with"
    base.symlink_to(describe_interpreter().executable)
    assert describe_interpreter(str(base)).site[0].startswith(f"{tmp_path}/.local/lib/")

    monkeypatch.setenv("PYTHONNOUSERSITE", "1")
    base = tmp_path / "without"
    base.symlink_to(describe_interpreter().executable)
    assert not any(s.startswith(str(tmp_path)) for s in describe_interpreter(str(base)).site)


def test_no_code_of_packages_runs(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    python = str(tmp_path / "env" / "bin" / "python")
    site = Path(describe_interpreter(python).site[0])
    (site / "evil.pth").write_text(f"import os; os.mkdir({str(tmp_path / 'ran')!r})\n")
    (site / "sitecustomize.py").write_text(f"import os; os.mkdir({str(tmp_path / 'ran')!r})\n")
    configuration = tmp_path / "env" / "pyvenv.cfg"
    configuration.write_text(configuration.read_text() + "\n")  # described anew

    describe_interpreter(python)

    assert not (tmp_path / "ran").exists()


def test_site_packages_inside_the_standard_library_are_masked() -> None:
    found = describe_interpreter(describe_interpreter().executable)
    inside = [s for s in found.site if s.startswith(f"{found.stdlib}/") and Path(s).is_dir()]

    assert set(inside) <= set(found.masks)
    assert all(mask.startswith(f"{found.stdlib}/") for mask in found.masks)


def script(tmp_path: Path, text: str) -> str:
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def answering(implementation: str, *version: int) -> Callable[[Path], str]:
    answer = json.dumps({"implementation": implementation, "version": version})
    return lambda tmp_path: script(tmp_path, f"echo '{answer}'")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: "", "is not a path"),
        (lambda _: "a\0b", "is not a path"),
        (lambda _: "python-that-is-nowhere", "is not on PATH"),
        (lambda tmp_path: f"{tmp_path}/absent", "No such file or directory"),
        (str, "is not an executable file"),
        (lambda _: __file__, "is not an executable file"),
        (lambda tmp_path: script(tmp_path, "echo hello"), "it did not run the probe"),
        (lambda tmp_path: script(tmp_path, "echo '[1]'"), "it did not run the probe"),
        (
            lambda tmp_path: script(tmp_path, "echo unknown option: -I >&2; exit 2"),
            r"does not run as Python 3 \(exit status 2: unknown option: -I\)",
        ),
        (
            lambda tmp_path: script(tmp_path, "kill -9 $$"),
            r"does not run as Python 3 \(exit status -9: it said nothing\)",
        ),
        (answering("cpython", 3, 10, 13), "CPython 3.10.13, .* too old"),
        (answering("cpython", 3, 15, 0), "CPython 3.15.0, .* too new"),
        (answering("pypy", 3, 11, 9), "is pypy 3.11.9, not CPython"),
    ],
)
def test_what_is_no_interpreter_is_refused_by_name(
    tmp_path: Path, make: Callable[[Path], str], message: str
) -> None:
    with pytest.raises(InterpreterNotUsable, match=message) as raised:
        describe_interpreter(make(tmp_path))
    assert str(raised.value).endswith("pass python= the path of a CPython 3.11 to 3.14")


def test_an_interpreter_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence._engines.native.interpreter._PROBE_SECONDS", 0.2)

    with pytest.raises(InterpreterNotUsable, match=r"did not answer within 0\.2 s"):
        describe_interpreter(script(tmp_path, "exec sleep 60"))


def test_an_embedded_interpreter_does_not_know_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")

    with pytest.raises(InterpreterNotUsable, match="embedded interpreter"):
        describe_interpreter()


def test_a_name_is_looked_up_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my-python").symlink_to(describe_interpreter().executable)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert describe_interpreter("my-python").python == f"{tmp_path}/my-python"


def test_libraries_on_the_host_s_library_path_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = describe_interpreter()
    libc = next(path for path in usual.libraries if Path(path).name == "libc.so.6")
    (tmp_path / "libc.so.6").symlink_to(os.path.realpath(libc))
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))

    found = describe_interpreter()

    assert f"{tmp_path}/libc.so.6" in found.libraries
    assert found.library_path == (str(tmp_path),)
    assert found.key != usual.key


# --------------------------------------------------------------------- in an otherwise empty root


def test_starts_from_its_paths_alone(interpreter: Interpreter, empty: Path) -> None:
    code = f"""
import os, sys, threading, {STDLIB_WITH_LIBRARIES}
sqlite3.connect(":memory:").execute("select 1")
ctypes.CDLL(None).getpid()
threading.Thread(target=lambda: ctypes.CDLL(None).pthread_exit(None)).start()  # loads libgcc_s
found = sorted(os.path.join(folder, name) for folder, _, names in os.walk("/") for name in names)
outside = [path for path in found if not path.startswith(sys.argv[1] + os.sep)]
print(*outside, sep="\\n", flush=True)
os._exit(0)  # the thread above ended behind the interpreter's back
"""
    code = code.replace("sys.argv[1]", repr(interpreter.stdlib))
    done = empty_root.run_python(empty, interpreter, code)

    assert done.stderr == ""
    expected = {interpreter.executable, *interpreter.libraries, "/dev/null"}
    assert set(done.stdout.split()) == expected
    assert done.returncode == 0


def test_masks_hide_packages_and_what_no_guest_needs(interpreter: Interpreter, empty: Path) -> None:
    code = f"import os; print([n for m in {interpreter.masks!r} for n in os.listdir(m)])"

    done = empty_root.run_python(empty, interpreter, code)

    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_every_library_is_needed(interpreter: Interpreter) -> None:
    loader = loader_for(interpreter)
    dynload = Path(interpreter.dynload) if interpreter.dynload else None
    modules = [str(path) for path in dynload.glob("*.so")] if dynload else []
    needed = {*loader.start_up.libraries, *loader.closure(modules).libraries, loader.path}

    names = {Path(path).name for path in set(interpreter.libraries) - needed}
    assert names <= {"libgcc_s.so.1"}


def test_no_window_system_comes_along(interpreter: Interpreter) -> None:
    names = {Path(path).name.split(".")[0] for path in interpreter.libraries}

    assert names.isdisjoint({"libX11", "libtk8", "libtcl8", "libtirpc"})


def test_a_copied_interpreter_leads_to_its_base(tmp_path: Path, empty: Path) -> None:
    if shutil.disk_usage(tmp_path).free < 64 << 20:
        pytest.skip("no room for a copy of the interpreter")
    venv.create(tmp_path / "env", with_pip=False, symlinks=False)

    found = describe_interpreter(str(tmp_path / "env" / "bin" / "python"))
    done = empty_root.run_python(empty, found, "import json; print(json.dumps([1]))")

    assert (done.stdout, done.stderr) == ("[1]\n", "")
