# goal: open a browser on the host
# technique: import_system
# field: lang-module-through-module
# expect[only:seccomp]: error ModuleNotFoundError ~".*"
# expect: ok False

import webbrowser

webbrowser.open(f"http://127.0.0.1:{TARGET['port']}/")
