"""The host's own classes: the guest sends their fields, the host builds what it declared."""

import dataclasses
import enum
import typing
from typing import Annotated, Any, ClassVar, NamedTuple, NotRequired, Required, TypedDict

import annotated_types
import pydantic
import pytest
from pydantic import BaseModel, Field

from ringfence.errors import ConfigurationError, GuestVisibleError, ValidationFailed
from ringfence.runtime.annotations import validator_for
from ringfence_guest.protocol.values import Record
from tests.unit.runtime.checking import check, present, refusal


class Unit(enum.Enum):
    METRE = "m"
    FOOT = "ft"


@dataclasses.dataclass(frozen=True)
class Point:
    x: float
    y: float = 0.0
    unit: Unit = Unit.METRE
    origin: ClassVar[int] = 0


class Pair(NamedTuple):
    left: int
    right: int = 5


class Row(TypedDict):
    name: str
    at: NotRequired[Point]


class Loose(TypedDict, total=False):
    key: Required[int]
    note: str


class Model(BaseModel):
    count: int = Field(alias="Count", ge=1)
    rate: float = 1.0
    tags: list[Annotated[str, Field(max_length=3)]] = []
    at: Point | None = None
    child: "Model | None" = None


@pydantic.dataclasses.dataclass
class Checked:
    size: int = Field(gt=0)
    label: str = "a"
    area: int = dataclasses.field(init=False, default=0)

    def __post_init__(self) -> None:
        self.area = self.size * self.size


@dataclasses.dataclass
class Node:
    value: int
    next: "Node | None" = None


class Tree(TypedDict):
    name: str
    children: "list[Tree]"


@pytest.mark.parametrize(
    ("annotation", "fields", "built"),
    [
        (Point, {"x": 1}, Point(1.0)),
        (Point, {"x": 1.5, "y": 2, "unit": "ft"}, Point(1.5, 2.0, Unit.FOOT)),
        (Pair, {"left": 1}, Pair(1, 5)),
        (Row, {"name": "a"}, {"name": "a"}),
        (Row, {"name": "a", "at": {"x": 1.0}}, {"name": "a", "at": Point(1.0)}),
        (Loose, {"key": 1}, {"key": 1}),
        (Model, {"count": 1}, Model(Count=1)),
        (Model, {"count": 1, "child": {"count": 2}}, Model(Count=1, child=Model(Count=2))),
        (Model, {"count": 1, "at": {"x": 2}}, Model(Count=1, at=Point(2.0))),
        (Checked, {"size": 3}, Checked(3)),
        (Node, {"value": 1, "next": {"value": 2}}, Node(1, Node(2))),
        (
            Tree,
            {"name": "a", "children": [{"name": "b", "children": []}]},
            {"name": "a", "children": [{"name": "b", "children": []}]},
        ),
    ],
)
def test_built_from_a_mapping_or_a_record(
    annotation: Any, fields: dict[str, Any], built: object
) -> None:
    for value in (fields, Record("os.system", fields)):
        found = check(annotation, value)
        assert found == built
        assert type(found) is type(built)
    assert check(list[annotation], [fields, fields]) == [built, built]


def test_a_named_tuple_is_built_from_a_tuple_too() -> None:
    assert check(Pair, (1, 2)) == Pair(1, 2)
    assert check(Pair, (1,)) == Pair(1, 5)
    assert type(check(Pair, (1,))) is Pair
    assert refusal(Pair, ()) == "value: expected Pair (fields left, right), got tuple of 0 items"
    assert refusal(Pair, (1, "a")) == "value.right: expected int, got str 'a'"


