"""What code needs, beside what its manifest asks for; and the three forms of a report."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ringfence.plugins import Bundle, analysis
from ringfence.plugins.analysis import RULES


def bundle(source: str, *, packages: str = "", grants: str = "") -> Bundle:
    manifest = f"""
[plugin]
name = "sample"
version = "1.0.0"
author = "ada"
entry = "sample"
packages = [{packages}]
grants = [{grants}]

[spec]
name = "worldgen.terrain"
version = "1.0"
"""
    return Bundle.of_files(
        {
            "plugin.toml": manifest.encode(),
            "sample.py": source.encode(),
            "extra/__init__.py": b"",
            "extra/tools.py": b"import math\n",
        }
    )


PLAIN = "import numpy as np\nfrom extra import tools\n\n\ndef f(x):\n    return np.sin(x)\n"
READS = (
    "import json\n\n\ndef f(name):\n    with open(name) as file:\n        return json.load(file)\n"
)


def test_a_plain_plugin_needs_nothing() -> None:
    report = analysis.analyze(bundle(PLAIN, packages='"numpy"'))
    assert report.findings == ()
    assert report.verdict == "clean"
    found = report.capabilities
    assert found.own == {"extra"}
    assert found.standard == {"math"}
    assert found.packages == {"numpy"}
    assert found.imports == {"extra", "math", "numpy"}
    assert found.grants == found.undeclared == found.unused == frozenset()


def test_what_is_not_asked_for_is_refused() -> None:
    report = analysis.analyze(bundle(PLAIN + READS))
    assert report.verdict == "refuse"
    assert report.capabilities.undeclared == {"files", "package:numpy"}
    assert [(one.rule, one.severity) for one in report.findings] == [
        ("RF101", "error"),
        ("RF801", "error"),
    ]


@pytest.mark.parametrize("grant", ['"files"', '"files:presets"'])
def test_what_is_asked_for_is_looked_at(grant: str) -> None:
    report = analysis.analyze(bundle(READS, grants=grant))
    assert report.verdict == "review"
    assert report.capabilities.undeclared == frozenset()
    assert report.capabilities.asked == {"files"}


def test_no_grant_allows_what_hides() -> None:
    source = "__import__('o' + 's').system('id')\n"
    grants = ", ".join(f'"{name}"' for name in sorted({r.grant for r in RULES.values() if r.grant}))
    report = analysis.analyze(bundle(source, grants=grants))
    assert report.verdict == "refuse"
    assert {one.rule for one in report.findings if one.severity == "error"} == {"RF103", "RF302"}


def test_what_is_asked_for_in_vain_is_told() -> None:
    report = analysis.analyze(bundle("x = 1\n", packages='"numpy"', grants='"network", "odd"'))
    assert [(one.rule, one.file, one.line) for one in report.findings] == [
        ("RF809", "plugin.toml", 0),
        ("RF809", "plugin.toml", 0),
    ]
    assert report.verdict == "clean"
    assert report.capabilities.unused == {"network"}


def test_clock_and_chance_are_told_and_harm_nobody() -> None:
    report = analysis.analyze(bundle("import random, time\nx = random.random(), time.time()\n"))
    assert report.verdict == "clean"
    assert report.capabilities.grants == {"clock", "randomness"}
    assert report.capabilities.undeclared == frozenset()


def test_an_import_that_may_fail_needs_no_package() -> None:
    source = "try:\n    import numba\nexcept ImportError:\n    numba = None\n"
    report = analysis.analyze(bundle(source))
    assert [(one.rule, one.severity) for one in report.findings] == [("RF101", "warning")]


def test_the_same_files_give_the_same_report_in_any_order() -> None:
    files = {
        f"m{n}.py": f"import m{9 - n}\nopen(m{9 - n}.x)\nx = 's' + 'ys'\n".encode()
        for n in range(10)
    }
    first = analysis.analyze_files(files)
    second = analysis.analyze_files(dict(reversed(files.items())))
    assert first == second
    for form in (analysis.to_text, analysis.to_json, analysis.to_sarif):
        assert form(first) == form(second)


def hostile_report() -> analysis.Report:
    name = "a b\u202e\x1b[31m%\n.py"
    return analysis.analyze_files({name: b"open('x')\n", "b.py": b"x = = 1\n"})


def test_text_has_a_line_for_each_finding_and_the_verdict() -> None:
    lines = analysis.to_text(hostile_report()).splitlines()
    assert lines[0] == "a b??[31m%?.py:1:1: error RF801: files: open"
    assert lines[-1] == "verdict   refuse: it should not be published as it is"


def test_json_says_all() -> None:
    report = hostile_report()
    data = json.loads(analysis.to_json(report))
    assert data["verdict"] == "refuse"
    assert data["capabilities"]["grants"] == ["files"]
    first = data["findings"][0]
    assert first["file"] == "a b\u202e\x1b[31m%\n.py"
    assert (first["rule"], first["line"], first["column"]) == ("RF801", 1, 1)
    assert analysis.to_json(report).isascii()


def only(data: dict[str, Any], required: set[str], optional: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    assert required <= data.keys() <= required | optional


def test_sarif_has_the_structure_of_the_standard() -> None:
    """Section numbers are of SARIF 2.1.0, an OASIS standard."""
    log = json.loads(analysis.to_sarif(hostile_report()))
    only(log, {"version", "runs"}, {"$schema"})  # 3.13
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    only(run, {"tool", "results"}, {"columnKind", "properties"})  # 3.14
    assert run["columnKind"] == "unicodeCodePoints"  # 3.14.17
    driver = run["tool"]["driver"]
    only(driver, {"name", "rules"})  # 3.19
    ids = [rule["id"] for rule in driver["rules"]]
    assert ids == list(RULES)
    for rule in driver["rules"]:  # 3.49
        only(
            rule,
            {"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration"},
        )
        assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
        for one in ("shortDescription", "fullDescription", "help"):  # 3.12
            only(rule[one], {"text"})
    assert run["results"]
    for result in run["results"]:  # 3.27
        only(result, {"ruleId", "ruleIndex", "level", "message", "locations"})
        assert ids[result["ruleIndex"]] == result["ruleId"]  # 3.27.6
        assert result["level"] in {"none", "note", "warning", "error"}
        only(result["message"], {"text"})
        (place,) = result["locations"]
        physical = place["physicalLocation"]
        only(physical, {"artifactLocation"}, {"region"})  # 3.29
        uri = physical["artifactLocation"]["uri"]  # 3.10: a relative reference of RFC 3986
        assert uri.isascii()
        assert not set(uri) & set(' "<>\\^`{|}\n\x1b')
        region = physical.get("region", {"startLine": 1})
        only(region, {"startLine"}, {"startColumn"})  # 3.30
        assert all(isinstance(number, int) and number >= 1 for number in region.values())
