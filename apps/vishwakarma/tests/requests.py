"""Messages of each version of the wire, one of each kind, for both codecs."""

from apps.vishwakarma.tests.samples import SAMPLES
from vishwakarma_api.v1.elements import Element, Layer
from vishwakarma_api.v1.shapes import BlockInstance
from vishwakarma_api.v1.wire.messages import (
    AskState,
    Create,
    DefineBlock,
    Delete,
    DeleteLayer,
    Drawn,
    Get,
    Progress,
    Query,
    Reply,
    Request,
    Select,
    SetLayer,
    SetUnit,
    State,
    Update,
)

ELEMENTS = tuple(
    Element(index, shape, index - 1, "walls", 0xFF0000FF + index)
    for index, shape in enumerate(SAMPLES.values(), 1)
)
PLAIN = Element(2**62, SAMPLES["line"])

REQUESTS = {
    "empty": Request(),
    "create": Request(tuple(Create(one) for one in ELEMENTS), want_ids=1_000),
    "commands": Request(
        (
            Update(PLAIN),
            Delete(7),
            SetLayer(Layer("Wände", 0xFF00FF80, visible=False)),
            DeleteLayer("old"),
            SetUnit("ft"),
            Select((1, 2, 3)),
            Select(()),
        ),
        progress=Progress(0.25, "reading"),
    ),
    "query all": Request(question=Query(), progress=Progress(None, "")),
    "query": Request(question=Query(0, "line", "walls", (0, 0, 0, 1.5, 1, 1), 5)),
    "get": Request(question=Get((1, 2**62))),
    "state": Request(question=AskState()),
}
REPLIES = {
    "empty": Reply(),
    "elements": Reply(1_001, 1_000, (*ELEMENTS, PLAIN), more=True),
    "state": Reply(state=State((Layer("0"), Layer("a", 1, visible=False)), "mm", (4, 5))),
}

BLOCK = BlockInstance(
    "cap",
    {"size": 0.5, "name": "Tür", "round": True, "xs": (1.0, -2.5), "none": ()},
    inputs={"below": 7, "beside": 2**62},
    limits={"steps": 5_000, "wall": 0.25},
)
REQUESTS_1_1 = {
    "blocks": Request(
        (
            Create(Element(9, BLOCK)),
            DefineBlock("cap", "def cap():\n    point(0, 0)"),
            DefineBlock("old", None),
            DefineBlock("empty", ""),
        )
    ),
    "drawn": Request(question=Query(3, None, "walls", None, 4, drawn=True)),
}
REPLIES_1_1 = {
    "blocks": Reply(state=State((Layer("0"),), "m", (), ("cap", "Tür"))),
    "drawn": Reply(
        elements=(Element(9, BLOCK),), drawn=(Drawn(9, tuple(BLOCK.transform), b"VKG1\0\0\0\0[]"),)
    ),
}