@pytest.mark.parametrize(
    ("annotation", "value", "message"),
    [
        (Point, 5, "value: expected Point (fields x, y, unit), got int 5"),
        (Point, [1.0], "value: expected Point (fields x, y, unit), got list of 1 item"),
        (Point, Point(1.0), ("value: expected Point (fields x, y, unit), got an object of type "
         f"'{__name__}.Point'")),
        (Point, {}, "value.x: expected float, got nothing"),
        (Point, {"x": "1"}, "value.x: expected float, got str '1'"),
        (Point, {"x": 1, "z": 2},
         "value: expected Point (fields x, y, unit), got an unknown field str 'z'"),
        (Point, {"x": 1, 5: 2}, ("value: expected Point (fields x, y, unit), got an unknown field "
         "int 5")),
        (Point, {"x": 1, "origin": 2}, ("value: expected Point (fields x, y, unit), got an unknown "
         "field str 'origin'")),
        (Point, Record("Point", {"x": None}), "value.x: expected float, got None"),
        (dict[str, list[Point]], {"a": [{"x": 1}, {"x": "1"}]},
         "value['a'][1].x: expected float, got str '1'"),
        (Row, {"at": {"x": 1}}, "value.name: expected str, got nothing"),
        (Loose, {}, "value.key: expected int, got nothing"),
        (Model, {"count": 0}, "value.count: expected int (>= 1), got int 0"),
        (Model, {"Count": 1}, ("value: expected Model (fields count, rate, tags, at, child), "
         "got an unknown field str 'Count'")),
        (Model, {"count": "1"}, "value.count: expected int, got str '1'"),
        (Model, {"count": 1, "tags": ("a",)},
         "value.tags: expected list[str (length <= 3)], got tuple of 1 item"),
        (Model, {"count": 1, "tags": ["a", "long"]},
         "value.tags[1]: expected str (length <= 3), got str 'long'"),
        (Model, {"count": 1, "child": {"count": 1, "child": {"count": True}}},
         "value.child.child.count: expected int, got bool True"),
        (Checked, {"size": 0}, "value.size: expected int (> 0), got int 0"),
        (Checked, {"size": 1, "area": 5}, ("value: expected Checked (fields size, label), "
         "got an unknown field str 'area'")),
    ],
)  # fmt: skip
def test_refused(annotation: object, value: object, message: str) -> None:
    assert refusal(annotation, value) == message


def test_a_million_unknown_fields_cost_one() -> None:
    fields = dict.fromkeys(range(1_000_000), 0)
    assert refusal(Point, fields).endswith("got an unknown field int 0")


def test_recursion_as_deep_as_a_value_may_be() -> None:
    value: dict[str, Any] = {"value": 0}
    for number in range(1, 64):
        value = {"value": number, "next": value}
    found = check(Node, value)
    depth = 0
    while found is not None:
        found, depth = found.next, depth + 1
    assert depth == 64


