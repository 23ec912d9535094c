"""What a workflow service refuses, with a code; the sentence is made at the edge (reporting.sentences)."""

from __future__ import annotations


class Refused(Exception):
    """The act is not possible now. ``code`` says why, ``params`` hold what a sentence needs."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


class NotAllowed(Refused):
    """This person may not do it, now or later."""
