"""Which engine runs, behind which walls; what is granted; what is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence import Limits, Policy
from ringfence.model.limits import LIMIT_NAMES
from tests.conformance.conftest import LEVEL, Make, MakeAsync, Run, finish

full_level_only = pytest.mark.skipif(
    LEVEL.walls is not None, reason="asked at the full level only: it names its own walls"
)


@pytest.mark.requirement("engines.listed")
def test_engines(engine: str) -> None:
    info = ringfence.engines()[engine]
    assert info.name == engine
    assert set(info.availability.walls) <= set(info.capabilities.walls)
    assert info.capabilities.limits <= set(LIMIT_NAMES)
    for reason in info.availability.missing.values():
        assert isinstance(reason, str)
        assert reason
    assert isinstance(info.availability.remedy, str)


@full_level_only
@pytest.mark.requirement("engines.auto", "walls.default-full")
def test_auto(engine: str) -> None:
    accepted = [frozenset(walls) for walls in Policy().walls]
    able = [
        name
        for name, info in ringfence.engines().items()
        if any(walls in accepted for walls in info.availability.walls)
    ]
    if not able:
        with pytest.raises(ringfence.EngineNotAvailable):
            ringfence.run("1")
        return
    for result in (ringfence.run("1"), ringfence.run("1", engine="auto")):
        assert result.value == 1
        assert result.engine in able
        assert result.walls in accepted
        assert len(result.walls) > 1
    assert engine in ringfence.engines()


@pytest.mark.requirement("engines.named")
def test_named(engine: str, run: Run) -> None:
    assert run("1").engine == engine
    assert run("1", engine=[engine]).engine == engine


class _Unable:
    """An engine that can do nothing: a peer of the others, behind the same port."""

    capabilities = ringfence.Capabilities(walls=(), limits=frozenset())

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        self.asked = 0

    def availability(self) -> ringfence.Availability:
        return ringfence.Availability((), {"everything": self.reason}, "nothing helps")

    def image(self, spec: Any) -> Any:
        self.asked += 1
        raise ringfence.PolicyNotEnforceable(self.reason)


@pytest.mark.requirement("engines.order")
def test_list_is_tried_in_order(run: Run, engine: str) -> None:
    unable = _Unable("unable", "no such wall")
    result = run("6 * 7", engine=[unable, engine])
    assert (result.value, result.engine, unable.asked) == (42, engine, 1)
    later = _Unable("later", "never asked")
    assert run("1", engine=[engine, later]).engine == engine
    assert later.asked == 0


@pytest.mark.requirement("engines.none")
def test_none_of_a_list(run: Run) -> None:
    engines = [_Unable("one", "its wall fell"), _Unable("two", "its gate is open")]
    with pytest.raises(ringfence.EngineNotAvailable) as caught:
        run("1", engine=engines)
    text = str(caught.value)
    assert text.startswith("no engine can honour the request (walls: ")
    assert "one: its wall fell" in text
    assert "two: its gate is open" in text


@pytest.mark.requirement("engines.none")
def test_the_one_engine_says_itself_what_is_wrong(run: Run) -> None:
    with pytest.raises(ringfence.PolicyNotEnforceable, match="its wall fell"):
        run("1", engine=_Unable("one", "its wall fell"))


@full_level_only
@pytest.mark.requirement("walls.default-full")
def test_default_walls_are_a_full_set(run: Run) -> None:
    assert run("1").walls in (
        frozenset({"namespaces", "landlock", "seccomp"}),
        frozenset({"wasm", "namespaces", "seccomp"}),
        frozenset({"wasm", "process"}),
    )


@full_level_only
@pytest.mark.requirement("walls.weaker-by-name")
def test_weaker_walls_by_name(engine: str) -> None:
    info = ringfence.engines()[engine]
    for walls in info.availability.walls:
        limits = Limits() if "namespaces" in walls or "wasm" in walls else Limits(threads=0, disk=0)
        result = ringfence.run("6 * 7", engine=engine, policy=Policy(walls=[walls]), limits=limits)
        assert (result.value, result.walls) == (42, walls)
        bounded = {n for n in info.capabilities.limits if getattr(limits, n) is not None}
        assert set(result.enforced) == bounded | {"network", "files", "processes"}


@full_level_only
@pytest.mark.requirement("walls.weaker-by-name")
def test_strongest_accepted_set_stands(engine: str) -> None:
    standing = ringfence.engines()[engine].availability.walls
    weakest_last = Policy(walls=[*standing])
    assert ringfence.run("1", engine=engine, policy=weakest_last).walls == standing[0]


@full_level_only
@pytest.mark.requirement("walls.refused")
def test_walls_that_the_engine_does_not_have(engine: str) -> None:
    info = ringfence.engines()[engine]
    foreign = next(
        walls
        for walls in ({"v8"}, {"wasm"}, {"seccomp"})
        if frozenset(walls) not in info.capabilities.walls
    )
    with pytest.raises(ringfence.PolicyNotEnforceable) as caught:
        ringfence.run("1", engine=engine, policy=Policy(walls=[foreign]))
    assert str(caught.value).startswith(
        f"{engine}: none of the accepted sets of walls is one of its own: {{"
    )


@pytest.mark.requirement("policy.deterministic-refused")
def test_deterministic(run: Run, engine: str) -> None:
    policy = Policy(deterministic=True)
    if ringfence.engines()[engine].capabilities.deterministic:
        code = "import random, time\nrandom.random(), time.time(), hash('a')"
        assert run(code, policy=policy).value == run(code, policy=policy).value
        return
    with pytest.raises(
        ringfence.PolicyNotEnforceable, match=f"^{engine}: deterministic=True cannot be enforced"
    ):
        run("1", policy=policy)


@pytest.mark.requirement("policy.tenant-refused")
def test_tenant_where_the_engine_cannot(run: Run, engine: str) -> None:
    policy = Policy(isolation="tenant")
    if ringfence.engines()[engine].capabilities.tenant:
        assert run("6 * 7", policy=policy).value == 42
        return
    with pytest.raises(
        ringfence.PolicyNotEnforceable, match=f"^{engine}: isolation='tenant' cannot be enforced: "
    ):
        run("1", policy=policy)


# --- read -----------------------------------------------------------------------------------


@pytest.fixture
def granted(tmp_path: Path) -> Path:
    """A folder to grant, with a secret beside it."""
    folder = tmp_path / "granted folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("ä")
    (folder / "deep" / "b.bin").write_bytes(bytes(range(256)))
    (folder / "out").symlink_to(tmp_path / "secret.txt")
    (folder / "in").symlink_to("a.txt")
    (tmp_path / "secret.txt").write_text("a secret")
    for path in (tmp_path, *tmp_path.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    for parent in tmp_path.parents:
        if (
            parent != Path("/tmp")
            and os.access(parent, os.W_OK)
            and parent.stat().st_uid == os.getuid()
        ):
            parent.chmod(parent.stat().st_mode | 0o055)
        if parent.name.startswith("pytest-of"):
            break
    return folder


_TRY = """
def attempt(work):
    try:
        return work()
    except OSError as error:
        return type(error).__name__
