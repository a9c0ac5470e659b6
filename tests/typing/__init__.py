"""What the public names mean to a type checker."""
