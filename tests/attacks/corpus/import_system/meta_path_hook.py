# goal: answer the host's imports with modules of the guest's own
# technique: import_system
# field: lang-module-through-module
# expect: ok 'mine'

import sys


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "ringfence":
            import importlib.machinery

            return importlib.machinery.ModuleSpec(name, Loader)


class Loader:
    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        module.whose = "mine"


sys.meta_path.insert(0, Finder)
import ringfence

ringfence.whose if hasattr(ringfence, "whose") else "mine"
