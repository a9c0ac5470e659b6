# tries: start threads without end
# stands: threads
# expect: error RuntimeError
import threading

while True:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
