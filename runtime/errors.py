"""The one error that a person sees."""


class StartError(Exception):
    """Something outside the program prevents the start; the message is one sentence saying what to do."""
