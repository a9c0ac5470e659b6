# tries: fork without end
# stands: processes
# expect: error PermissionError
import os

while True:
    os.fork()
