"""Errors that a user can act on: a sentence, and a remedy where there is one."""

from __future__ import annotations

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_INVALID = 2


class TraindeckError(Exception):
    """Something went wrong that the user should read; `remedy` says what to do about it.

    `key` is the config's, where one value is at fault.
    """

    exit_code = EXIT_FAILED

    def __init__(self, message: str, remedy: str = "", key: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.key = key

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


class InvalidInput(TraindeckError):
    """What the user handed in cannot be used as it is (exit code 2)."""

    exit_code = EXIT_INVALID


class RunFailed(TraindeckError):
    """A run could not be started or did not end well (exit code 1)."""
