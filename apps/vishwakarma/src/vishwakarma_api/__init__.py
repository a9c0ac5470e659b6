"""What extensions and the application share: one folder for each version of the API."""
