"""`onomap doctor`: what is wrong with this instance, and how to mend it."""

import typer

from api.cli.application import DEFAULT_HOME, Home, application
from layers.store.doctor import diagnose


@application.command("doctor")
def doctor(home: Home = DEFAULT_HOME) -> None:
    """この環境の状態を調べ、直し方を示します。"""
    checks = diagnose(home)
    for check in checks:
        print(f"{'○' if check.ok else '×'} {check.name}: {check.message}")
        if check.remedy:
            print(f"    → {check.remedy}")
    if not all(check.ok for check in checks):
        raise typer.Exit(1)
