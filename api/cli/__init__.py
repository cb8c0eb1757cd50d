"""The `onomap` command: errors are one plain sentence on stderr, with exit code 2 for bad input."""

import sys

import api.cli.accounts
import api.cli.auditing
import api.cli.base_stations
import api.cli.doctoring
import api.cli.exporting
import api.cli.fields
import api.cli.inquiring
import api.cli.ledgers
import api.cli.loading
import api.cli.machine_files
import api.cli.naming
import api.cli.publishing
import api.cli.rights
import api.cli.situation
import api.cli.tiling  # noqa: F401
from api.cli.application import application
from gis.errors import OnomapError


def main() -> None:
    """Run the command line."""
    try:
        application()
    except OnomapError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("中断しました。何も変えていません。", file=sys.stderr)
        sys.exit(130)
