"""`python -m api.cli.run`: the command line without the console script."""

from api.cli import main

main()
