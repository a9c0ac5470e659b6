"""Hosts of plugins: rules, values, failures, quarantine, many calls."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ringfence import (
    ConfigurationError,
    Limits,
    PolicyNotEnforceable,
    SandboxClosed,
    ValidationFailed,
)
from ringfence.plugins import (
    CALL_LIMITS,
    Case,
    HookFailure,
    HookSpec,
    HookUnanswered,
    PluginHost,
    QuarantineRule,
    SpecMismatch,
    Use,
    hook,
    try_out,
)
from ringfence.plugins.quarantine import Quarantine, Ticket
from ringfence.plugins.sameness import is_same
from tests.plugins.conftest import MakeHost
from tests.plugins.specs import Counting, Town, bundle

ONE = bundle(
    "def probe(n): return n + 1\ndef name_of(n): return 'one'\ndef add(n, total): return total + n",
    "one",
)
TWO = bundle(
    "def probe(n): return n + 2\ndef name_of(n): return 'two'\ndef add(n, total): return total * n",
    "two",
)
DECLINES = bundle("def probe(n): return None\ndef undecided(n): return None", "declines")
RAISES = bundle(
    "def probe(n): raise ValueError('no such number')\ndef name_of(n): return 3\ndef add(n, total): return total * 1e9",
    "raises",
)
HANGS = bundle("def probe(n):\n    while True: pass", "hangs")  # fmt: skip


def test_the_first_that_answers(host: MakeHost) -> None:
    with host(DECLINES, RAISES, TWO, ONE) as made:
        answer = made.call("probe", n=3)
        assert (answer.value, answer.plugin, answer.is_default) == (5, "two", False)
        (failure,) = answer.failures
        assert (failure.plugin, failure.hook, failure.kind) == ("raises", "probe", "raised")
        assert failure.reason == "ValueError: no such number"
        assert 'File "<module raises>", line 1, in probe' in failure.traceback


def test_none_may_be_an_answer(host: MakeHost) -> None:
    with host(DECLINES, ONE) as made:
        answer = made.call("undecided", n=3)
        assert (answer.value, answer.plugins) == (None, ("declines",))


def test_all_of_them(host: MakeHost) -> None:
    with host(ONE, RAISES, TWO) as made:
        answer = made.call("name_of", n=3)
        assert (answer.value, answer.plugins) == ({"one": "one", "two": "two"}, ("one", "two"))
        (failure,) = answer.failures
        assert (failure.kind, failure.reason) == ("wrong-value", "expected str, got int 3")


def test_one_after_the_other(host: MakeHost) -> None:
    with host(ONE, RAISES, TWO) as made:
        answer = made.call("add", n=3, total=2.0)
        assert (answer.value, answer.plugins) == (15.0, ("one", "two"))
        (failure,) = answer.failures
        assert failure.reason == "expected a number from -100 to 100, got float 5000000000.0"
    with host() as made:
        assert made.call("add", n=3).value == 0.5


def test_the_specs_own_answer(host: MakeHost) -> None:
    with host(RAISES) as made:
        answer = made.call("probe", n=3)
        assert (answer.value, answer.plugins, answer.is_default) == (-1, (), True)
        assert answer.failures[0].kind == "raised"
        with pytest.raises(HookUnanswered) as raised:
            made.call("bare", n=3)
        assert str(raised.value) == (
            "bare: no plugin implements it, and the spec has no answer of its own"
        )


def test_a_declared_class_is_the_hosts_own(host: MakeHost) -> None:
    plugin = bundle("def town(name): return {'name': name, 'people': 5}")
    with host(plugin) as made:
        assert made.call("town", name="Ulm").value == Town("Ulm", 5)
    plugin = bundle("def town(name): return {'name': name, 'people': -5}")
    with host(plugin) as made:
        (failure,) = made.call("town", name="Ulm").failures
        assert failure.field == "return value.people"


def test_parameters_are_passed_to_those_who_take_them(host: MakeHost) -> None:
    extra = '[parameters.factor]\ntype = "int"\ndefault = 3\nlow = 1\n[parameters.shift]\ntype = "float"\ndefault = 0.5\n'
    source = (
        "def probe(n, *, factor): return n * factor\n"
        "def undecided(n, **rest): return sorted(rest) == ['factor', 'shift'] and 1 or 0\n"
        "def add(n, total): return 1.0\n"
    )
    plugin = bundle(source, extra=extra)
    other = Use(bundle=plugin, parameters={"factor": 7}, name="other")
    with host(plugin) as made:
        assert made.call("probe", n=2).value == 6
        assert made.call("undecided", n=2).value == 1
        assert made.call("add", n=2).value == 1.0
    with host(other) as made:
        assert (made.call("probe", n=2).value, made.call("probe", n=2).plugin) == (14, "other")
    with pytest.raises(ConfigurationError, match="^counter: parameter factor: at least 1 was"):
        host(Use(bundle=plugin, parameters={"factor": 0}))
    with pytest.raises(ConfigurationError, match="^counter has no parameter 'fact'; it has factor"):
        host(Use(bundle=plugin, parameters={"fact": 2}))


@pytest.mark.parametrize(
    ("source", "kind", "reason"),
    [
        ("def probe(n): return 'x'", "wrong-value", "expected int, got str 'x'"),
        ("def probe(n): return 1.5", "wrong-value", "expected int, got float 1.5"),
        ("def probe(n): return True", "wrong-value", "expected int, got bool True"),
        ("def probe(): return 1", "load", "TypeError: counter.probe() cannot be called with the 1"),
        ("def probe(n, m): return 1", "load", "TypeError: counter.probe(n, m) cannot be called"),
        ("probe = 3", "load", "TypeError: counter.probe is a int, and no function"),
        ("raise KeyError('x')", "load", "KeyError: 'x'"),
        ("def probe(n", "load", "SyntaxError: '(' was never closed"),
        ("def probe(n):\n    raise SystemExit(3)", "raised", "SystemExit: 3"),
        ("def probe(n):\n    while True: pass", "limit", "it reached the limit wall"),
        ("while True: pass", "load", "it reached the limit"),
        ("def probe(n):\n    return len([n] * (1 << 28))", "limit", "it reached the limit memory"),
        ("def probe(n):\n    print('x' * 10_000_000)", "limit", "it reached the limit output"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_told(host: MakeHost, source: str, kind: str, reason: str) -> None:
    limits = CALL_LIMITS.replace(wall=0.3)
    with host(bundle(source), limits=limits, load_limits=limits) as made:
        answer = made.call("probe", n=1)
    assert answer.value == -1
    (failure,) = answer.failures
    assert (failure.plugin, failure.hook, failure.kind) == ("counter", "probe", kind)
    assert failure.reason.startswith(reason)


def test_a_number_of_many_digits_is_a_wrong_one(host: MakeHost) -> None:
    plugin = bundle(
        "def add(n, total): return 10.0\ndef town(name): return {'name': name, 'people': 10 ** 400}"
    )
    with host(plugin) as made:
        (failure,) = made.call("town", name="Ulm").failures
        assert (failure.kind, failure.field) == ("wrong-value", "return value.people")


def test_a_guest_that_dies_is_a_failure(host: MakeHost) -> None:
    source = (
        "import statistics\ndef probe(n): statistics.mean.__globals__['sys'].modules['os']._exit(0)"
    )
    with host(bundle(source)) as made:
        answer = made.call("probe", n=1)
        assert (answer.value, answer.failures[0].kind) == (-1, "crashed")


class Clock:
    """Time that a test moves."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_what_fails_is_left_alone_and_tried_again(host: MakeHost) -> None:
    clock = Clock()
    source = "def probe(n):\n    if n: raise ValueError(n)\n    return 7"
    rule = QuarantineRule(failures=2, wait=10, longest=15)
    with host(bundle(source), ONE, quarantine=rule, clock=clock) as made:
        for _ in range(2):
            assert made.call("probe", n=1).failures[0].kind == "raised"
        held = made.quarantined["counter"]
        assert (held.failures, held.since, held.until) == (2, 1_000.0, 1_010.0)
        assert held.reason.reason == "ValueError: 1"
        answer = made.call("probe", n=0)
        assert (answer.plugin, answer.failures[0].kind) == ("one", "quarantined")
        assert answer.failures[0].reason == "it is quarantined, because ValueError: 1"
        clock.now += 10  # one call tries it, fails, and it waits for longer
        assert made.call("probe", n=1).failures[0].kind == "raised"
        assert made.quarantined["counter"].until == clock.now + 15
        clock.now += 15
        assert made.call("probe", n=0).plugin == "counter"
        assert made.quarantined == {}
        assert made.call("probe", n=1).failures[0].kind == "raised"
        assert made.quarantined == {}


