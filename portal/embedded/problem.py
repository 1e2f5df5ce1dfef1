"""What went wrong and what to do about it, for a person."""


class SetupError(Exception):
    """Ends the command with this text and exit code 1, without a traceback.

    The text says what happened and, on its last line, what the reader can do.
    """
