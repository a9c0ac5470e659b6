"""Plugins: a hook that strangers implement, and an answer of your own where they fail.

Prints::

    house: Haus (by german)
      hangs: it reached the limit wall=0.3 s
    tree: tree (by the spec)
      hangs: it is quarantined
    not asked for now: hangs
"""

from ringfence import plugins

MANIFEST = b"""
[plugin]
name = "%s"
version = "1.0.0"
author = "ada"
entry = "words"
[spec]
name = "example.words"
version = "1.0"
"""


class Words(plugins.HookSpec, name="example.words", version="1.0"):
    """What this program asks of plugins."""

    @plugins.hook()
    def translate(self, word: str) -> str:
        """The word in another language."""
        return word


def plugin(name: str, source: str) -> plugins.Bundle:
    """A plugin of one module; a folder with the same files will do as well."""
    files = {"plugin.toml": MANIFEST % name.encode(), "words.py": source.encode()}
    return plugins.Bundle.of_files(files)


hangs = plugin("hangs", "def translate(word):\n    while True: pass\n")
german = plugin("german", "def translate(word): return {'house': 'Haus'}.get(word)\n")
limits = plugins.CALL_LIMITS.replace(wall=0.3)

with plugins.PluginHost(Words, [hangs, german], limits=limits) as host:
    for word in ("house", "tree"):
        answer = host.call("translate", word=word)
        print(f"{word}: {answer.value} (by {answer.plugin or 'the spec'})")
        for failure in answer.failures:
            reason = failure.reason.partition(":")[0].partition(",")[0]
            print(f"  {failure.plugin}: {reason}")
    print("not asked for now:", ", ".join(host.quarantined))
