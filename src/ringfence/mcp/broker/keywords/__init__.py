"""The keywords of JSON Schema, each made into a function that is called for a value."""
