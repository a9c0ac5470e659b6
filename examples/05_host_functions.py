"""Lend the guest functions of yours. Their arguments are checked against the annotations.

Prints::

    {'name': 'pump-7', 'litres': 12.5}
    TypeError: stock(): args.name: expected str, got int 7
    HostFunctionError: no such part: pump-9
    HostFunctionError: billing
    the host's own view of that error: connection to db.internal lost
"""

from typing import TypedDict

import ringfence


class Part(TypedDict):
    """What the guest gets to know of a part: a dictionary with these keys."""

    name: str
    litres: float


PARTS = {"pump-7": Part(name="pump-7", litres=12.5)}


def stock(name: str) -> Part:
    """What is in stock of a part."""
    if name not in PARTS:
        raise ringfence.GuestVisibleError(f"no such part: {name}")  # the guest may read this
    return PARTS[name]


def billing(account: int) -> float:
    """Any other exception reaches the guest as the function's name, and nothing more."""
    raise ConnectionError("connection to db.internal lost")


def show(event: object) -> None:
    """The tracing seam sees the exception itself."""
    details = getattr(event, "details", {})
    if isinstance(details.get("error"), ConnectionError):
        print("the host's own view of that error:", details["error"])


seen: list[object] = []
with ringfence.Sandbox(functions=[stock, billing], trace=seen.append) as box:
    print(box.run("stock('pump-7')").value)
    for program in ["stock(7)", "stock('pump-9')", "billing(1)"]:
        error = box.run(program).error
        assert error is not None
        print(f"{error.type}: {error.message}")

for event in seen:
    show(event)
