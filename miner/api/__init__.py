"""GitHub's REST API: access, requests within its limits, streams and their cursors."""
