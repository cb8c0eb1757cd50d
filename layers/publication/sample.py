"""The sample town's first edition: its public layers, asked for and approved by two people who do not exist."""

from layers.publication import register
from layers.publication.desk import Desk, Tell
from layers.publication.errors import PublicationError
from layers.publication.published_layer import is_publishable
from layers.publication.rules import ADMINISTRATOR
from layers.store.definitions import Layer
from layers.store.rights.caller import Caller, Post
from layers.store.rights.policy import division

REQUESTER, APPROVER = "見本 太郎（架空）", "見本 花子（架空）"


def demo_pair(layer: Layer) -> tuple[Caller, Caller]:
    """A made-up clerk and a made-up approver of the department that owns the layer."""
    department = division(layer.department)
    clerk = Caller("demo-requester", REQUESTER, Post(department, frozenset({"viewer", "editor"})))
    return clerk, Caller("demo-approver", APPROVER, Post(department, frozenset({"viewer", "approver"})))


def publish_sample(desk: Desk, tell: Tell) -> int:
    """Publish every layer that may be and has rows, by the same steps as any; returns the edition's number.

    Raises PublicationError when the town is not the made-up one: real layers need real people.
    """
    if not desk.store.town.fictitious:
        raise PublicationError("見本の公開は、見本の町（fictitious = true）でだけできます。")
    layers = [layer for layer in desk.store.catalogue.values() if _may_go(desk, layer)]
    approved = []
    for position, layer in enumerate(layers):
        tell(f"{layer.title} の確認", 0.3 * position / len(layers))
        clerk, approver = demo_pair(layer)
        draft = desk.draft(clerk, layer.id)
        if draft.state == register.CHECKED:
            approved.append(desk.approve(approver, draft.id).id)
    carrier = Caller("demo-administrator", "見本の町（架空）", Post("総務課", frozenset({ADMINISTRATOR})))
    return desk.publish(carrier, approved, lambda what, share: tell(what, 0.3 + 0.7 * share))


def _may_go(desk: Desk, layer: Layer) -> bool:
    if not is_publishable(layer):
        return False
    statement = f"SELECT EXISTS (SELECT FROM layers.{layer.id})"
    with desk.store.database.transaction() as connection:
        row = connection.execute(statement.encode()).fetchone()
    return row is not None and bool(row[0])
