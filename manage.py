#!/usr/bin/env python
"""Django's entry point; on a machine that nobody configured, for the services of this checkout."""

import os
import sys

from django.core.management import execute_from_command_line

from portal.embedded.state import borrow_environment

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    borrow_environment()
    execute_from_command_line(sys.argv)