def test_what_was_asked_before_a_quarantine_says_nothing_about_it() -> None:
    quarantine = Quarantine(QuarantineRule(hangs=1, wait=10, longest=100))
    failure = HookFailure(plugin="p", hook="h", kind="limit", reason="it hung")
    tickets = [quarantine.holds("p", 0.0) for _ in range(4)]
    assert all(isinstance(one, Ticket) for one in tickets)
    first, second, third, _ = tickets
    assert isinstance(first, Ticket) and isinstance(second, Ticket) and isinstance(third, Ticket)
    held = quarantine.failed("p", failure, 1.0, first)
    assert held is not None and held.until == 11.0
    assert quarantine.failed("p", failure, 2.0, second) is held
    quarantine.worked("p", third)
    assert quarantine.holds("p", 3.0) is held
    trying = quarantine.holds("p", 11.0)
    assert isinstance(trying, Ticket) and trying.trying
    assert quarantine.holds("p", 11.0) is held
    quarantine.untried("p", trying)
    again = quarantine.holds("p", 11.0)
    assert isinstance(again, Ticket) and again.trying
    longer = quarantine.failed("p", failure, 12.0, again)
    assert longer is not None and longer.until == 32.0


def test_values_are_the_same_bit_for_bit() -> None:
    nan = float("nan")
    for one, other, same in [
        (nan, float("nan"), True),
        (0.0, -0.0, False),
        (complex(nan, 1), complex(nan, 1), True),
        (Decimal("sNaN"), Decimal("sNaN"), True),
        (Decimal("1.0"), Decimal("1.00"), False),
        (Town("a", 1), Town("a", 1), True),
        (Town("a", 1), Town("b", 1), False),
        ([{"a": nan}], [{"a": nan}], True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        (1, True, False),
        ({1, 2}, {2, 1}, True),
    ]:
        assert is_same(one, other) is same, (one, other)


def test_what_hangs_is_left_alone_at_once(host: MakeHost) -> None:
    with host(HANGS, ONE, limits=CALL_LIMITS.replace(wall=0.2)) as made:
        assert [made.call("probe", n=1).failures[0].kind for _ in range(2)] == [
            "limit",
            "quarantined",
        ]
        assert made.release("hangs") is True
        assert made.release("hangs") is False
        assert made.call("probe", n=1).failures[0].kind == "limit"


def test_many_calls_in_order(host: MakeHost) -> None:
    source = "def probe(n):\n    if n == 5: raise ValueError\n    return n * n"
    with host(bundle(source), workers=2) as made:
        answers = list(made.map("probe", ({"n": n} for n in range(12))))
        assert [one.value for one in answers] == [n * n if n != 5 else -1 for n in range(12)]
        with pytest.raises(ValidationFailed, match="^probe: n: expected int, got str 'x'$"):
            list(made.map("probe", [{"n": 1}, {"n": "x"}]))
        for answer in made.map("probe", ({"n": n} for n in range(1_000_000))):
            assert answer.value == 0
            break


def test_two_runs_are_compared(host: MakeHost) -> None:
    walks = "import statistics\ntime = statistics.mean.__globals__['sys'].modules['time']\n"
    with host(
        bundle(walks + "def probe(n): return time.time_ns() % 1_000_003"), twice=True
    ) as made:
        (failure,) = made.call("probe", n=1).failures
        assert (failure.kind, failure.reason) == (
            "unequal",
            "two calls with the same arguments gave different values",
        )
    with host(ONE, twice=True) as made:
        assert made.call("probe", n=1).value == 2


def test_the_clock_is_fixed_or_refused(host: MakeHost, engine: str) -> None:
    walks = "import statistics\ntime = statistics.mean.__globals__['sys'].modules['time']\n"
    plugin = bundle(walks + "def probe(n): return time.time_ns()")
    with host(plugin, deterministic=True) as made:
        if engine == "native":
            with pytest.raises(PolicyNotEnforceable):
                made.call("probe", n=1)
        else:
            first = made.call("probe", n=1)
            assert first.failures == ()
            assert made.call("probe", n=1).value == first.value


def test_the_seed_is_the_hosts(host: MakeHost) -> None:
    plugin = bundle("import random\ndef probe(n): return random.getrandbits(60)")
    with host(plugin) as one, host(plugin) as same, host(plugin, seed=1) as other:
        first = one.call("probe", n=1).value
        assert one.call("probe", n=1).value == first == same.call("probe", n=1).value
        assert other.call("probe", n=1).value != first


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"state": "some"}, 'state=\'some\' must be "none" or "world"'),
    ({"twice": True, "state": "world"}, "twice=True compares two clean guests: it needs state="),
    ({"seed": -1}, "seed=-1 must be a whole number of 64 bits"),
    ({"load_limits": CALL_LIMITS.replace(memory="1GiB")}, "load_limits: limits: memory"),
    ({"plugins": ONE}, "plugins must be a list, and not Bundle"),
    ({"limits": 5}, "limits=5 must be a Limits"),
    ({"policy": 5}, "policy=5 must be a Policy"),
    ({"quarantine": 5}, "quarantine=5 must be a QuarantineRule"),
    ({"clock": 5}, "clock=5 must be a function that tells seconds"),
    ({"packages": "numpy"}, "packages='numpy' must be a list of names"),
    ({"packages": [5]}, "packages=[5] must be a list of names"),
    ({"imports": "math"}, "imports='math' must be a list of names"),
    ({"engine": 5}, "engine"),
    ({"state": []}, 'state=[] must be "none" or "world"'),
    ({"workers": 0}, "workers=0 must be from 1 to 64"),
    ({"spec": int}, "spec=<class 'int'> must be a HookSpec with hooks"),
    ({"plugins": [3]}, "plugins: 3 is neither a Bundle nor a Use of one"),
    ({"plugins": [ONE, ONE]}, "plugins: 'one' is there twice; give one of them another name"),
    ({"plugins": [bundle("", packages=["numpy"])]}, "counter 1.0.0 asks for the package 'numpy', and this host lends none"),
    ({"plugins": [bundle("", "json")]}, "json 1.0.0 has a module 'json', which is Python's or ours"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "error"), WRONG)
def test_wrong_arguments_are_refused(options: dict[str, Any], error: str) -> None:
    options = {"spec": Counting, "plugins": [], **options}
    with pytest.raises(ConfigurationError) as raised:
        PluginHost(options.pop("spec"), options.pop("plugins"), **options)
    assert str(raised.value).startswith(error)


def test_closing_ends_what_is_mapped(host: MakeHost) -> None:
    made = host(ONE, workers=2)
    answers = made.map("probe", ({"n": n} for n in range(100)))
    assert next(answers).value == 1
    made.close()
    with pytest.raises(SandboxClosed, match="^this host of plugins was closed$"):
        list(answers)


@pytest.mark.parametrize(("others", "count"), [("{}", 9), ("hooks", 1)])
def test_a_guest_that_names_hooks_that_are_none_is_not_believed(
    host: MakeHost, others: str, count: int
) -> None:
    """More than there are, or as many, and another."""
    source = (
        "import statistics\nsys = statistics.mean.__globals__['sys']\nframe = sys._getframe()\n"
        "while frame.f_code.co_name != 'load': frame = frame.f_back\n"
        f"hooks = frame.f_locals['hooks']\nfor name in list({others}): del hooks[name]\n"
        f"for n in range({count}):\n    hooks[f'h{{n}}'] = 0\n    globals()[f'h{{n}}'] = lambda: 1\n"
    )
    with host(bundle(source)) as made:
        (failure,) = made.call("probe", n=1).failures
        assert failure.reason == "its guest did not say what it implements"


