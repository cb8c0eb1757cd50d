"""Who may do what on the way to the public side. The rights come from the caller's post and the written policy."""

from layers.publication.errors import NotAllowedError, SamePersonError
from layers.store.definitions import Layer
from layers.store.rights.caller import Caller, Verb
from layers.store.rights.policy import Policy, division

ADMINISTRATOR = "administrator"


def require_draft(policy: Policy, caller: Caller, layer: Layer) -> None:
    """Raises NotAllowedError unless the caller may both change the layer and take it out: publishing does the latter."""
    if not (policy.allows(caller, Verb.EDIT, layer) and policy.allows(caller, Verb.EXPORT, layer)):
        raise NotAllowedError(
            f"「{layer.title}」の公開の下書きは、{division(layer.department)}の更新の担当者が作ります。"
        )


def require_approval(policy: Policy, caller: Caller, layer: Layer, requested_by: str) -> None:
    """Raises NotAllowedError unless the caller approves for the owning 課, SamePersonError for whoever asked."""
    same_division = division(caller.post.department) == division(layer.department)
    if not (policy.allows(caller, Verb.APPROVE, layer) and same_division):
        raise NotAllowedError(f"「{layer.title}」の公開は、{division(layer.department)}の公開の承認者が承認します。")
    if caller.account.casefold() == requested_by.casefold():
        raise SamePersonError("下書きを作った人は承認できません。同じ課のもう一人の承認者に頼んでください。")


def require_publishing(policy: Policy, caller: Caller, layer: Layer) -> None:
    """Raises NotAllowedError unless the caller's post has to do with the layer's publication, or runs the system.

    What is carried out then is what two people of the owning 課 have agreed upon, or takes something off the public side.
    """
    if ADMINISTRATOR in caller.post.duties:
        return
    if not (policy.allows(caller, Verb.APPROVE, layer) or policy.allows(caller, Verb.EDIT, layer)):
        raise NotAllowedError(
            f"「{layer.title}」の公開の操作は、{division(layer.department)}の更新か承認の担当者がします。"
        )


def require_exposing(policy: Policy, caller: Caller, layer: Layer) -> None:
    """Raises NotAllowedError unless the caller approves for the layer: to show again what was taken down asks for that."""
    if not policy.allows(caller, Verb.APPROVE, layer):
        raise NotAllowedError(
            f"公開を終了した「{layer.title}」をまた出すには、{division(layer.department)}の承認者の操作が必要です。"
        )
