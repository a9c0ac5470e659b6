"""The remote engine: guests of a service, each over a WebSocket of its own."""
