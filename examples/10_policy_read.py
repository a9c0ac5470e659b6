"""Grant a folder of the host, read-only. Nothing else of the host's files is there.

Prints::

    granted: depth 3
    writing: [Errno 30] Read-only file system
    beside it: FileNotFoundError
"""

import tempfile
from pathlib import Path

import ringfence

with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    folder.chmod(0o755)  # guests of root are not root
    (folder / "terrain").mkdir()
    (folder / "terrain/settings.txt").write_text("depth 3")
    (folder / "secret.txt").write_text("not for guests")

    policy = ringfence.Policy(read=[folder / "terrain"])
    with ringfence.Sandbox(policy=policy) as box:
        box.run("from pathlib import Path; folder = Path(name)", inputs={"name": name})
        print("granted:", box.run("(folder / 'terrain/settings.txt').read_text()").value)

        error = box.run("(folder / 'terrain/settings.txt').write_text('depth 9')").error
        assert error is not None
        print("writing:", error.message.partition(":")[0])

        error = box.run("(folder / 'secret.txt').read_text()").error
        assert error is not None
        print("beside it:", error.type)
