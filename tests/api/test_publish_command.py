"""`onomap publish` as an operator uses it, and a stick between two homes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import shapely

from layers.accounts.keys import keep_key, new_key
from layers.accounts.persons import add_person
from layers.publication.importing import PublicSide
from layers.publication.public_database import create, prepare
from layers.store.cluster import Cluster
from layers.store.instance import Store
from layers.store.rights.caller import EVERY_VERB, Post
from tests.conftest import REPOSITORY
from tests.layers.publication.publication_samples import make_public_side
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, insert

OWN_LAYERS = frozenset({"viewer", "editor", "approver"})
PEOPLE = {
    "sato": Post("総務課", OWN_LAYERS),
    "suzuki": Post("総務課", OWN_LAYERS),
    "kato": Post("地域整備課", OWN_LAYERS),
    "kanri": Post("総務課", frozenset({"administrator"})),
}
KEYS = {login: new_key() for login in PEOPLE}
CLERK, CHIEF, WATER, ADMINISTRATOR = (["--key", KEYS[login]] for login in PEOPLE)


@pytest.fixture
def public_side(test_cluster: Cluster, empty_store: Store) -> Iterator[PublicSide]:
    """A public side by its own addresses, as it is on another machine."""
    for login, post in PEOPLE.items():
        add_person(empty_store, login, login, post)
        keep_key(empty_store, login, "試験", EVERY_VERB, timedelta(days=1), KEYS[login])
    points = [shapely.Point(EAST_M + 50 * step, NORTH_M) for step in range(2)]
    insert(empty_store, "shelters", points, name="避難所")
    yield make_public_side(test_cluster, empty_store.settings.home, "public_command")
    test_cluster.drop_database("public_command")


def publish(store: Store, side: PublicSide | None, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "DATABASE_URL": store.database.url, "COLUMNS": "200"}
    if side is not None:
        environment["ONOMAP_PUBLIC_DATABASE_URL"] = side.database.owner_url
        environment["ONOMAP_PUBLIC_WEB_DATABASE_URL"] = side.database.web_url
    return subprocess.run(
        [sys.executable, "-m", "api.cli.run", "publish", *arguments, "--home", str(store.settings.home)],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_layer_goes_out_and_back_by_command(empty_store: Store, public_side: PublicSide) -> None:
    drafted = publish(empty_store, public_side, "draft", "shelters", *CLERK)
    same = publish(empty_store, public_side, "approve", "1", *CLERK)
    approved = publish(empty_store, public_side, "approve", "1", *CHIEF)
    gone = publish(empty_store, public_side, "go", "1", *CHIEF)
    down = publish(empty_store, public_side, "withdraw", "shelters", *CHIEF)
    back = publish(empty_store, public_side, "rollback", "1", *ADMINISTRATOR)
    listed = publish(empty_store, public_side, "list")

    assert drafted.returncode == 0, drafted.stderr
    assert "○ 2 件の形と座標系" in drafted.stdout
    assert (same.returncode, same.stderr.strip()) == (
        2,
        "下書きを作った人は承認できません。同じ課のもう一人の承認者に頼んでください。",
    )
    assert [run.returncode for run in (approved, gone, down)] == [0, 0, 0], gone.stderr + down.stderr
    assert gone.stdout == "第1版を公開しました。\n"
    assert back.returncode == 2
    assert "承認者の操作が必要です" in back.stderr
    assert "公開中: 第2版（戻せる版: 2、1）" in listed.stdout


def test_a_stick_carries_the_bundle_to_a_home_without_a_store(
    test_cluster: Cluster, empty_store: Store, public_side: PublicSide, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    database = create(test_cluster, outside / "public", "public_stick")
    prepare(database)
    there = PublicSide(database, outside / "public", public_side.town, public_side.key)
    stick = tmp_path / "stick.zip"
    for step in (["draft", "shelters", *CLERK], ["approve", "1", *CHIEF], ["export", str(stick), "1", *CHIEF]):
        assert publish(empty_store, None, *step).returncode == 0
    key = publish(empty_store, None, "key")

    def take() -> "subprocess.CompletedProcess[str]":
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment["ONOMAP_PUBLIC_DATABASE_URL"] = there.database.owner_url
        environment["ONOMAP_PUBLIC_WEB_DATABASE_URL"] = there.database.web_url
        command = [sys.executable, "-m", "api.cli.run", "publish", "import", str(stick), "--home", str(outside)]
        return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)

    without_key = take()
    (outside / "public" / "trusted.pub").write_text(key.stdout, encoding="utf-8")
    taken = take()

    assert (without_key.returncode, "公開鍵" in without_key.stderr) == (2, True)
    assert (taken.returncode, taken.stdout) == (0, "第1版を公開しました。\n")
    with psycopg.connect(there.database.web_url) as connection:
        assert connection.execute("SELECT count(*) FROM layers.shelters").fetchone() == (2,)
    test_cluster.drop_database("public_stick")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["import", "/etc/hostname"], "束として読めません"),
        (["import", "/nowhere.zip"], "束として読めません"),
        (["draft", "owners", *CLERK], "ありません"),
        (["draft", "water_fittings", *WATER], "公開するレイヤではありません"),
        (["approve", "99", *CHIEF], "記録 99 はありません"),
        (["rollback"], "前の版がありません"),
        (["draft", "shelters", "--key", new_key()], "この鍵では入れません"),
    ],
)
def test_what_cannot_be_is_said_in_one_plain_sentence(
    empty_store: Store, public_side: PublicSide, arguments: list[str], told: str
) -> None:
    (public_side.folder / "trusted.pub").write_text(public_side.key.pem(), encoding="utf-8")
    ran = publish(empty_store, public_side, *arguments)

    assert ran.returncode == 2
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr
