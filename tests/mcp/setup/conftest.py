from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from ringfence.cli.app import app


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Home:
    """A user's home folder, and the command as that user types it, at no terminal."""

    path: Path
    capsys: pytest.CaptureFixture[str]

    @classmethod
    def new(
        cls, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> Home:
        """That of a user who has nothing yet; this process is theirs for the test."""
        folder.mkdir(exist_ok=True)
        monkeypatch.setenv("HOME", str(folder))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / ".config"))
        monkeypatch.setenv("XDG_STATE_HOME", str(folder / ".local" / "state"))
        monkeypatch.delenv("CODEX_HOME", raising=False)
        monkeypatch.setattr("sys.stdin", io.StringIO())
        return cls(folder, capsys)

    @property
    def configuration(self) -> Path:
        return self.path / ".config"

    @property
    def broker(self) -> Path:
        return self.configuration / "ringfence" / "mcp.json"

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def answering(self, answer: str, *arguments: str, status: int = 0) -> str:
        """The same at a terminal, with what is typed there."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin", _Terminal(answer + "\n"))
            return self.setup(*arguments, status=status)

    def setup(self, *arguments: str, status: int = 0) -> str:
        with pytest.raises(SystemExit) as left:
            app(["mcp", "setup", *arguments], prog_name="ringfence")
        captured = self.capsys.readouterr()
        assert left.value.code == status, captured.out + captured.err
        return captured.out + captured.err

    def files(self) -> dict[str, bytes]:
        """All that is in it, but what setup keeps for itself."""
        return {
            str(path.relative_to(self.path)): path.read_bytes()
            for path in sorted(self.path.rglob("*"))
            if path.is_file() and ".local" not in path.parts
        }


@pytest.fixture
def home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Home:
    return Home.new(tmp_path / "home", monkeypatch, capsys)
