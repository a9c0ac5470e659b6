"""The walls, stepped down for real and taken away one by one."""
