"""The clients of a service: the methods and results of a sandbox, over HTTP."""