def test_wrong_calls_are_refused(host: MakeHost) -> None:
    with host(ONE) as made:
        for name, arguments, error in [
            (
                "prob",
                {},
                "tests.counting has no hook 'prob'; it has probe, undecided, bare, name_of",
            ),
            ("probe", {}, "probe: it needs the argument 'n'; it is probe(n: int) -> int"),
            ("probe", {"n": 1, "m": 2}, "probe: it has no argument 'm'; it is probe(n: int)"),
        ]:
            with pytest.raises(ConfigurationError) as raised:
                made.call(name, **arguments)
            assert str(raised.value).startswith(error)
    with pytest.raises(SandboxClosed, match="^this host of plugins was closed$"):
        made.call("probe", n=1)


@pytest.mark.parametrize(
    ("spec", "version", "error"),
    [
        ("tests.other", "1.0", "counter 1.0.0 is written for tests.other, and this host has tests.counting"),
        ("tests.counting", "1.3", "counter 1.0.0 is written for tests.counting 1.3, a newer version than this host's 1.2; versions from 1.0 to 1.2 go with it"),
        ("tests.counting", "2.0", "counter 1.0.0 is written for tests.counting 2.0, a newer version"),
        ("tests.counting", "0.9", "counter 1.0.0 is written for tests.counting 0.9, an older version"),
    ],
)  # fmt: skip
def test_a_plugin_of_another_spec_is_refused(spec: str, version: str, error: str) -> None:
    with pytest.raises(SpecMismatch) as raised:
        PluginHost(Counting, [bundle("", spec=spec, spec_version=version)])
    assert str(raised.value).startswith(error)


