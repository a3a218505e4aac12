"""What every command prints with ``--json``, as pydantic models: the one place where these documents are described.

A number that does not exist is null.
"""
