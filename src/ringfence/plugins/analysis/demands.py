"""What names of other people's modules need, as data: the longest name that fits decides.

``None`` is a name that only computes, within a module that else needs something. A grant with a
question mark is one that the name *may* need, depending on what it is given: it is told, and asks
for a person's eyes, and does not refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from ringfence.plugins.analysis.names import DYNAMIC_BUILTINS
from ringfence.plugins.analysis.rule import Grant

__all__ = [
    "Demand",
    "demand_of",
    "demand_of_builtin",
    "is_read_by_name",
    "needs_whole",
    "opens_much",
]

Demand = tuple[Grant, bool]
"""The grant, and whether it is certain."""


def _all(grant: str | None, names: str, within: str = "") -> dict[str, str | None]:
    return {f"{within}.{name}" if within else name: grant for name in names.split()}


_DEMANDS: Mapping[str, str | None] = {
    # ------------------------------------------------------------------ whole modules
    **_all("files", "shutil glob tempfile fileinput linecache dbm sqlite3 filecmp mailbox"),
    **_all("files", "nturl2path macpath zipapp compileall py_compile _io posixpath.realpath"),
    **_all("files?", "zipfile tarfile netrc zoneinfo mimetypes gettext"),
    **_all("network", "socket ssl http urllib ftplib smtplib poplib imaplib telnetlib nntplib"),
    **_all("network", "socketserver xmlrpc select selectors "
        "asyncore asynchat smtpd webbrowser cgi"),
    **_all("network", "_socket _ssl wsgiref requests httpx aiohttp urllib3 websockets paramiko"),
    **_all("network", "boto3 pycurl httplib2 tornado twisted"),
    **_all("processes", "subprocess multiprocessing pty signal _posixsubprocess posix nt pipes"),
    **_all("processes", "_winapi psutil sh "
        "pexpect invoke _multiprocessing concurrent.futures.process"),
    **_all("processes", "resource fcntl termios tty pwd grp "
        "spwd crypt syslog winreg msvcrt _signal"),
    **_all("processes", "curses readline"),
    **_all("native-code", "ctypes _ctypes cffi _cffi_backend mmap _imp numpy.ctypeslib numpy.f2py"),
    **_all("native-code", "numpy.distutils distutils setuptools "
        "cython pyximport numba.cfunc llvmlite"),
    **_all("native-code", "tkinter _tkinter turtle "
        "idlelib wasmtime _xxsubinterpreters _interpreters"),
    **_all("native-code", "importlib.machinery.ExtensionFileLoader imp.load_dynamic interpreters"),
    **_all("threads", "threading _thread concurrent.futures concurrent.interpreters thread"),
    **_all("threads", "asyncio sched queue?"),
    **_all(None, "queue sched concurrent"),
    **_all("environment", "platform getpass site sysconfig locale? _locale? pkg_resources"),
    **_all("environment", "ensurepip venv"),
    **_all("pickling", "pickle _pickle cPickle marshal shelve copyreg dill cloudpickle joblib"),
    **_all("pickling", "jsonpickle pickletools pandas.read_pickle numpy.lib.format pickle5"),
    **_all("dynamic-code", "code codeop timeit doctest cProfile profile pdb bdb trace rlcompleter"),
    **_all("dynamic-code", "_testcapi _opcode lib2to3? cmd?"),
    **_all("dynamic-imports", "imp pkgutil zipimport runpy modulefinder pydoc _frozen_importlib"),
    **_all("dynamic-imports", "_frozen_importlib_external importlib logging.config"),
    **_all("introspection", "gc tracemalloc _tracemalloc"),
    **_all("interpreter", "atexit faulthandler sys.monitoring sitecustomize usercustomize _lsprof"),
    **_all("clock", "time"),
    **_all("randomness", "random secrets uuid numpy.random"),
    # ------------------------------------------------------------------ os
    "os": "files",
    **_all(None, "sep altsep extsep linesep pathsep curdir pardir devnull name path fspath "
        "PathLike fsencode fsdecode error strerror SEEK_SET SEEK_CUR SEEK_END stat_result", "os"),
    **_all("files", "exists isfile isdir islink ismount getsize getmtime realpath samefile lexists "
        "getatime getctime abspath expanduser relpath", "os.path"),
    **_all(None, "join basename dirname split splitext normpath normcase commonprefix commonpath "
        "isabs splitdrive relpath sep altsep extsep curdir pardir", "os.path"),
    **_all("environment", "environ environb getenv getenvb putenv unsetenv uname getlogin getcwd "
        "getcwdb getuid geteuid getgid getegid getpid getppid cpu_count getloadavg sysconf "
        "get_terminal_size ctermid confstr getpgid getgroups sched_getaffinity "
        "process_cpu_count expandvars", "os"),
    "os.path.expandvars": "environment",
    "os.path.expanduser": "environment",
    **_all("processes", "system popen fork forkpty execl execle execlp execlpe execv execve execvp "
        "execvpe spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe posix_spawn "
        "posix_spawnp kill killpg abort _exit wait waitpid wait3 wait4 waitid nice setuid setgid "
        "setsid setpgid setns unshare pidfd_open startfile register_at_fork memfd_create "
        "pipe pipe2 openpty login_tty dup dup2 sched_setaffinity setpriority", "os"),
    **_all("randomness", "urandom getrandom", "os"),
    **_all("clock", "times", "os"),
    # ------------------------------------------------------------------ sys
    "sys": "interpreter",
    **_all(None, "version version_info hexversion maxsize maxunicode byteorder float_info int_info "
        "hash_info getsizeof intern exc_info exit stdout stderr platform implementation "
        "api_version copyright getrecursionlimit float_repr_style last_value "
        "getdefaultencoding stdlib_module_names builtin_module_names UnraisableHookArgs "
        "exception is_finalizing getfilesystemencoding is_stack_trampoline_active "
        "getfilesystemencodeerrors displayhook warnoptions flags ps1 ps2 thread_info", "sys"),
    **_all("environment", "argv executable prefix exec_prefix base_prefix orig_argv "
        "getwindowsversion _base_executable stdin platlibdir _git pycache_prefix abiflags", "sys"),
    **_all("introspection", "_getframe _current_frames _current_exceptions getrefcount "
        "_getframemodulename getallocatedblocks _debugmallocstats", "sys"),
    "sys.modules": "interpreter",
    # ------------------------------------------------------------------ others, by name
    **_all("files", "open open_code FileIO OpenWrapper", "io"),
    **_all("files", "open", "codecs"),
    **_all("files", "open GzipFile?", "gzip"),
    **_all("files", "open BZ2File", "bz2"),
    **_all("files", "open LZMAFile", "lzma"),
    **_all(None, "PurePath PurePosixPath PureWindowsPath", "pathlib"),
    "pathlib": "files",
    "pathlib.Path": "files?",
    "zipfile.ZipFile": "files?",
    **_all(None, "BadZipFile ZipInfo is_zipfile ZIP_DEFLATED ZIP_STORED", "zipfile"),
    **_all(None, "parse error", "urllib"),
    "urllib.request": "network",
    **_all(None, "HTTPStatus HTTPMethod", "http"),
    **_all(None, "Lock RLock local get_ident current_thread main_thread", "threading"),
    **_all(None, "RLock get_ident allocate_lock LockType", "_thread"),
    "concurrent.futures.ProcessPoolExecutor": "processes",
    **_all("processes", "create_subprocess_exec create_subprocess_shell subprocess", "asyncio"),
    **_all("network", "open_connection start_server "
        "open_unix_connection start_unix_server", "asyncio"),
    **_all(None, "iscoroutinefunction iscoroutine Future? CancelledError TimeoutError "
        "Queue Lock Event", "asyncio"),
    **_all("introspection", "stack currentframe trace getouterframes getinnerframes getframeinfo "
        "getclosurevars getcoroutinelocals getgeneratorlocals getgeneratorstate? "
        "getcoroutinestate? getasyncgenlocals", "inspect"),
    **_all("introspection?", "getsource getsourcelines getsourcefile "
        "getfile getmodule findsource", "inspect"),
    **_all("dynamic-code", "FunctionType LambdaType CodeType", "types"),
    "types.ModuleType": "interpreter?",
    "types.FrameType": None,
    **_all(None, "metadata resources reload?", "importlib"),
    "importlib.reload": "dynamic-imports",
    **_all("files?", "files read_text read_binary "
        "open_text open_binary path contents", "importlib.resources"),
    **_all("environment", "version distribution "
        "entry_points metadata distributions", "importlib.metadata"),
    "importlib.metadata.PackageNotFoundError": None,
    **_all("dynamic-code", "pandas.eval numexpr.evaluate"),
    "typing.ForwardRef": "dynamic-code?",
    **_all("dynamic-code?", "get_type_hints", "typing"),
    "dataclasses.make_dataclass": "dynamic-code?",
    "annotationlib": "dynamic-code?",
    **_all("files", "fromfile tofile memmap save "
        "savez savez_compressed savetxt DataSource", "numpy"),
    **_all("files?", "load loadtxt genfromtxt", "numpy"),
    "numpy.load": "files",
    "numpy.lib.npyio": "files",
    "numpy.lib._datasource": "files",
    "numpy.lib.stride_tricks.as_strided": "native-code?",
    "numpy.testing": "dynamic-code",
    **_all(None, "assert_allclose assert_array_equal assert_equal assert_almost_equal "
        "assert_array_almost_equal assert_raises assert_", "numpy.testing"),
    **_all("files", "FileHandler", "logging"),
    "logging.handlers": "network",
    "logging.basicConfig": "files?",
    **_all("processes", "getoutput getstatusoutput", "commands"),
    **_all("files", "walk_packages", "pkgutil"),
    **_all("introspection", "print_stack extract_stack walk_stack "
        "format_stack StackSummary walk_tb", "traceback"),
    **_all("interpreter", "warnings.showwarning codecs.register unittest.mock locale.setlocale"),
    **_all("interpreter", "buffer fileno detach reconfigure", "sys.stdout"),
    "xml.dom.pulldom": "files?",
    "xml.sax.parse": "files?",
    "ast.PyCF_ONLY_AST": None,
    "dis": "introspection?",
    "symtable": None,
    "weakref.getweakrefs": "introspection?",
    "builtins": None,
}  # fmt: skip


@lru_cache(maxsize=16_384)
def demand_of(path: str) -> Demand | None:
    """What a name needs; None where it only computes."""
    name = path
    while True:
        if name in _DEMANDS:
            grant = _DEMANDS[name]
            if grant is None:
                return None
            return cast("Grant", grant.rstrip("?")), not grant.endswith("?")
        if f"{name}?" in _DEMANDS:
            grant = _DEMANDS[f"{name}?"]
            return None if grant is None else (cast("Grant", grant), False)
        name, dot, _ = name.rpartition(".")
        if not dot:
            return None


def demand_of_builtin(name: str) -> Demand | None:
    """What a builtin needs."""
    grant = DYNAMIC_BUILTINS.get(name)
    return None if grant is None else (cast("Grant", grant), name != "input")


_BY_NAME = frozenset(
    {
        "os", "os.path", "sys", "io", "codecs", "gzip", "bz2", "lzma", "pathlib", "inspect",
        "types",
        "importlib", "typing", "dataclasses", "numpy", "logging", "traceback", "warnings",
        "asyncio",
        "threading", "concurrent", "concurrent.futures", "urllib", "http", "zipfile", "builtins",
        "importlib.metadata", "importlib.resources", "time", "random", "xml", "ast",
        "weakref", "_thread",
        "numpy.testing", "numpy.lib", "symtable",
    }
)  # fmt: skip


def needs_whole(module: str) -> Demand | None:
    """What importing a module needs; None where that depends on the names that are used of it."""
    return None if module in _BY_NAME else demand_of(module)


_OPENS_MUCH = frozenset(
    {"os", "sys", "builtins", "io", "importlib", "posix", "nt", "inspect", "types"}
)


def is_read_by_name(module: str) -> bool:
    """Whether what a module needs depends on the names that are used of it."""
    return module in _BY_NAME


def opens_much(path: str) -> bool:
    """Whether handing on this module, whole, hands on more than can be followed."""
    return path in _OPENS_MUCH
