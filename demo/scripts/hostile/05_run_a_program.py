# tries: run a shell, found by walking the objects of the interpreter
# stands: processes
# expect: error PermissionError
import subprocess

[popen] = [kind for kind in object.__subclasses__() if kind.__name__ == "Popen"]
popen(["/bin/sh", "-c", "id"])
