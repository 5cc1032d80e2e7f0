"""A clock that tests move, for all who are started with its environment: the program and PostgreSQL.
Only the time of day is moved; what waits, waits as long as ever.

SPDX-License-Identifier: MIT
"""
import contextlib
import datetime
import glob
import os

import conftest
import pytest


class Clock:
    """now() is the world's time of day plus so many days."""

    def __init__(self, directory):
        library = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not library:
            pytest.skip("libfaketime is not installed")
        self.file = directory / "clock"
        self.days = 0
        self.set(0)
        sanitizer = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS", ""), "verify_asan_link_order=0"]))
        self.environment = {"LD_PRELOAD": library[0], "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
                            "DONT_FAKE_MONOTONIC": "1", "ASAN_OPTIONS": sanitizer}

    def set(self, days):
        """From now on it is so many days later (or, negative, earlier) than it is."""
        self.days = days
        new = self.file.with_suffix(".new")
        new.write_text(f"{days * 86400:+.0f}\n")
        new.chmod(0o644)
        new.rename(self.file)

    def go(self, days):
        self.set(self.days + days)

    @property
    def now(self):
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=self.days)

    @contextlib.contextmanager
    def within(self):
        """What the block starts under an account (PostgreSQL) has this clock. Set behind the change of the account: libfaketime's
        shared memory belongs to who begins it."""
        plain = conftest.as_account
        conftest.as_account = lambda *command: plain("env", *(f"{key}={value}" for key, value in self.environment.items()), *command)
        try:
            yield
        finally:
            conftest.as_account = plain
