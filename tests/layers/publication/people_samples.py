"""Who does what in the tests: a clerk, two approvers and the one on duty in a disaster of 総務課, and one of another 課."""

from layers.store.rights.caller import Caller, Post, Verb


def caller(account: str, department: str, *duties: str, verbs: frozenset[Verb] | None = None) -> Caller:
    """Somebody with these duties in that 課."""
    post = Post(department, frozenset(duties))
    return Caller(account, account, post) if verbs is None else Caller(account, account, post, verbs)


CLERK = caller("sato", "総務課", "viewer", "editor")
CHIEF = caller("suzuki", "総務課", "viewer", "approver")
BOTH = caller("tanaka", "総務課", "viewer", "editor", "approver")
OUTSIDER = caller("ito", "税務課", "viewer", "editor", "approver")
VIEWER = caller("mori", "総務課", "viewer")
DISASTER = caller("bosai", "総務課", "viewer", "disaster")
