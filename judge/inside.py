"""What runs in the guest, as source: one test module under :mod:`unittest`.

It is text because the guest has nothing of the host's. ``MODULE``, ``SKIP`` (names of cases that
are not to be run) and ``PATIENCE`` (seconds after which no new case is begun) are set as inputs;
``record`` is the host's. Its value is whether cases are left for another guest.
"""

from __future__ import annotations

__all__ = ["PROGRAM"]

PROGRAM = r'''
def judge(module, skip, patience, record):
    import errno, importlib.machinery, io, os, re, sys, threading, time, types, unittest, warnings
    sys.path.insert(0, os.getcwd())
    for name in [name for name in sys.modules if name == "test" or name.startswith("test.")]:
        del sys.modules[name]
    import test.support as support
    from test.support import os_helper, socket_helper
    support.use_resources = []  # as regrtest without -u: what costs much is skipped
    support.verbose = 0
    excepthook = threading.excepthook
    # As where regrtest runs: this hook is in Python, and the program a module.
    threading.excepthook = lambda args: excepthook(args)
    sys.modules["__main__"].__spec__ = importlib.machinery.ModuleSpec("__main__", None)
    prefix = "test." + module + "."
    standard = sys.stdout, sys.stderr
    now = time.monotonic  # tests replace it
    last = now() + patience

    # --- what CPython's tests are told of the platform -------------------------------------
    # A guest has no processes and no sockets, whatever its platform is called, so what needs them
    # is skipped as on a platform without. Of these modules only asyncio does, which here does not.
    support.has_subprocess_support = support.has_fork_support = False
    support.has_socket_support = module in {
        "test_asyncgen", "test_contextlib_async", "test_sys_settrace"
    }
    socket_helper._bind_nix_socket_error = "there are no sockets"
    socket_helper.has_gethostname = True
    # Of users either: what asks for their names is told that there are none.
    if module in {"test_pathlib", "test_posix", "test_posixpath", "test_shutil", "test_tarfile"}:
        sys.modules["pwd"] = sys.modules["grp"] = None
    # These ask a module that is not there. The first answer is in any code object; the second is
    # that of every build with a GIL.
    no_ranges = all(place[2] is None for place in judge.__code__.co_positions())
    support.has_no_debug_ranges = lambda: no_ranges
    support.skip_if_suppress_immortalization = lambda: lambda test: test

    # They remove what may be there, and know two errors that say it is not. The standard library
    # may be mounted read-only, which says that first.
    unlink = os_helper._unlink

    def unlink_if_there(path):
        try:
            unlink(path)
        except OSError as error:
            if error.errno != errno.EROFS or os.path.lexists(path):
                raise

    os_helper._unlink = unlink_if_there

    # --- what is not there, and only tests want --------------------------------------------

    if module != "test_tools":  # the Tools of CPython's sources
        def skip_if_missing(*_):
            raise unittest.SkipTest("the sources' Tools are not here")

        tools = types.ModuleType("test.test_tools")
        tools.skip_if_missing = skip_if_missing
        sys.modules["test.test_tools"] = sys.modules["test"].test_tools = tools

    class Stand(types.ModuleType):
        """Instead of a module in C for CPython's own tests, or of one that makes environments to
        install in: what uses it is skipped."""

        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            reason = f"{self.__name__} is not here"

            class Missing:
                def __new__(cls, *_, **__):
                    raise unittest.SkipTest(reason)

            if name.isupper():
                raise unittest.SkipTest(reason)
            return Missing

    def lacking(error):
        """The one of those that an import did not find."""
        found = re.search(r"No module named '(_test\w+|_xx\w+|venv)'", str(error))
        return found and found[1]

    def stand_in(error):
        """Whether something could take the place of what an import lacked."""
        name = lacking(error)
        if name is None or name in sys.modules:
            return False
        sys.modules[name] = Stand(name)
        for name in [name for name in sys.modules if (name + ".").startswith(prefix)]:
            del sys.modules[name]
        return True

    # --- what is told of each case ---------------------------------------------------------

    def name_of(case):
        whole = case.test_case if isinstance(case, unittest.case._SubTest) else case
        name = type(whole).id(whole)  # a part is skipped as the case; a test may have its own id
        return name[len(prefix):] if name.startswith(prefix) else name

    def reason_of(error):
        kind, value, _ = error
        try:
            text = str(value)
        except BaseException:
            text = "?"
        return (kind.__name__ + ": " + text)[:400].encode("ascii", "backslashreplace").decode()

    class Recorder(unittest.TestResult):
        def startTest(self, case):
            super().startTest(case)
            record("begin", name_of(case), "")

        def stopTest(self, case):
            super().stopTest(case)
            if now() > last:
                self.stop()

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
            name = issubclass(error[0], ImportError) and lacking(error[1])
            if name:
                self.note("skipped", case, f"{name} is not here")
            else:
                self.note("failed", case, reason_of(error))

        addFailure = addError

        def addSubTest(self, case, part, error):
            if error is not None:
                self.addError(case, error)

    # --- loading and running ---------------------------------------------------------------

    def cases_of(suite):
        for part in suite:
            if isinstance(part, unittest.TestSuite):
                yield from cases_of(part)
            else:
                yield part

    def load():
        while True:
            try:
                loaded = __import__("test." + module, fromlist=["*"])
                cases = list(cases_of(unittest.TestLoader().loadTestsFromModule(loaded)))
            except (ImportError, unittest.SkipTest) as error:
                if not stand_in(error):
                    raise
                continue
            left_out = [case for case in cases if type(case).__name__ == "ModuleSkipped"]
            methods = [getattr(case, case._testMethodName) for case in left_out]
            if not any([stand_in(method.__unittest_skip_why__) for method in methods]):
                return cases

    warnings.simplefilter("default")
    try:
        cases = load()
    except unittest.SkipTest as reason:
        record("skipped", "(module)", str(reason)[:400])
        return False
    for case in cases:
        record("found", name_of(case), "")
    # Module and class fixtures need the order of the cases only.
    suite = unittest.TestSuite(case for case in cases if name_of(case) not in skip)
    recorder = Recorder()
    sys.stdout = sys.stderr = io.StringIO()
    try:
        suite.run(recorder)
    finally:
        sys.stdout, sys.stderr = standard
    return recorder.shouldStop

judge(MODULE, frozenset(SKIP), PATIENCE, record)
'''