class TestTheChecksOfTheClass:
    def test_their_message_stays_on_the_host(self) -> None:
        @dataclasses.dataclass
        class Account:
            number: int

            def __post_init__(self) -> None:
                raise ValueError("no such row in postgres://user:secret@db")

        class Login(BaseModel):
            name: str

            @pydantic.field_validator("name")
            @classmethod
            def known(cls, name: str) -> str:
                assert name == "root", "the directory is ldap://secret"
                return name

        with pytest.raises(ValidationFailed) as caught:
            check(list[Account], [{"number": 1}])
        assert str(caught.value) == ("value[0]: expected what Account accepts, got dict of 1 item")
        assert str(caught.value.__cause__) == "no such row in postgres://user:secret@db"
        assert check(Login, {"name": "root"}) == Login(name="root")
        assert refusal(Login, {"name": "eve"}) == (
            "value.name: expected what Login accepts, got str 'eve'"
        )

    def test_other_exceptions_of_theirs_are_the_hosts(self) -> None:
        @dataclasses.dataclass
        class Strict:
            number: int

            def __post_init__(self) -> None:
                if self.number:
                    raise GuestVisibleError("only zero")
                raise ZeroDivisionError

        with pytest.raises(GuestVisibleError, match=r"^only zero$"):
            check(Strict, {"number": 1})
        with pytest.raises(ZeroDivisionError):
            check(Strict, {"number": 0})

    def test_validators_of_a_model_see_only_what_its_annotation_allows(self) -> None:
        seen = []

        class Model(BaseModel):
            count: int

            @pydantic.field_validator("count", mode="before")
            @classmethod
            def look(cls, value: Any) -> Any:
                seen.append(value)
                return value

        assert refusal(Model, {"count": "5"}) == "value.count: expected int, got str '5'"
        assert check(Model, {"count": 5}) == Model.model_construct(count=5)
        assert seen == [5]

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ({"code": "a1"}, "value.code: expected text of the pattern '^[a-z]+$', got str 'a1'"),
            ({"code": "a", "price": 1}, "value.price: expected Decimal, got int 1"),
            ({"code": "a", "step": 0.3}, "value.step: expected a multiple of 0.25, got float 0.3"),
        ],
    )  # fmt: skip
    def test_what_only_pydantic_enforces_is_left_to_it(
        self, value: dict[str, Any], message: str
    ) -> None:
        from decimal import Decimal

        class Order(BaseModel):
            code: str = Field(pattern="^[a-z]+$")
            price: Decimal = Field(default=Decimal(1), max_digits=3)
            step: float = Field(default=0.5, multiple_of=0.25)

        assert check(Order, {"code": "a"}).code == "a"
        assert refusal(Order, value) == message

    @pytest.mark.parametrize("strict", [True, False])
    def test_the_models_own_strictness_does_not_matter(self, strict: bool) -> None:
        class Inner(BaseModel):
            model_config = pydantic.ConfigDict(strict=strict, frozen=True)
            unit: Unit

        @pydantic.dataclasses.dataclass(config=pydantic.ConfigDict(strict=strict))
        class Outer:
            inner: Inner
            rate: float

        assert check(Outer, {"inner": {"unit": "m"}, "rate": 1}) == Outer(
            Inner(unit=Unit.METRE), 1.0
        )
        assert refusal(Outer, {"inner": {"unit": "m"}, "rate": "1"}) == (
            "value.rate: expected float, got str '1'"
        )


class TestOutgoing:
    """On the way to the guest an instance becomes a record of the *declared* fields."""

    def test_records(self) -> None:
        assert present(Point, Point(1.0, 2.0, Unit.FOOT)) == Record(
            "Point", {"x": 1.0, "y": 2.0, "unit": "ft"}
        )
        assert present(list[Node], [Node(1, Node(2))]) == [
            Record("Node", {"value": 1, "next": Record("Node", {"value": 2, "next": None})})
        ]
        assert present(Checked, Checked(3)) == Record(
            "Checked", {"size": 3, "label": "a", "area": 9}
        )
        assert present(Pair, Pair(1, 2)) == (1, 2)
        assert present(Row, {"name": "a", "at": Point(1.0)}) == {
            "name": "a",
            "at": Record("Point", {"x": 1.0, "y": 0.0, "unit": "m"}),
        }
        assert present(Point | Node, Node(1)) == Record("Node", {"value": 1, "next": None})

    def test_fields_of_a_subclass_and_excluded_ones_stay_behind(self) -> None:
        class User(BaseModel):
            name: str
            token: str = Field(default="t", exclude=True)

        class Admin(User):
            password: str

        assert present(User, Admin(name="a", password="secret")) == Record("User", {"name": "a"})
        assert present(User | None, Admin(name="a", password="secret")) == Record(
            "User", {"name": "a"}
        )

    def test_the_fields_are_checked(self) -> None:
        with pytest.raises(
            ValidationFailed, match=r"^result\[0\]\.x: expected float, got str 'a'$"
        ):
            present(list[Point], [Point("a")])  # type: ignore[arg-type]
        with pytest.raises(ValidationFailed, match=r"^result: expected Point, got dict of 1 item$"):
            present(Point, {"x": 1.0})


