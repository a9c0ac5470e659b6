"""The keywords of JSON Schema, each made into a function that is called for a value.

A check notes what is wrong in a :class:`Work`, which also counts how much was done. Nothing here
shows a value: that is left to the few problems that are told in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from ringfence.mcp.broker.expectations import expectation, listed
from ringfence.mcp.broker.patterns import Patterns

__all__ = ["Check", "Compiler", "Path", "SchemaRefused", "TooMuchWork", "Work"]

Path: TypeAlias = "tuple[Path, str | int] | None"
Check: TypeAlias = "Callable[[Any, Path, Work], None]"
Problem: TypeAlias = "tuple[Path, str, Any, str]"

_DEEPEST = 256
_OLDER = ("draft-07", "draft-06", "draft-04", "draft-03")


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "number": is_number,
    "integer": lambda value: is_number(value) and (isinstance(value, int) or value.is_integer()),
}


class SchemaRefused(Exception):
    """A schema that is not used; the message says why."""


class TooMuchWork(Exception):
    """A check was given up: the schema makes more of a value than is done for any."""


class Work:
    """One value that is checked: what is wrong with it, and how much work that may still be."""

    def __init__(self, steps: int, most: int) -> None:
        self.left = steps
        self.depth = 0
        self.failed = 0
        self.unsure = False  # something could not be told: nothing follows from its contrary
        self.problems: list[Problem] = []
        self._most = most

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise TooMuchWork

    def wrong(self, path: Path, expected: str, value: Any, got: str = "") -> None:
        self.failed += 1
        if len(self.problems) < self._most:
            self.problems.append((path, expected, value, got))

    def tried(self, check: Check, value: Any, path: Path) -> list[Problem] | None:
        """What a check would note; None if nothing."""
        failed, problems = self.failed, self.problems
        self.problems = []
        check(value, path, self)
        found, self.problems = self.problems, problems
        right = self.failed == failed
        self.failed = failed
        return None if right else found

    def unclear(self, check: Check, value: Any, path: Path) -> bool:
        """Whether a check holds only because something in it cannot be told."""
        before, self.unsure = self.unsure, False
        holds = self.tried(check, value, path) is None
        unsure, self.unsure = self.unsure, before or self.unsure
        return holds and unsure


class Compiler:
    """One schema, each of its parts compiled once, however often it is referred to."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._root = schema
        self._checks: dict[int, Check] = {}
        self._patterns = Patterns()
        dialect = schema.get("$schema")
        self._alone = isinstance(dialect, str) and any(old in dialect for old in _OLDER)
        self._anchors: dict[str, Any] | None = None

    def root(self) -> Check:
        return self._compile(self._root)

    def _compile(self, schema: Any) -> Check:
        if schema is True:
            return _anything
        if schema is False:
            return _nothing
        if not isinstance(schema, dict):
            raise SchemaRefused("a part of it is neither an object nor a boolean")
        made = self._checks.get(id(schema))
        if made is None:
            # A part may refer to itself: it is found here while it is still being made.
            parts: list[Check] = []
            made = self._checks[id(schema)] = _all_of(parts)
            parts.extend(self._parts(schema))
        return made

    def _parts(self, schema: dict[str, Any]) -> list[Check]:
        identity = schema.get("$id")
        if schema is not self._root and isinstance(identity, str) and identity[:1] != "#":
            raise SchemaRefused("a part of it has an $id of its own")
        parts: list[Check] = []
        if isinstance(schema.get("$ref"), str):
            parts.append(self._reference(schema["$ref"]))
            if self._alone:
                return parts
        for make in (
            self._type,
            self._values,
            self._numbers,
            self._texts,
            self._arrays,
            self._contains,
            self._objects,
            self._dependencies,
            self._combinations,
        ):
            parts.extend(make(schema))
        return parts

    def _reference(self, reference: str) -> Check:
        return self._compile(self._target(reference))

    def _target(self, reference: str) -> Any:
        if reference in ("#", "#/"):
            return self._root
        if reference.startswith("#/"):
            from urllib.parse import unquote

            target: Any = self._root
            for part in unquote(reference[2:]).split("/"):
                key = part.replace("~1", "/").replace("~0", "~")
                if isinstance(target, list) and key.isdecimal() and int(key) < len(target):
                    target = target[int(key)]
                elif isinstance(target, dict) and key in target:
                    target = target[key]
                else:
                    raise SchemaRefused(f"it has nothing at {reference[:80]!a}")
            return target
        if self._anchors is None:
            self._anchors = _anchors(self._root)
        if reference[1:] not in self._anchors:
            raise SchemaRefused(f"it has no anchor {reference[:80]!a}")
        return self._anchors[reference[1:]]

    def _type(self, schema: dict[str, Any]) -> list[Check]:
        if "type" not in schema:
            return []
        names = schema["type"]
        names = names if isinstance(names, list) else [names]
        if not all(isinstance(name, str) and name in _TYPES for name in names):
            raise SchemaRefused("a type that JSON does not have")
        tests = tuple(_TYPES[name] for name in names)
        expected = expectation(schema)
        if len(tests) == 1:
            (test,) = tests

            def check_one(value: Any, path: Path, work: Work) -> None:
                if not test(value):
                    work.wrong(path, expected, value)

            return [check_one]

        def check(value: Any, path: Path, work: Work) -> None:
            if not any(test(value) for test in tests):
                work.wrong(path, expected, value)

        return [check]

    def _values(self, schema: dict[str, Any]) -> list[Check]:
        checks: list[Check] = []
        for keyword in ("enum", "const"):
            if keyword not in schema:
                continue
            given = schema[keyword] if keyword == "enum" else [schema[keyword]]
            if not isinstance(given, list):
                raise SchemaRefused("enum: a list")
            keys = {_key(one) for one in given}
            expected = listed(given)

            def check(
                value: Any, path: Path, work: Work, *, keys: Any = keys, expected: str = expected
            ) -> None:
                if _key(value, work) not in keys:
                    work.wrong(path, expected, value)

            checks.append(check)
        return checks

    def _numbers(self, schema: dict[str, Any]) -> list[Check]:
        lowest, highest = schema.get("minimum"), schema.get("maximum")
        above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
        if isinstance(above, bool):  # draft-04
            above, lowest = (lowest, None) if above else (None, lowest)
        if isinstance(below, bool):
            below, highest = (highest, None) if below else (None, highest)
        multiple = schema.get("multipleOf")
        bounds = [lowest, highest, above, below, multiple]
        if all(one is None for one in bounds):
            return []
        if not all(one is None or is_number(one) for one in bounds) or (
            multiple is not None and multiple <= 0
        ):
            raise SchemaRefused("a bound of a number that is none")
        part = None if multiple is None else Fraction(repr(multiple))

        def check(value: Any, path: Path, work: Work) -> None:
            if not is_number(value):
                return
            if lowest is not None and value < lowest:
                work.wrong(path, f"at least {lowest}", value)
            if highest is not None and value > highest:
                work.wrong(path, f"at most {highest}", value)
            if above is not None and value <= above:
                work.wrong(path, f"more than {above}", value)
            if below is not None and value >= below:
                work.wrong(path, f"less than {below}", value)
            if part is not None and Fraction(repr(value)) % part:
                work.wrong(path, f"a multiple of {multiple}", value)

        return [check]

    def _texts(self, schema: dict[str, Any]) -> list[Check]:
        shortest, longest = _count(schema, "minLength"), _count(schema, "maxLength")
        pattern = schema.get("pattern")
        if pattern is not None and not isinstance(pattern, str):
            raise SchemaRefused("pattern: a text")
        if shortest is None and longest is None and pattern is None:
            return []
        matches = None if pattern is None else self._patterns.matcher(pattern)
        expected = f"text that matches {(pattern or '')[:100]!a}"

        def check(value: Any, path: Path, work: Work) -> None:
            if not isinstance(value, str):
                return
            if shortest is not None and len(value) < shortest:
                work.wrong(path, f"at least {shortest} characters", value, f"{len(value)}")
            if longest is not None and len(value) > longest:
                work.wrong(path, f"at most {longest} characters", value, f"{len(value)}")
            if matches is not None:
                found = matches(value, work)
                if found is None:
                    work.unsure = True
                elif not found:
                    work.wrong(path, expected, value)

        return [check]

    def _arrays(self, schema: dict[str, Any]) -> list[Check]:
        first, rest = schema.get("prefixItems"), schema.get("items")
        if isinstance(rest, list):  # draft 2019-09 and before
            first, rest = rest, schema.get("additionalItems")
        if first is not None and not isinstance(first, list):
            raise SchemaRefused("prefixItems: a list")
        heads = [self._compile(one) for one in first or ()]
        tail = None if rest is None else self._compile(rest)
        fewest, most = _count(schema, "minItems"), _count(schema, "maxItems")
        unique = schema.get("uniqueItems") is True
        if not heads and tail is None and fewest is None and most is None and not unique:
            return []

        def check(value: Any, path: Path, work: Work) -> None:
            if not isinstance(value, list):
                return
            if fewest is not None and len(value) < fewest:
                work.wrong(path, f"at least {fewest} items", value)
            if most is not None and len(value) > most:
                work.wrong(path, f"at most {most} items", value)
            for number, (one, head) in enumerate(zip(value, heads, strict=False)):
                head(one, (path, number), work)
            if tail is not None:
                for number in range(len(heads), len(value)):
                    tail(value[number], (path, number), work)
            if unique:
                seen = set()
                for number, one in enumerate(value):
                    key = _key(one, work)
                    if key in seen:
                        work.wrong((path, number), "an item that is not there before", one)
                        break
                    seen.add(key)

        return [check]

    def _contains(self, schema: dict[str, Any]) -> list[Check]:
        if "contains" not in schema:
            return []
        wanted = self._compile(schema["contains"])
        fewest, most = _count(schema, "minContains"), _count(schema, "maxContains")
        least = 1 if fewest is None else fewest
        expected = expectation(schema["contains"])

        def check(value: Any, path: Path, work: Work) -> None:
            if not isinstance(value, list):
                return
            found = sum(
                work.tried(wanted, one, (path, number)) is None for number, one in enumerate(value)
            )
            if found < least or (most is not None and found > most):
                bound = f"at least {least}" if found < least else f"at most {most}"
                work.wrong(path, f"{bound} items that are: {expected}", value, f"{found}")

        return [check]

    def _objects(self, schema: dict[str, Any]) -> list[Check]:
        named = _table(schema, "properties")
        matching = _table(schema, "patternProperties")
        others, names = schema.get("additionalProperties"), schema.get("propertyNames")
        required = _texts(schema.get("required", []), "required")
        fewest, most = _count(schema, "minProperties"), _count(schema, "maxProperties")
        properties = {key: self._compile(one) for key, one in named.items()}
        expectations = {key: expectation(one) for key, one in named.items()}
        patterns = [
            (self._patterns.matcher(key), self._compile(one)) for key, one in matching.items()
        ]
        other = None if others is None else self._compile(others)
        name_check = None if names is None else self._compile(names)
        if not (properties or patterns or required or other or name_check) and fewest is most:
            return []
        each = bool(properties or patterns or other or name_check)
        known = f"only {', '.join(map(_short, named)) or 'no properties'}"[:300]

        def check(value: Any, path: Path, work: Work) -> None:
            if not isinstance(value, dict):
                return
            work.spend(len(value) + len(required))
            for key in required:
                if key not in value:
                    work.wrong((path, key), expectations.get(key, "a value"), None, "nothing")
            if fewest is not None and len(value) < fewest:
                work.wrong(path, f"at least {fewest} properties", value)
            if most is not None and len(value) > most:
                work.wrong(path, f"at most {most} properties", value)
            if not each:
                return
            for key, one in value.items():
                inner = (path, key)
                if name_check is not None:
                    name_check(key, inner, work)
                own = properties.get(key)
                if own is not None:
                    own(one, inner, work)
                covered = own is not None
                for matches, then in patterns:
                    found = matches(key, work)
                    covered = covered or found is not False
                    if found:
                        then(one, inner, work)
                if other is not None and not covered:
                    if other is _nothing:
                        work.wrong(inner, known, one, "a property that is not known")
                    else:
                        other(one, inner, work)

        return [check]

    def _dependencies(self, schema: dict[str, Any]) -> list[Check]:
        needed: list[tuple[str, list[str]]] = []
        then: list[tuple[str, Check]] = []
        for keyword in ("dependentRequired", "dependentSchemas", "dependencies"):
            for key, one in _table(schema, keyword).items():
                if isinstance(one, list):
                    needed.append((key, _texts(one, keyword)))
                else:
                    then.append((key, self._compile(one)))
        if not needed and not then:
            return []

        def check(value: Any, path: Path, work: Work) -> None:
            if not isinstance(value, dict):
                return
            for key, names in needed:
                work.spend(1 + len(names))
                for name in names if key in value else ():
                    if name not in value:
                        work.wrong((path, name), f"a value, as {_short(key)} has", None, "nothing")
            for key, one in then:
                if key in value:
                    one(value, path, work)

        return [check]

    def _combinations(self, schema: dict[str, Any]) -> list[Check]:
        checks: list[Check] = [self._compile(one) for one in _list(schema, "allOf")]
        if "anyOf" in schema:
            checks.append(self._choice(_list(schema, "anyOf"), only=False))
        if "oneOf" in schema:
            checks.append(self._choice(_list(schema, "oneOf"), only=True))
        if "not" in schema:
            unwanted, expected = self._compile(schema["not"]), expectation(schema["not"])

            def check_not(value: Any, path: Path, work: Work) -> None:
                if work.tried(unwanted, value, path) is None and not work.unclear(
                    unwanted, value, path
                ):
                    work.wrong(path, f"anything but: {expected}", value)

            checks.append(check_not)
        if "if" in schema:
            condition = self._compile(schema["if"])
            yes = self._compile(schema.get("then", True))
            no = self._compile(schema.get("else", True))

            def check_if(value: Any, path: Path, work: Work) -> None:
                if work.tried(condition, value, path) is not None:
                    no(value, path, work)
                elif not work.unclear(condition, value, path):
                    yes(value, path, work)

            checks.append(check_if)
        return checks

    def _choice(self, schemas: list[Any], *, only: bool) -> Check:
        choices = [self._compile(one) for one in schemas]
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