def test_a_spec_may_extend_another() -> None:
    class Later(Counting, name="tests.counting", version="1.3"):
        """One more hook."""

        @hook()
        def later(self, n: int) -> int:
            """A new one."""
            return n

    assert [*Later.hooks] == [*Counting.hooks, "later"]
    assert Later.hooks["later"].signature == "later(n: int) -> int"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("this is not python (((", "SyntaxError: "),
        ("raise ValueError('no')", "ValueError: no"),
        ("x = 1", "it implements none of the hooks of tests.counting: h"),
    ],
)
def test_a_plugin_is_loaded_where_there_are_no_cases(engine: str, source: str, reason: str) -> None:
    class NoCases(HookSpec, name="tests.counting", version="1.0"):
        """Nothing to try."""

        @hook()
        def h(self, n: int) -> int:
            """A number."""
            return n

    report = try_out(bundle(source), NoCases, engine=engine)
    assert report.ok is False
    assert report.reason.startswith(reason)


def test_a_check_that_stumbles_over_a_value_has_not_accepted_it(engine: str) -> None:
    class Stumbles(HookSpec, name="tests.counting", version="1.0"):
        """A check that is not careful."""

        @hook()
        def h(self, n: int) -> list[int]:
            """Numbers."""
            return []

        cases = (Case("h", {"n": 1}, "one", check=lambda value: value[0] == 1),)

    for source, reason in [
        ("def h(n): return []", "the value is not what the case expects: IndexError: list index"),
        ("def h(n): return None", "it returned None, which is no answer to a case"),
    ]:
        report = try_out(bundle(source), Stumbles, engine=engine)
        assert report.ok is False
        assert report.cases[0].reason.startswith(reason)


def test_a_plugin_is_tried_out(engine: str) -> None:
    good = try_out(bundle("def probe(n): return 2 * n"), Counting, engine=engine)
    assert (good.ok, good.engine, good.reason) == (True, engine, "")
    assert [(one.title, one.ok, one.implemented) for one in good.cases] == [
        ("three", True, True),
        ("a town", True, False),
    ]
    wrong = try_out(bundle("def probe(n): return n"), Counting, engine=engine)
    assert (wrong.ok, wrong.cases[0].reason) == (False, "the value is not what the case expects")
    none = try_out(bundle("def something(): pass"), Counting, engine=engine)
    assert (none.ok, none.reason) == (
        False,
        "it implements none of the hooks of tests.counting: probe, undecided, bare, name_of, add, town",
    )
    limits = Limits(wall=0.2, threads=0, disk=0)
    hangs = try_out(HANGS, Counting, engine=engine, limits=limits)
    assert (hangs.ok, hangs.cases[0].ok) == (False, False)
    assert hangs.cases[0].reason == ("hangs: probe: it reached the limit wall=0.2 s")
