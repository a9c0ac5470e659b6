"""Bundles to install, and workshops that have them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ringfence.plugins import Bundle

IMPORTER = """
import vishwakarma as vk

from parts import reading


def import_dots(source, size):
    for x, y in reading.points(source):
        vk.create_circle(x=x, y=y, radius=size)
"""
READING = """
def points(source):
    for line in source:
        x, y = map(float, line.split())
        yield x, y
"""
EXPORTER = """
import vishwakarma as vk


def export(target):
    for one in vk.query():
        target.write(f"{one.id} {one.kind}\\n".encode())
"""
COMMAND = """
import vishwakarma as vk


def stamp(text):
    vk.create_text(text=text, x=0, y=0)
"""
DEFINING = """
import vishwakarma as vk


def stamp(text):
    vk.define_block("stamp", "def stamp():\\n    line(0, 0, 1, 1)")
    vk.create_block_instance(block="stamp")
"""
PICKET = """
def picket(pales: int = 8, height: float = 1.2):
    for i in range(pales):
        cuboid(i * 0.15, 0, 0, 0.1, 0.02, height)
"""


def bundle(
    name: str,
    kind: str,
    modules: Mapping[str, str],
    host: str,
    *,
    version: str = "1.0.0",
    title: str = "Something",
    entry: str = "main",
    spec: str = "vishwakarma",
    spec_version: str = "1.0",
    packages: Sequence[str] = (),
    grants: Sequence[str] = (),
    description: str = "",
) -> Bundle:
    """A bundle, with its ``[host]`` table and what comes after it as text."""
    manifest = f"""
[plugin]
name = {json.dumps(name)}
version = {json.dumps(version)}
author = "ada"
title = {json.dumps(title)}
description = {json.dumps(description)}
kind = {json.dumps(kind)}
entry = {json.dumps(entry)}
packages = {json.dumps(list(packages))}
grants = {json.dumps(list(grants))}

[spec]
name = {json.dumps(spec)}
version = {json.dumps(spec_version)}

[host]
{host}
"""
    files = {f"{one.replace('.', '/')}.py": source.encode() for one, source in modules.items()}
    return Bundle.of_files({"plugin.toml": manifest.encode(), **files})


def dots(version: str = "1.0.0", **more: Any) -> Bundle:
    """An importer of several modules."""
    modules = more.pop(
        "modules", {"main": IMPORTER, "parts.reading": READING, "parts.__init__": ""}
    )
    host = more.pop(
        "host",
        'function = "import_dots"\nsuffixes = [".dots"]\n'
        '[parameters.size]\ntype = "float"\ndefault = 1.0\nlow = 0.1',
    )
    more.setdefault("title", "Import dots")
    return bundle("dots-import", "importer", modules, host, version=version, **more)


def listing(**more: Any) -> Bundle:
    """An exporter."""
    host = 'function = "export"\nsuffixes = [".list"]'
    return bundle("listing", "exporter", {"main": EXPORTER}, host, title="Export a list", **more)


def stamp(version: str = "1.0.0", source: str = COMMAND, **more: Any) -> Bundle:
    """A command."""
    host = 'function = "stamp"\n[parameters.text]\ntype = "str"\ndefault = "seen"'
    more.setdefault("title", "Stamp the model")
    name = more.pop("name", "stamp")
    return bundle(name, "command", {"main": source}, host, version=version, **more)


def fences(version: str = "1.0.0", *, block: str = "picket", **more: Any) -> Bundle:
    """A library of one block."""
    source = more.pop("source", PICKET.replace("picket", block))
    host = more.pop(
        "host",
        f'[host.blocks.{block}]\ntitle = "Picket fence"\n'
        f'[host.blocks.{block}.parameters]\npales = ["Pales", 2, 60, 1]',
    )
    name = more.pop("name", "fences")
    more.setdefault("title", "Fences")
    return bundle(name, "blocks", {block: source}, host, version=version, entry=block, **more)