def _all_of(parts: list[Check]) -> Check:
    def check(value: Any, path: Path, work: Work) -> None:
        work.left -= 1
        if work.left < 0 or work.depth > _DEEPEST:
            raise TooMuchWork
        work.depth += 1
        for part in parts:
            part(value, path, work)
        work.depth -= 1

    return check


def _anything(value: Any, path: Path, work: Work) -> None:
    work.spend(1)


def _nothing(value: Any, path: Path, work: Work) -> None:
    work.spend(1)
    work.wrong(path, "nothing", value)


def _key(value: Any, work: Work | None = None) -> Any:
    """Something that is equal where JSON says that values are: 1 is 1.0, and true is not 1."""
    if work is not None:
        work.spend(1)
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, list):
        return ("array", *(_key(one, work) for one in value))
    if isinstance(value, dict):
        return ("object", frozenset((key, _key(one, work)) for key, one in value.items()))
    return value


def _count(schema: dict[str, Any], keyword: str) -> int | None:
    value = schema.get(keyword)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value % 1:
        raise SchemaRefused(f"{keyword}: a whole number")
    return int(value)


def _table(schema: dict[str, Any], keyword: str) -> dict[str, Any]:
    value = schema.get(keyword, {})
    if not isinstance(value, dict):
        raise SchemaRefused(f"{keyword}: an object")
    return value


def _list(schema: dict[str, Any], keyword: str) -> list[Any]:
    value = schema.get(keyword, [])
    if not isinstance(value, list):
        raise SchemaRefused(f"{keyword}: a list")
    return value


def _texts(value: Any, keyword: str) -> list[str]:
    if isinstance(value, bool) and keyword == "required":  # draft-03 wrote it so
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise SchemaRefused(f"{keyword}: a list of texts")
    return value


def _short(name: str) -> str:
    return ascii(name[:40])[1:-1]


def _anchors(root: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            for keyword in ("$anchor", "$dynamicAnchor", "$id", "id"):
                name = node.get(keyword)
                if isinstance(name, str):
                    found.setdefault(name.removeprefix("#"), node)
            waiting.extend(node.values())
    return found
