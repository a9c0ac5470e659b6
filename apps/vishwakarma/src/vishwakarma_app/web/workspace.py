"""The document that is open, and everything that can be done to it: one thing after the other.

All of it blocks, and is called by the one thread that may use the document
(:class:`vishwakarma_app.web.working.Worker`); only :meth:`Workspace.cancel` is for others.
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from vishwakarma_api.v1.shapes import BlockInstance
from vishwakarma_app.blocks import BlockRunner, Parameter, insert, set_parameters
from vishwakarma_app.document import Document, Edit
from vishwakarma_app.errors import DocumentError, FileRefused, VishwakarmaError
from vishwakarma_app.extensions import Cancellation, Extension, Outcome, run_extension
from vishwakarma_app.storage import document_bytes, parse_document, read_document, write_document
from vishwakarma_app.web.frames import LARGEST_ID
from vishwakarma_app.workshop import Catalogue

__all__ = ["Workspace"]

Json = dict[str, Any]
_MOST_SELECTED = 10_000
_MOST_FAILED = 500
_MOST_NUMBERS = 60


class Workspace:
    """One document with its blocks, and where it is saved.

    Args:
        path: the model to open, if any; it is saved there.
        engine: what runs extensions and blocks; ``auto`` lets them choose.
        catalogue: what can be run and inserted.

    Attributes:
        revision: another number whenever something may have changed.

    Raises:
        FileRefused: the model is none, or one that a page could not show.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path | None, *, engine: str = "auto", catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.revision = 0
        self._engine = engine
        self._path = path
        self._name = path.name if path else "untitled.vk"
        self._changed = False
        self._drag: tuple[str, int] | None = None
        self._touched = False
        self.document = Document()
        self._runner = BlockRunner(self.document, engine=engine, library=catalogue.blocks)
        self._unwatch = self.document.watch(self._notice)
        if path is not None:
            self._adopt(read_document(path), path.name, path)

    @property
    def name(self) -> str:
        """What the model is called."""
        return self._name

    @property
    def changed(self) -> bool:
        """Whether there are changes that were not saved."""
        return self._changed

    def close(self) -> None:
        """End what runs blocks. The document is not saved."""
        self._runner.close()

    # -- files

    def new(self, unit: str) -> None:
        """Begin an empty document."""
        self._adopt(Document(unit), "untitled.vk", None)

    def open(self, data: bytes, name: str) -> None:
        """Open a file that somebody chose; it is hostile until it has been read.

        Raises:
            FileRefused: it is no model, or one that a page could not show.
        """
        self._adopt(parse_document(data, name=name), name, None)

    def save(self) -> bool:
        """Save the model where it came from; False when it came from nowhere on this machine."""
        if self._path is None:
            return False
        self._runner.keep_results()
        write_document(self._path, self.document)
        self._changed = False
        self.revision += 1
        return True

    def write_copy(self, target: BinaryIO) -> str:
        """Write the model, and say what it should be called."""
        self._runner.keep_results()
        target.write(document_bytes(self.document))
        self._changed = False
        self.revision += 1
        return self._name if self._name.lower().endswith(".vk") else f"{self._name}.vk"

    def _adopt(self, document: Document, name: str, path: Path | None) -> None:
        if document.next_id > LARGEST_ID:
            raise FileRefused(f"{name}: its elements have numbers beyond what a page can count")
        runner = BlockRunner(document, engine=self._engine, library=self.catalogue.blocks)
        self._unwatch()
        self._runner.close()
        self.document, self._runner = document, runner
        self._unwatch = document.watch(self._notice)
        self._name, self._path, self._drag = name, path, None
        self._changed = False
        self.revision += 1

    # -- edits by hand

    def select(self, ids: Sequence[int]) -> None:
        """Select these elements."""
        self.document.select(ids)
        self.revision += 1

    def undo(self) -> str | None:
        """Take the latest change back."""
        return self._turned(self.document.undo())

    def redo(self) -> str | None:
        """Do it again."""
        return self._turned(self.document.redo())

    def _turned(self, label: str | None) -> str | None:
        self._drag = None
        self._changed |= label is not None
        self.revision += 1
        self.evaluate()
        return label

    def set_parameters(self, element: int, values: Mapping[str, object], drag: str = "") -> None:
        """Give a block instance other parameters, and evaluate what depends on them.

        Args:
            element: the instance.
            values: parameters to change.
            drag: the same text for all positions of a slider while it is held: undo takes all of
                them back at once.

        Raises:
            BlockRefused: a value is wrong.
            DocumentError: that is no block instance.
        """
        with self._dragging(drag):
            set_parameters(self.document, element, self._typed(element, values))
        self.evaluate()

    def update(self, element: int, changes: Mapping[str, object]) -> None:
        """Change an element's layer, colour or single numbers."""
        kind = self.document[element].kind
        allowed = {"layer", "color"} | {name for name, _ in _numbers(self.document[element].shape)}
        if unknown := sorted(changes.keys() - allowed):
            raise DocumentError(f"a {kind} has no {unknown[0][:40]!r} that can be set here")
        with self._edit(f"change {kind}") as edit:
            edit.update(element, **dict(changes))  # type: ignore[arg-type]
        self.evaluate()

    def delete(self, ids: Sequence[int]) -> int:
        """Remove elements, and what belongs to them."""
        with self._edit("delete") as edit:
            count = sum(edit.delete(one) for one in ids if one in self.document)
        self.evaluate()
        return count

    def set_layer(self, name: str, changes: Mapping[str, Any]) -> None:
        """Show or hide a layer, or give it another colour."""
        if name not in self.document.layers:
            raise DocumentError(f"there is no layer {name[:40]!r}")
        with self._edit(f"layer {name}") as edit:
            edit.set_layer(name, **changes)

    def insert(self, block: str, x: float, y: float, z: float = 0.0) -> int:
        """Place a block of the library, select it, and evaluate it."""
        self._drag = None
        transform = (1.0, 0.0, 0.0, x, 0.0, 1.0, 0.0, y, 0.0, 0.0, 1.0, z)
        library = self.catalogue.blocks_for(block)
        number = insert(self.document, block, transform=transform, library=library)
        self._changed = True
        self.revision += 1
        self.document.select([number])
        self.evaluate()
        return number

    @contextlib.contextmanager
    def _edit(self, label: str) -> Iterator[Edit]:
        with self._dragging(""), self.document.transaction(label) as edit:
            yield edit

    @contextlib.contextmanager
    def _dragging(self, drag: str) -> Iterator[None]:
        """A change, which takes the place of the one before when both are of one drag."""
        document = self.document
        again = bool(drag) and self._drag == (drag, len(document.undoable))
        if again:
            document.undo()
        self._drag, self._touched = None, False
        try:
            yield
        except BaseException:
            if again:
                document.redo()
            raise
        finally:
            self.revision += 1
        if self._touched:
            self._changed = True
            self._drag = (drag, len(document.undoable)) if drag else None

    def _notice(self, *_: object) -> None:
        self._touched = True

    # -- what is run

    def run(
        self,
        extension: Extension,
        parameters: Mapping[str, object],
        *,
        progress: Callable[[float | None, str], None],
        cancellation: Cancellation,
        source: BinaryIO | None = None,
        target: BinaryIO | None = None,
    ) -> Outcome:
        """Run an extension, then evaluate the blocks that it concerns."""
        self._drag = None
        try:
            outcome = run_extension(
                self.document,
                extension,
                source=source,
                target=target,
                parameters=parameters,
                engine=self._engine_for(extension),
                progress=progress,
                cancellation=cancellation,
            )
        finally:
            self.revision += 1
        if extension.kind != "exporter":
            self._changed = True
            self.evaluate()
        return outcome

    def _engine_for(self, extension: Extension) -> str:
        return self._engine if self._engine in extension.engines else "auto"

    def evaluate(self) -> None:
        """Evaluate the blocks that have changed; those that fail are in :meth:`state`."""
        try:
            self._runner.evaluate()
        finally:
            self.revision += 1

    def cancel(self) -> None:
        """End the evaluation that is running, if any, from any thread."""
        self._runner.cancel()

    # -- what is there

    def state(self) -> Json:
        """What a page shows beside the drawing."""
        document = self.document
        on = Counter(one.layer for one in document)
        failed = self._runner.failed
        return {
            "revision": self.revision,
            "name": self._name,
            "saves": self._path is not None,
            "changed": self._changed,
            "unit": document.unit,
            "elements": len(document),
            "layers": [
                {
                    "name": one.name,
                    "color": one.color,
                    "visible": one.visible,
                    "elements": on[one.name],
                }
                for one in document.layers.values()
            ],
            "undo": (document.undoable or (None,))[-1],
            "redo": (document.redoable or (None,))[-1],
            "selection": list(document.selection[:_MOST_SELECTED]),
            "selected": len(document.selection),
            "failed": [
                {
                    "element": one.element,
                    "block": one.name,
                    "status": one.status,
                    "reason": one.reason,
                    "message": one.message,
                    "line": one.line,
                }
                for one in failed[:_MOST_FAILED]
            ],
            "failing": len(failed),
        }

    def describe(self, element: int) -> Json:
        """The properties of an element."""
        one = self.document[element]
        box = self.document.box(element)
        if box is not None and not all(map(math.isfinite, box)):
            box = None  # a script draws where it likes
        found: Json = {
            "id": element,
            "kind": one.kind,
            "parent": one.parent,
            "layer": one.layer,
            "color": one.color,
            "drawn": self.document.color_of(one),
            "numbers": dict(_numbers(one.shape)[:_MOST_NUMBERS]),
            "texts": {
                name: value
                for name in one.shape.fields
                if isinstance(value := getattr(one.shape, name), str)
            },
            "counts": {
                name: len(value)
                for name in ("points", "vertices", "faces")
                if isinstance(value := getattr(one.shape, name, None), tuple)
            },
            "box": None if box is None else list(box),
        }
        if isinstance(one.shape, BlockInstance):
            given = dict(one.shape.parameters)
            found["block"] = one.shape.block
            found["parameters"] = [
                {
                    "name": each.name,
                    "title": each.title,
                    "type": each.type,
                    "value": given.get(each.name, each.default),
                    "low": each.low,
                    "high": each.high,
                    "step": each.step,
                }
                for each in self._parameters(one.shape.block)
            ]
        return found

    def definition(self, block: str) -> str:
        """The source of a block."""
        if block not in self.document.blocks:
            raise DocumentError(f"the document has no block {block[:40]!r}")
        return self.document.blocks[block].source

    def _typed(self, element: int, values: Mapping[str, object]) -> dict[str, object]:
        """Values as the block's parameters have them: a page knows one kind of number."""
        shape = self.document[element].shape
        block = shape.block if isinstance(shape, BlockInstance) else ""
        kinds = {one.name: one.type for one in self._parameters(block)}
        found = dict(values)
        for name, value in values.items():
            if isinstance(value, float) and value.is_integer() and kinds.get(name) == "int":
                found[name] = int(value)
            elif isinstance(value, list):
                found[name] = tuple(value)
        return found

    def _parameters(self, block: str) -> Sequence[Parameter]:
        """Those of a block; none when its script is refused, which the failed blocks tell."""
        try:
            return self._runner.parameters(block)
        except VishwakarmaError:
            return ()


def _numbers(shape: Any) -> list[tuple[str, float]]:
    """The fields of a shape that are single numbers."""
    return [
        (name, value)
        for name, check in shape.fields.items()
        if check in {"float", "Positive", "Unsigned"}
        and isinstance(value := getattr(shape, name), float)
    ]
