"""What a file or a row of it is refused for: a code and its parameters. ``sentences`` says it to a person."""

from __future__ import annotations


class FileRefused(Exception):
    """The file as a whole is not read. ``code`` says why, ``params`` hold what a sentence needs."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params
