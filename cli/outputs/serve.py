"""``serve``: where the page is."""

from __future__ import annotations

from pydantic import Field

from outlay.document import Document


class ServeOutput(Document):
    """``outlay serve``, printed once when it listens."""

    url: str = Field(description="The page's address.")
    link: str = Field(description="The address that lets in: with the token, where one is needed.")
    token: bool = Field(description="Whether a token is needed.")
    read_only: bool
    run: str = Field(description="The fit that the page shows.")
    trusted: bool
