"""``packages=``: the scientific stack, really used, inside the walls."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import ringfence
from ringfence import Limits
from tests.conformance.conftest import LEVEL, Make, Run

_STACK = ["numpy", "pandas", "scipy"]
if LEVEL.private:  # matplotlib refuses to start without a folder that it can write to
    _STACK.append("matplotlib")
_CSV = b"day,city,rain\n2024-01-01,Oslo,1.5\n2024-01-02,Oslo,\n2024-01-01,Rome,0.5\n"


@pytest.fixture(scope="module")
def boxes() -> Iterator[dict[str, ringfence.Sandbox]]:
    made: dict[str, ringfence.Sandbox] = {}
    yield made
    for box in made.values():
        box.close()


@pytest.fixture
def box(engine: str, boxes: dict[str, ringfence.Sandbox]) -> ringfence.Sandbox:
    """One sandbox with the stack for all tests here."""
    for name in _STACK:
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed here")
    if engine not in boxes or not boxes[engine].alive:
        files = {"rain.csv": _CSV} if LEVEL.private else {}
        options = {"packages": _STACK, "files": files, "limits": Limits(memory="512MiB", wall=120)}
        boxes[engine] = ringfence.Sandbox(**LEVEL.options(engine, options)).start()
    return boxes[engine]


_NUMPY: list[tuple[str, Any]] = [
    ("np.linalg.solve([[2, 0], [0, 4]], [2, 4]).tolist()", [1.0, 1.0]),
    ("np.round(np.linalg.eigvalsh(np.diag([3.0, 1.0])), 6).tolist()", [1.0, 3.0]),
    ("np.linalg.svd(np.eye(50))[1].sum().item()", 50.0),
    ("(np.ones((300, 300)) @ np.ones((300, 300))).sum().item()", 300.0**3),
    ("np.round(np.abs(np.fft.fft([1, 0, 0, 0])), 6).tolist()", [1.0, 1.0, 1.0, 1.0]),
    ("np.random.default_rng(1).integers(10, size=3).shape", (3,)),
    ("np.einsum('ij,jk->ik', np.eye(2), np.eye(2)).tolist()", [[1.0, 0.0], [0.0, 1.0]]),
    ("np.polynomial.Polynomial([1, 2])(3).item()", 7.0),
    ("np.sort([3, 1, 2]).tolist(), np.argmax([1, 5, 2]).item()", ([1, 2, 3], 1)),
    ("np.ma.masked_less([1, 5], 3).sum().item()", 5),
    ("np.datetime64('2024-02-28') + 1", np.datetime64("2024-02-29")),
    ("np.char.upper(['a']).tolist()", ["A"]),
    ("np.testing.assert_allclose(1, 1)", None),
    ("float(np.float32(0.1) + np.float16(0.5))", float(np.float32(0.1) + np.float16(0.5))),
]


@pytest.mark.requirement("packages.numpy")
@pytest.mark.parametrize(("code", "value"), _NUMPY)
def test_numpy(box: ringfence.Sandbox, code: str, value: Any) -> None:
    result = box.run(f"import numpy as np\n{code}")
    assert result.status == "ok", result.error
    assert result.value == value


@pytest.mark.requirement("packages.numpy", "files.tools")
def test_numpy_files(box: ringfence.Sandbox) -> None:
    code = (
        "import numpy as np\nnp.save('a.npy', np.arange(5)); np.savez_compressed('b.npz', x=np.eye(2))\n"
        "np.savetxt('c.txt', np.eye(2))\n"
        "np.load('a.npy').tolist(), np.load('b.npz')['x'].tolist(), np.loadtxt('c.txt').shape,"
        " np.load('a.npy', mmap_mode='r').sum().item()"
    )
    result = box.run(code)
    assert result.status == "ok", result.error
    assert result.value == ([0, 1, 2, 3, 4], [[1.0, 0.0], [0.0, 1.0]], (2, 2), 10)


@pytest.mark.requirement("packages.pandas", "files.tools")
def test_pandas_reads_a_given_file(box: ringfence.Sandbox) -> None:
    code = (
        "import pandas as pd\nrain = pd.read_csv('rain.csv', parse_dates=['day'])\n"
        "sums = rain.groupby('city').rain.sum()\n"
        "sums.to_dict(), str(rain.day.dtype)[:10], rain.rain.isna().sum().item(),"
        " rain.pivot(index='day', columns='city', values='rain').shape,"
        " rain.set_index('day').resample('D').rain.mean().iloc[0].item()"
    )
    result = box.run(code)
    assert result.status == "ok", result.error
    assert result.value == ({"Oslo": 1.5, "Rome": 0.5}, "datetime64", 1, (2, 2), 1.0)


@pytest.mark.requirement("packages.pandas")
@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("pd.DataFrame({'a': [1, 2]}).merge(pd.DataFrame({'a': [2], 'b': ['x']})).to_dict('list')", {"a": [2], "b": ["x"]}),
        ("pd.date_range('2024-02-28', periods=2).strftime('%d').tolist()", ["28", "29"]),
        ("pd.Series([1, 2, 3]).rolling(2).mean().tolist()[1:]", [1.5, 2.5]),
        ("pd.to_datetime('2024-01-01').tz_localize('UTC').isoformat()", "2024-01-01T00:00:00+00:00"),
        ("pd.DataFrame({'a': [1]}).to_json()", '{"a":{"0":1}}'),
        ("pd.read_json(__import__('io').StringIO('[{\"a\": 1}]')).a.tolist()", [1]),
        ("pd.cut([1, 5], [0, 2, 6], labels=['low', 'high']).tolist()", ["low", "high"]),
        ("pd.DataFrame({'a': [3, 1]}).query('a > 1').a.tolist()", [3]),
        ("'<table' in pd.DataFrame({'a': [1]}).to_html()", True),
        ("pd.DataFrame({'a': [1, 2]}).describe().loc['mean', 'a'].item()", 1.5),
    ],
)  # fmt: skip
def test_pandas(box: ringfence.Sandbox, code: str, value: Any) -> None:
    result = box.run(f"import pandas as pd\n{code}")
    assert result.status == "ok", result.error
    assert result.value == value


@pytest.mark.requirement("packages.matplotlib", "packages.config")
def test_matplotlib(box: ringfence.Sandbox) -> None:
    code = (
        "import matplotlib, os\nimport matplotlib.pyplot as plt\nimport numpy as np\n"
        "figure, axes = plt.subplots(1, 2, figsize=(4, 2))\n"
        "axes[0].plot(np.arange(5)); axes[0].set_title('ä $x^2$'); axes[1].imshow(np.eye(3))\n"
        "sizes = {}\n"
        "for kind in ('png', 'svg', 'pdf', 'jpg'):\n"
        "    figure.savefig(f'plot.{kind}'); sizes[kind] = os.path.getsize(f'plot.{kind}') > 500\n"
        "plt.close('all')\n"
        "sizes, open('plot.png', 'rb').read(8), os.access(matplotlib.get_configdir(), os.W_OK)"
    )
    result = box.run(code)
    assert result.status == "ok", result.error
    assert result.value == (
        {"png": True, "svg": True, "pdf": True, "jpg": True},
        b"\x89PNG\r\n\x1a\n",
        True,
    )


@pytest.mark.requirement("packages.matplotlib", "packages.pandas")
def test_pandas_plots(box: ringfence.Sandbox) -> None:
    code = "import pandas as pd, matplotlib.pyplot as plt\npd.DataFrame({'a': [1, 2]}).plot()\nplt.show()"
    result = box.run(code)
    assert result.status == "ok", result.error
    assert [sorted(display.data) for display in result.displays] == [["image/png", "text/plain"]]


@pytest.mark.requirement("packages.scipy")
@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("from scipy.optimize import minimize\nround(minimize(lambda x: (x[0] - 2) ** 2, [0.0]).x[0], 3)", 2.0),
        ("from scipy.optimize import brentq\nround(brentq(lambda x: x * x - 2, 0, 2), 5)", 1.41421),
        ("from scipy.optimize import linprog\nround(linprog([-1], bounds=[(0, 5)]).x[0], 3)", 5.0),
        ("from scipy.integrate import quad\nround(quad(lambda x: x, 0, 1)[0], 6)", 0.5),
        ("from scipy.integrate import solve_ivp\nround(solve_ivp(lambda t, y: -y, (0, 1), [1.0]).y[0, -1], 2)", 0.37),
        ("from scipy import stats\nround(float(stats.norm.cdf(0)), 3), round(float(stats.ttest_ind([1, 2, 3], [1, 2, 3]).pvalue), 3)", (0.5, 1.0)),
        ("from scipy import linalg\nround(float(linalg.det([[2, 0], [0, 3]])), 6)", 6.0),
        ("from scipy.sparse import csr_matrix\ncsr_matrix([[1, 0], [0, 2]]).nnz", 2),
        ("from scipy.sparse.linalg import spsolve\nfrom scipy.sparse import csc_matrix\nspsolve(csc_matrix([[2.0, 0], [0, 4]]), [2, 4]).tolist()", [1.0, 1.0]),
        ("from scipy.spatial import KDTree\nint(KDTree([[0, 0], [5, 5]]).query([4, 4])[1])", 1),
        ("from scipy.signal import find_peaks\nfind_peaks([0, 1, 0, 2, 0])[0].tolist()", [1, 3]),
        ("from scipy.interpolate import CubicSpline\nround(float(CubicSpline([0, 1, 2], [0, 1, 4])(1.5)), 2)", 2.25),
        ("from scipy import fft, special, ndimage, constants\nround(float(special.gamma(5)), 3)", 24.0),
        ("from scipy.cluster.vq import kmeans\nkmeans([[0.0], [10.0]], 2)[0].ravel().tolist() in ([0.0, 10.0], [10.0, 0.0])", True),
    ],
)  # fmt: skip
def test_scipy(box: ringfence.Sandbox, code: str, value: Any) -> None:
    result = box.run(code)
    assert result.status == "ok", result.error
    assert result.value == value


@pytest.mark.requirement("packages.blas", "limits.threads-none")
def test_blas_without_threads(run: Run) -> None:
    code = (
        "import numpy as np, threading\na = np.random.rand(400, 400)\n"
        "np.allclose(np.linalg.inv(a) @ a, np.eye(400)), np.linalg.svd(a)[1].shape, threading.active_count()"
    )
    result = run(code, packages=["numpy"], limits=Limits(threads=0))
    assert result.status == "ok", result.error
    assert result.value == (True, (400,), 1)


@pytest.mark.requirement("packages.random")
def test_generators_differ_from_guest_to_guest(run: Run) -> None:
    code = (
        "import numpy as np, scipy.stats\n"
        "[np.random.rand(), np.random.default_rng().random(), float(scipy.stats.norm.rvs())]"
    )
    draws = [run(code, packages=["scipy"]).value for _ in range(3)]
    for drawn in zip(*draws, strict=True):
        assert len(set(drawn)) == 3


@pytest.mark.requirement("packages.random")
def test_seeds_work(run: Run) -> None:
    code = (
        "import numpy as np\nnp.random.seed(5)\nnp.random.rand(), np.random.default_rng(5).random()"
    )
    assert run(code, packages=["numpy"]).value == run(code, packages=["numpy"]).value


@pytest.mark.requirement("packages.closure")
def test_closure(run: Run) -> None:
    assert run("import pandas, dateutil, numpy\n'all'", packages=["pandas"]).value == "all"


@pytest.mark.requirement("packages.closure", "packages.matplotlib")
def test_closure_of_matplotlib(run: Run) -> None:
    code = "import matplotlib, PIL, kiwisolver, packaging, pyparsing, fontTools\n'all'"
    assert run(code, packages=["matplotlib"]).value == "all"


@pytest.mark.requirement("packages.metadata")
def test_metadata(run: Run) -> None:
    code = "import importlib.metadata as m\nm.version('numpy') != '', m.version('pandas') != ''"
    assert run(code, packages=["pandas"]).value == (True, True)


@pytest.mark.requirement("packages.only-granted")
@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("numpy", ": it was not lent: make the sandbox with packages=['numpy']"),
        ("pytest", ""),
        ("pydantic", ": it was not lent: make the sandbox with packages=['pydantic']"),
        ("tests", ""),
        ("pip", ": nothing is installed from here: make the sandbox with packages=[…]"),
    ],
)
def test_only_what_was_granted(run: Run, name: str, advice: str) -> None:
    result = run(f"import {name}")
    assert result.error is not None
    assert (result.error.type, result.error.message) == (
        "ModuleNotFoundError",
        f"No module named '{name}'{advice}",
    )


@pytest.mark.requirement("packages.only-granted")
def test_others_stay_hidden_beside_what_was_granted(run: Run) -> None:
    for name in ("pandas", "pytest", "pydantic"):
        result = run(f"import numpy\nimport {name}", packages=["numpy"])
        assert result.error is not None
        # Where only Landlock hides the rest, their names can be seen; nothing of them can be read.
        denied = (
            {"ModuleNotFoundError"} if LEVEL.private else {"ModuleNotFoundError", "PermissionError"}
        )
        assert result.error.type in denied


@pytest.mark.requirement("packages.missing")
@pytest.mark.parametrize("name", ["no-such-package", "numpy>=1000", "no_such[extra]"])
def test_missing(run: Run, name: str) -> None:
    with pytest.raises(ringfence.ConfigurationError) as caught:
        run("1", packages=[name])
    assert "packages=" in str(caught.value)
    assert "nstall" in str(caught.value)


@pytest.mark.requirement("packages.numpy", "limits.memory")
def test_memory_is_beyond_the_image(make: Make) -> None:
    limits = Limits(memory="64MiB", disk="1MiB")
    box = make(packages=["numpy"], limits=limits)
    assert box.run("import numpy as np\nnp.ones(5_000_000).sum().item()").value == 5_000_000.0
    result = box.run("np.ones(50_000_000)")
    assert (result.status, result.limit, result.alive) == ("limit", "memory", True)
    assert box.run("np.ones(3).tolist()").value == [1.0, 1.0, 1.0]
