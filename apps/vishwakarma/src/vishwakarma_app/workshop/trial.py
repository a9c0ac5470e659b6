"""Trying what is submitted to a workshop, as the application would run it."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import ringfence
from ringfence.plugins import Bundle, CaseReport, Manifest, TrialReport
from vishwakarma_api.v1 import shapes
from vishwakarma_app.blocks import (
    LIBRARY,
    BlockLibrary,
    BlockRunner,
    LibraryBlock,
    check_script,
    define,
    insert,
)
from vishwakarma_app.document import Document
from vishwakarma_app.errors import BlockRefused, DocumentError, ExtensionFailed, ExtensionRefused
from vishwakarma_app.extensions import (
    KINDS,
    LENT,
    Extension,
    check_loads,
    check_manifest,
    read_bundle,
    run_extension,
    shipped,
)
from vishwakarma_app.manifests import SPEC

__all__ = ["LIMITS", "TRIAL", "ExtensionTrial"]

LIMITS = ringfence.Limits(
    wall=20, cpu=20, host_wall=20, memory="512MiB", disk="64MiB", calls=100_000, output="1MiB"
)
"""What bounds one case."""

MOST_PRIMITIVES = 100_000

_REFUSALS = frozenset({"ValueError", "UnicodeDecodeError", "EOFError"})
"""What an extension raises to say no to a file or a selection."""

_FILES = (("an empty file", b""), ("a file of one line", b"vishwakarma\n"))

_PROBE = "def probe():\n    line(0, 0, 1, 1)\n    cuboid(0, 0, 0, 1, 1, 1)"


class ExtensionTrial:
    """How a workshop tries Vishwakarma's kinds: a :class:`ringfence.workshop.ports.Spec`.

    An extension has to load. An importer is given an empty file and one of a line, for each of its
    suffixes; an exporter a small document, of which it has to write something; a command a small
    selection. All have to end within ``limits``; an importer or a command may say no, by raising
    ``ValueError`` (or ``UnicodeDecodeError``, ``EOFError``); any other exception is a fault. Each
    script of a library of blocks is compiled, and evaluated with its defaults.

    Args:
        engine: one of Ringfence's engines, or ``auto``.
        limits: what bounds one case.
    """

    name = SPEC
    kinds = frozenset(KINDS)
    lends = frozenset(LENT)

    def __init__(self, *, engine: str = "auto", limits: ringfence.Limits = LIMITS) -> None:
        self._engine, self._limits = engine, limits

    def check(self, manifest: Manifest) -> None:
        """Let a manifest pass that this application can read.

        Raises:
            SpecMismatch: it is for another one, or another version.
            ConfigurationError: its ``[host]`` is wrong, it asks for what there is not, or it is
                named like what comes with the application.
        """
        try:
            check_manifest(manifest)
        except ExtensionRefused as error:
            raise ringfence.ConfigurationError(str(error)) from None
        if manifest.name in shipped() or manifest.name == SPEC:
            raise ringfence.ConfigurationError(
                f"{manifest.name}: something of this name comes with Vishwakarma; take another"
            )

    def try_out(self, bundle: Bundle) -> TrialReport:
        """Run it, in sandboxes.

        Raises:
            ConfigurationError: it is nothing that can be run.
            RingfenceError: it could not be tried here, which says nothing about it.
        """
        self.check(bundle.manifest)
        try:
            found = read_bundle(bundle)
        except ExtensionRefused as error:
            raise ringfence.ConfigurationError(str(error)) from None
        trial = _Trial(self._engine, self._limits)
        if isinstance(found, BlockLibrary):
            trial.library(found)
        else:
            trial.extension(found)
        cases = tuple(trial.cases)
        return TrialReport(ok=all(one.ok for one in cases), cases=cases, engine=self._engine)


TRIAL = ExtensionTrial()
"""What a workshop is told to try with: ``--spec vishwakarma_app.workshop:TRIAL``."""


class _Trial:
    """One trial; what came of it is in ``cases``."""

    def __init__(self, engine: str, limits: ringfence.Limits) -> None:
        self.cases: list[CaseReport] = []
        self._engine, self._limits = engine, limits

    def extension(self, extension: Extension) -> None:
        """Load it, then run it on what is its kind's."""
        if not self._case(
            extension.kind,
            "it loads",
            lambda: check_loads(extension, engine=self._engine, limits=self._limits),
        ):
            return
        if extension.kind == "importer":
            for suffix in extension.suffixes:
                for title, data in _FILES:
                    self._case(
                        "importer",
                        f"{title} ({suffix})",
                        partial(self._run, extension, Document("mm"), source=data),
                        may_refuse=True,
                    )
        elif extension.kind == "exporter":
            self._case("exporter", "a small document", lambda: self._export(extension))
        else:
            document = _small_document()
            document.select(document.children())
            self._case(
                "command",
                "a small selection",
                lambda: self._run(extension, document),
                may_refuse=True,
            )

    def library(self, library: BlockLibrary) -> None:
        """Compile each script, and evaluate it with its defaults."""
        for block in library.blocks.values():
            self._case("blocks", f"{block.name} with its defaults", partial(self._draw, block))

    def _run(self, extension: Extension, document: Document, **files: Any) -> None:
        if "source" in files:
            files["source"] = io.BytesIO(files["source"])
        run_extension(
            document,
            extension,
            engine=self._engine,
            wire="packed",  # which an extension does not notice, and which starts sooner
            limits=self._limits,
            primitives=MOST_PRIMITIVES,
            **files,
        )

    def _export(self, extension: Extension) -> None:
        target = io.BytesIO()
        self._run(extension, _small_document(), target=target)
        if not target.tell():
            raise ExtensionFailed(f"{extension.name}: it wrote nothing")

    def _draw(self, block: LibraryBlock) -> None:
        if block.name in LIBRARY:
            raise BlockRefused(
                f"{block.name}: a block of this name comes with Vishwakarma; take another",
                block.name,
            )
        wanted = check_script(block.name, block.source)
        if strange := sorted(block.bounds.keys() - {one.name for one in wanted}):
            raise BlockRefused(
                f"{block.name}: [host] has bounds for {strange[0]!r}, which is no parameter of it",
                block.name,
            )
        document = Document("m")
        inputs = {}
        for one in wanted:
            if one.type == "geometry":
                define(document, "probe", _PROBE)
                inputs[one.name] = insert(document, "probe")
        insert(document, block.name, inputs=inputs, library={block.name: block})
        with BlockRunner(document, engine=self._engine) as runner:
            for failed in runner.evaluate().failed:
                raise BlockRefused(failed.message, block.name, failed.line)

    def _case(
        self, hook: str, title: str, do: Callable[[], object], *, may_refuse: bool = False
    ) -> bool:
        """One case; what is wrong with it is in its report. Our own faults are raised."""
        start = time.perf_counter()
        reason = ""
        try:
            do()
        except ExtensionFailed as error:
            if not (may_refuse and error.raised in _REFUSALS):
                reason = str(error)
        except (ExtensionRefused, BlockRefused, DocumentError) as error:
            reason = str(error)
        self.cases.append(
            CaseReport(
                hook=hook,
                title=title,
                ok=not reason,
                implemented=True,
                reason=reason,
                seconds=time.perf_counter() - start,
            )
        )
        return not reason


def _small_document() -> Document:
    """One of what there is, on two layers."""
    document = Document("mm")
    with document.transaction("sample") as edit:
        edit.set_layer("walls", color=0xB04030FF)
        group = edit.create(shapes.Group("sample"))
        edit.create(shapes.Line2D(0, 0, 3, 4))
        edit.create(shapes.Circle2D(3, 3, 1), layer="walls")
        edit.create(shapes.Polyline2D([(0, 0), (1, 0), (1, 1)], closed=True), parent=group)
        edit.create(shapes.Polygon2D([(0, 0), (4, 0), (4, 4)]), color=0x0000FFFF)
        edit.create(shapes.Text2D("Sample", 5, 5))
        edit.create(shapes.Cuboid3D(0, 0, 0, 1, 1, 1), layer="walls")
    return document