"""


@pytest.mark.requirement("policy.read")
def test_read(run: Run, granted: Path) -> None:
    code = (
        "import os\n"
        "open(f'{folder}/a.txt').read(), open(f'{folder}/deep/b.bin', 'rb').read() == bytes(range(256)),"
        " sorted(os.listdir(folder)), open(f'{folder}/in').read(), os.path.getsize(f'{folder}/a.txt')"
    )
    result = run(code, policy=Policy(read=[granted]), inputs={"folder": str(granted)})
    assert result.status == "ok", result.error
    assert result.value == ("ä", True, ["a.txt", "deep", "in", "out"], "ä", 2)


@pytest.mark.requirement("policy.read")
def test_read_a_single_file(run: Run, granted: Path) -> None:
    path = str(granted / "a.txt")
    code = _TRY + "open(path).read(), attempt(lambda: open(path.replace('a.txt', 'deep/b.bin')))"
    seen, beside = run(code, policy=Policy(read=[path]), inputs={"path": path}).value
    assert seen == "ä"
    assert beside in ("FileNotFoundError", "PermissionError")


@pytest.mark.requirement("policy.read-only")
@pytest.mark.parametrize(
    "action",
    [
        "open(f'{folder}/a.txt', 'w')",
        "open(f'{folder}/a.txt', 'a')",
        "open(f'{folder}/new', 'w')",
        "os.remove(f'{folder}/a.txt')",
        "os.mkdir(f'{folder}/new')",
        "os.rmdir(f'{folder}/deep')",
        "os.rename(f'{folder}/a.txt', f'{folder}/b.txt')",
        "os.symlink('/etc', f'{folder}/link')",
        "os.link(f'{folder}/a.txt', f'{folder}/link')",
        "os.chmod(f'{folder}/a.txt', 0o777)",
        "os.utime(f'{folder}/a.txt')",
        "os.truncate(f'{folder}/a.txt', 0)",
    ],
)
def test_read_is_read_only(run: Run, granted: Path, action: str) -> None:
    before = sorted(str(path) for path in granted.rglob("*")), (granted / "a.txt").stat()
    code = f"import os\n{_TRY}attempt(lambda: {action} and 'done' or 'done')"
    result = run(code, policy=Policy(read=[granted]), inputs={"folder": str(granted)})
    assert result.value in ("PermissionError", "OSError")
    assert before == (sorted(str(path) for path in granted.rglob("*")), (granted / "a.txt").stat())


@pytest.mark.requirement("policy.read-nothing-else")
def test_beside_what_is_granted(run: Run, granted: Path) -> None:
    code = _TRY + (
        "import os\n"
        "[attempt(lambda: open(f'{folder}/../secret.txt').read()), attempt(lambda: open(f'{folder}/out').read()),"
        " attempt(lambda: open('/etc/passwd').read())]"
    )
    result = run(code, policy=Policy(read=[granted]), inputs={"folder": str(granted)})
    assert set(result.value) <= {"FileNotFoundError", "PermissionError"}


@pytest.mark.requirement("policy.zoneinfo")
def test_zoneinfo(run: Run) -> None:
    data = Path("/usr/share/zoneinfo")
    if not (data / "Europe" / "Paris").exists():
        pytest.skip("this machine has no /usr/share/zoneinfo")
    code = (
        "from datetime import datetime\nfrom zoneinfo import ZoneInfo\n"
        "datetime(2024, 7, 1, tzinfo=ZoneInfo('Europe/Paris')).isoformat()"
    )
    policy = Policy(read=[data])
    assert run(code, policy=policy).value == "2024-07-01T00:00:00+02:00"


# --- isolation and CPU share ----------------------------------------------------------------

_SEED = "hash('one'), hash('two')"


@pytest.mark.requirement("policy.tenant")
def test_tenant_has_an_image_of_its_own(run: Run) -> None:
    shared = {run(_SEED).value for _ in range(2)}
    tenants = {run(_SEED, policy=Policy(isolation="tenant")).value for _ in range(2)}
    assert len(shared) == 1
    assert len(tenants) == 2
    assert not shared & tenants


@pytest.mark.requirement("policy.tenant", "tasks.parity")
def test_tenant_sandbox(make: Make, make_async: MakeAsync) -> None:
    box = make(policy=Policy(isolation="tenant"))
    seed = box.run(f"x = {_SEED}\nx").value
    assert box.run("x").value == seed

    async def work() -> Any:
        async with make_async(policy=Policy(isolation="tenant")) as other:
            return (await other.run(_SEED)).value

    assert finish(work()) != seed


@pytest.mark.requirement("policy.cpu-share")
def test_cpu_share(run: Run, engine: str) -> None:
    policy, limits = Policy(cpu_share=0.1), Limits(wall=1)
    try:
        result = run("while True: len('')", policy=policy, limits=limits)
    except ringfence.PolicyNotEnforceable as error:
        if os.geteuid() == 0 and Path("/sys/fs/cgroup/cpu").is_dir():
            raise
        assert f"{engine}: cpu_share=0.1 needs a cgroup cpu controller" in str(error)
        return
    assert (result.status, result.limit) == ("limit", "wall")
    assert result.enforced["cpu_share"]
    assert result.usage.cpu is not None
    assert result.usage.cpu < result.usage.wall / 2


@pytest.mark.requirement("policy.cpu-share")
def test_cpu_share_is_not_claimed_without_being_asked(run: Run) -> None:
    assert "cpu_share" not in run("1").enforced
