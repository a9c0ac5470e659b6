"""The host's end of the wire: what an extension asks for, checked and done.

An extension's bytes are hostile. They are decoded in ``vishwakarma_api.v1.wire``, which makes
checked values of them or raises; ids, names and budgets are checked here and by the document. The
first request that is refused is the last one: the transaction cannot succeed any more.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import ringfence
from vishwakarma_api.v1.wire.messages import (
    AskState,
    Command,
    Create,
    DefineBlock,
    Delete,
    DeleteLayer,
    Drawn,
    Get,
    Progress,
    Query,
    Question,
    Reply,
    Request,
    Select,
    SetLayer,
    SetUnit,
    State,
    Update,
    Wire,
    WireError,
    weight_of,
)
from vishwakarma_app.blocks import check_script
from vishwakarma_app.document import Box, Document, Edit, Element
from vishwakarma_app.errors import BlockRefused, DocumentError

__all__ = ["MOST_BYTES", "Bridge"]

MOST_BYTES = 128 << 20
"""Bytes of all requests of one run. What is made of them takes some ten times as much memory, and
undoing needs all of it: also what the run has replaced or deleted since."""

_PAGE = 2_000
_PAGE_NUMBERS = 200_000
_MOST_IDS_AT_ONCE = 100_000


class Bridge:
    """Serves one run of an extension.

    Args:
        document: what it may read.
        edit: how it may change it; None: not at all.
        wire: how it speaks.
        publisher: who is to be said to have written the blocks that it defines.
        may_define: whether it may define blocks.
        primitives: how many elements it may create; it may send twice as many commands.
        most_bytes: how many bytes its requests may have in all.
        progress: told how far it is, from 0 to 1 or None, and what it is doing: an extension's
            text, of one line.

    Attributes:
        failure: why a request was refused; None as long as none was.
        created: how many elements it has created; ``updated`` and ``deleted`` alike.
    """

    def __init__(
        self,
        document: Document,
        edit: Edit | None,
        wire: Wire,
        *,
        publisher: str,
        may_define: bool = True,
        primitives: int,
        progress: Callable[[float | None, str], None] | None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._document, self._edit, self._wire = document, edit, wire
        self._publisher, self._primitives = publisher, primitives
        self._may_define = may_define
        self._progress = progress
        self._granted: list[range] = []
        self._ids_left = self._commands_left = 2 * primitives + 10_000
        self._bytes_left = most_bytes
        self._last_id = 0
        self.failure: str | None = None
        self.created = self.updated = self.deleted = 0

    def exchange(self, request: bytes) -> bytes:
        """Do what a request says, and answer it. The host function that the guest is lent."""
        if self.failure is None:
            try:
                self._bytes_left -= len(request)
                if self._bytes_left < 0:
                    raise WireError("an extension sent more bytes than it may in one run")
                return self._serve(self._wire.decode_request(request))
            except (WireError, DocumentError, BlockRefused) as error:
                self.failure = str(error)
            except BaseException:
                # A fault of ours, or Ctrl-C. Some commands of the request may have been done: what
                # the guest makes of its exception must not decide whether that is kept.
                self.failure = "the application failed while it did what the extension asked for"
                raise
        raise ringfence.GuestVisibleError(self.failure)

    def _serve(self, request: Request) -> bytes:
        self._commands_left -= len(request.commands)
        if self._commands_left < 0:
            raise WireError("an extension sent more commands than it may in one run")
        for index, command in enumerate(request.commands):
            try:
                self._do(command)
            except DocumentError as error:
                raise DocumentError(f"{error} (command {index}: {_what(command)})") from None
        elements, more, state, drawn = self._answer(request.question)
        first, count = self._grant(request.want_ids)
        if request.progress is not None:
            self._report(request.progress)
        return self._wire.encode_reply(Reply(first, count, elements, more, state, drawn))

    # -- commands

    def _do(self, command: Command) -> None:
        edit = self._edit
        if edit is None:
            raise DocumentError("an exporter only reads the document")
        match command:
            case Create(element):
                self._create(edit, element)
            case Update(element):
                self.updated += 1
                edit.update(
                    element.id,
                    shape=element.shape,
                    parent=element.parent,
                    layer=element.layer,
                    color=element.color,
                )
            case Delete(number):
                self.deleted += edit.delete(number)
            case SetLayer(layer):
                edit.set_layer(layer.name, color=layer.color, visible=layer.visible)
            case DeleteLayer(name):
                edit.delete_layer(name)
            case SetUnit(unit):
                edit.set_unit(unit)
            case Select(ids):
                self._document.select(ids)
            case DefineBlock(name, source):
                if not self._may_define:
                    raise DocumentError(
                        "this extension may not define blocks: its manifest does not ask for "
                        'that; it would say grants = ["define-blocks"]'
                    )
                if source is not None:
                    check_script(name, source)
                edit.set_block(name, source, publisher=self._publisher if source else "")

    def _create(self, edit: Edit, element: Element) -> None:
        if self.created >= self._primitives:
            raise DocumentError(f"an extension may create {self._primitives} elements in one run")
        # Rising ids: each was given to this run, and is used at most once, also after a deletion.
        if element.id <= self._last_id or not any(element.id in one for one in self._granted):
            raise DocumentError(f"element {element.id}: this id was not given, or was used already")
        self._last_id = element.id
        self._granted = [one for one in self._granted if one[-1] >= element.id]
        self.created += 1
        edit.create(
            element.shape,
            parent=element.parent,
            layer=element.layer,
            color=element.color,
            id=element.id,
        )

    def _grant(self, wanted: int) -> tuple[int, int]:
        if not wanted or self._edit is None:
            return 0, 0
        count = min(wanted, _MOST_IDS_AT_ONCE, self._ids_left)
        if count <= 0:
            raise DocumentError("an extension took more ids than it may create elements")
        self._ids_left -= count
        granted = self._document.reserve_ids(count)
        self._granted.append(granted)
        return granted[0], count

    # -- questions

    def _answer(
        self, question: Question | None
    ) -> tuple[tuple[Element, ...], bool, State | None, tuple[Drawn, ...]]:
        document = self._document
        match question:
            case Query(parent, kind, layer, box, after, drawn):
                found = document.query(
                    parent,
                    kind=kind,
                    layer=layer,
                    box=None if box is None else Box(*box),
                    after=after,
                    limit=_PAGE + 1,
                )
                looks = self._looks(found) if drawn else {}
                page = _page(found, looks)
                seen = tuple(looks[one.id] for one in page if one.id in looks)
                return page, len(page) < len(found), None, seen
            case Get(ids):
                if len(ids) > _PAGE:
                    raise WireError(f"at most {_PAGE} elements can be asked for at once")
                return tuple(document[one] for one in ids if one in document), False, None, ()
            case AskState():
                state = State(
                    tuple(document.layers.values()),
                    document.unit,
                    document.selection,
                    tuple(document.blocks),
                )
                return (), False, state, ()
            case None:
                return (), False, None, ()

    def _looks(self, elements: list[Element]) -> dict[int, Drawn]:
        """What those of them that are block instances look like, by id."""
        found = {}
        for one in elements:
            geometry = self._document.geometry(one.id) if one.kind == "block" else None
            if geometry is not None:
                transform = tuple(self._document.placement(one.id))
                found[one.id] = Drawn(one.id, transform, geometry.data)
        return found

    def _report(self, progress: Progress) -> None:
        fraction, message = progress
        if fraction is not None:
            if not math.isfinite(fraction):
                raise WireError("progress: the fraction must be finite")
            fraction = min(1.0, max(0.0, fraction))
        if self._progress is not None:
            line = "".join(one if one.isprintable() else " " for one in message[:200])
            self._progress(fraction, line)


def _page(found: list[Element], looks: dict[int, Drawn]) -> tuple[Element, ...]:
    """As many as go into one reply; the first one always."""
    page: list[Element] = []
    numbers = 0
    for element in found[:_PAGE]:
        numbers += weight_of(element)
        if element.id in looks:
            numbers += len(looks[element.id].data) // 8
        if page and numbers > _PAGE_NUMBERS:
            break
        page.append(element)
    return tuple(page)


def _what(command: Command) -> str:
    name = type(command).__name__.lower()
    if isinstance(command, Create | Update):
        return f"{name} {command.element.kind} {command.element.id}"
    return name
