"""What runs in the guest, as source: one test module under :mod:`unittest`.

It is text because the guest has nothing of the host's. ``MODULE`` and ``SKIP`` (names of cases that
are not to be run) are set as inputs; ``record`` is the host's. Its value is how many it ran.
"""

from __future__ import annotations

__all__ = ["PROGRAM"]

PROGRAM = r'''
import io, os, sys, unittest, warnings
sys.path.insert(0, os.getcwd())
for name in [name for name in sys.modules if name == "test" or name.startswith("test.")]:
    del sys.modules[name]
import test.support as support
support.use_resources = []  # as regrtest without -u: what costs much or needs a network is skipped
support.verbose = 0
# CPython's tests ask these what a platform has. A guest has no processes and no sockets, whatever
# its platform is called, so what needs them is skipped as on a platform without.
support.has_subprocess_support = support.has_fork_support = support.has_socket_support = False
prefix = "test." + MODULE + "."
skip = frozenset(SKIP)
standard = sys.stdout, sys.stderr

def name_of(case):
    name = getattr(case, "test_case", case).id()  # a part of a case is skipped as the case
    return name[len(prefix):] if name.startswith(prefix) else name

def reason_of(error):
    kind, value, _ = error
    try:
        text = str(value)
    except BaseException:
        text = "?"
    return (kind.__name__ + ": " + text)[:400].encode("ascii", "backslashreplace").decode()

class Recorder(unittest.TestResult):
    failing = None

    def startTest(self, case):
        super().startTest(case)
        self.failing = None
        record("begin", name_of(case), "")

    def note(self, kind, case, reason=""):
        record(kind, name_of(case), reason)

    def addSuccess(self, case):
        self.note("passed", case)

    def addExpectedFailure(self, case, error):
        self.note("passed", case)

    def addUnexpectedSuccess(self, case):
        self.note("failed", case, "unexpected success")

    def addSkip(self, case, reason):
        self.note("skipped", case, str(reason)[:400])

    def addError(self, case, error):
        self.note("failed", case, reason_of(error))

    addFailure = addError

    def addSubTest(self, case, part, error):
        if error is not None:
            self.note("failed", case, reason_of(error))

def cases_of(suite):
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from cases_of(part)
        else:
            yield part

def keep(suite):
    """The suite without what is to be left out; module and class fixtures need its order only."""
    return unittest.TestSuite(case for case in cases_of(suite) if name_of(case) not in skip)

def judge():
    warnings.simplefilter("default")
    try:
        module = __import__("test." + MODULE, fromlist=["*"])
        suite = unittest.TestLoader().loadTestsFromModule(module)
    except unittest.SkipTest as reason:
        record("skipped", "(module)", str(reason)[:400])
        return 0
    for case in cases_of(suite):
        record("found", name_of(case), "")
    suite = keep(suite)
    sys.stdout = sys.stderr = io.StringIO()
    try:
        suite.run(Recorder())
    finally:
        sys.stdout, sys.stderr = standard
    return suite.countTestCases()

judge()
'''
