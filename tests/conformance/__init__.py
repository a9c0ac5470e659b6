"""What every engine must do: a manifest of requirements, and tests that prove them."""
