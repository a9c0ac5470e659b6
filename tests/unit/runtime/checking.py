"""What the tests of annotations share."""

from typing import Any

import pytest

from ringfence.errors import ValidationFailed
from ringfence.runtime.annotations import validator_for


def check(annotation: Any, value: object) -> Any:
    """What a guest's ``value`` becomes."""
    return validator_for(annotation, where="value")(value)


def present(annotation: Any, value: object) -> Any:
    """What a host's ``value`` becomes on its way to a guest."""
    return validator_for(annotation, where="result", outgoing=True)(value)


def refusal(annotation: Any, value: object) -> str:
    """The message with which a guest's ``value`` is refused."""
    with pytest.raises(ValidationFailed) as caught:
        check(annotation, value)
    return str(caught.value)
