"""What the end-to-end tests share: starting the server, speaking to it, and reading its export files."""
