"""Keys and tenants of the service."""
