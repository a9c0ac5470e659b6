"""Keywords that combine schemas."""

from __future__ import annotations

from typing import Any

from ringfence.mcp.broker.expectations import expectation
from ringfence.mcp.broker.keywords.reading import sequence
from ringfence.mcp.broker.keywords.work import Check, Compile, Path, Work

__all__ = ["combinations"]


def combinations(schema: dict[str, Any], compiled: Compile) -> list[Check]:
    """``allOf``, ``anyOf``, ``oneOf``, ``not``, ``if``."""
    checks: list[Check] = [compiled(one) for one in sequence(schema, "allOf")]
    if "anyOf" in schema:
        checks.append(_choice(compiled, sequence(schema, "anyOf"), only=False))
    if "oneOf" in schema:
        checks.append(_choice(compiled, sequence(schema, "oneOf"), only=True))
    if "not" in schema:
        unwanted, expected = compiled(schema["not"]), expectation(schema["not"])

        def check_not(value: Any, path: Path, work: Work) -> None:
            if work.tried(unwanted, value, path) is None and not work.unclear(
                unwanted, value, path
            ):
                work.wrong(path, f"anything but: {expected}", value)

        checks.append(check_not)
    if "if" in schema:
        condition = compiled(schema["if"])
        yes = compiled(schema.get("then", True))
        no = compiled(schema.get("else", True))

        def check_if(value: Any, path: Path, work: Work) -> None:
            if work.tried(condition, value, path) is not None:
                no(value, path, work)
            elif not work.unclear(condition, value, path):
                yes(value, path, work)

        checks.append(check_if)
    return checks


def _choice(compiled: Compile, schemas: list[Any], *, only: bool) -> Check:
    choices = [compiled(one) for one in schemas]
    expected = " or ".join(dict.fromkeys(expectation(one) for one in schemas))[:300]

    def check(value: Any, path: Path, work: Work) -> None:
        matched, nearest = 0, None
        for one in choices:
            problems = work.tried(one, value, path)
            if problems is None:
                matched += 1
                if not only:
                    return
            elif all(problem[0] is not path for problem in problems) and (
                nearest is None or len(problems) < len(nearest)
            ):
                nearest = problems  # it is of the right kind, and something within is wrong
        if matched == 1:
            return
        if matched:
            if any(work.unclear(one, value, path) for one in choices):
                return
            work.wrong(path, f"exactly one of: {expected}", value, f"{matched} of them")
        elif nearest is not None:
            for where, what, wrong, got in nearest:
                work.wrong(where, what, wrong, got)
        else:
            work.wrong(path, expected, value)

    return check