def test_what_the_documentation_says_of_them() -> None:
    validator = validator_for(dict[str, Point] | Node, where="value")
    assert validator.text == "dict[str, Point] | Node"
    assert validator.declarations == (
        "Point: x: float, y: float (optional), unit: Unit (optional)",
        "Unit: one of 'm', 'ft'",
        "Node: value: int, next: Node | None (optional)",
    )


REFUSED_CLASSES: list[tuple[Any, str]] = []


def refused_class(reason: str) -> typing.Callable[[type], type]:
    def note(cls: type) -> type:
        cls.__module__ = "__main__"
        cls.__qualname__ = cls.__name__
        REFUSED_CLASSES.append((cls, reason))
        return cls

    return note


@refused_class("arbitrary_types_allowed lets any object in")
class Arbitrary(BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    x: int


@refused_class("extra='allow' lets a guest choose names of attributes")
class Extra(BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    x: int


@refused_class("a RootModel has no fields; annotate with its root type")
class Root(pydantic.RootModel[list[int]]):
    pass


@refused_class("its constructor takes (path), which its fields do not describe; "
               "leave out init=False, InitVar and an __init__ of its own")  # fmt: skip
@dataclasses.dataclass
class OwnInit:
    size: int

    def __init__(self, path: str) -> None:
        self.size = len(path)


@refused_class("its constructor takes (x, seed), which its fields do not describe; "
               "leave out init=False, InitVar and an __init__ of its own")  # fmt: skip
@dataclasses.dataclass
class WithInitVar:
    x: int
    seed: dataclasses.InitVar[int]


@refused_class("it derives from a dataclass; decorate it with @dataclass as well")
class Undecorated(Point):
    extra: int


@refused_class("it has an InitVar, which is no field of it")
@pydantic.dataclasses.dataclass
class CheckedInitVar:
    x: int
    seed: dataclasses.InitVar[int]


@pytest.mark.parametrize(("cls", "reason"), REFUSED_CLASSES)
def test_a_class_that_lets_a_guest_say_more_than_it_declares(cls: type, reason: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        validator_for(list[cls], where="returns")  # type: ignore[valid-type]
    assert str(caught.value) == f"returns: {cls.__name__}: {reason}"


def test_a_field_outside_the_closed_set_is_named() -> None:
    class Job(BaseModel):
        run: pydantic.ImportString[Any]

    with pytest.raises(ConfigurationError) as caught:
        validator_for(list[Job], where="returns")
    assert str(caught.value).startswith("returns: Job.run: ")
    assert str(caught.value).endswith("its metadata pydantic.types.ImportString is not supported")


def test_bounds_in_the_declaration_of_a_field() -> None:
    class Grid(TypedDict):
        size: Annotated[int, annotated_types.Interval(ge=1, le=9)]

    assert check(Grid, {"size": 9}) == {"size": 9}
    assert refusal(Grid, {"size": 10}) == "value.size: expected int (>= 1, <= 9), got int 10"


def test_a_model_is_completed_or_refused() -> None:
    class Late(BaseModel):
        model_config = pydantic.ConfigDict(defer_build=True)
        x: int

    class Never(BaseModel):
        x: "Nowhere"  # type: ignore[name-defined]  # noqa: F821

    assert check(Late, {"x": 1}) == Late(x=1)
    with pytest.raises(ConfigurationError, match=r"Never: pydantic cannot complete it: "):
        validator_for(Never, where="returns")


def test_an_old_pydantic_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pydantic, "VERSION", "2.10.6")
    with pytest.raises(ConfigurationError) as caught:
        validator_for(Model, where="returns")
    assert str(caught.value).endswith(
        ".Model: pydantic 2.10.6 is installed; models need 2.11 or newer"
    )


def test_a_typed_dict_on_its_way_out_is_a_mapping() -> None:
    with pytest.raises(ValidationFailed, match=r"^result: expected Row, got list of 0 items$"):
        present(Row, [])
