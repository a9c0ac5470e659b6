"""What an operator sees of a service: metrics, logs, traces, whether it is ready."""
