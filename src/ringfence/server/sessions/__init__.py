"""Sessions of tenants: alive, put aside, and brought back."""
