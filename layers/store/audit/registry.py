"""The one register of what the log can say: an action or a purpose that is not here is refused by the database."""

import sqlalchemy as sa

ACTIONS = {
    "ledger.read": "台帳を見た",
    "ledger.load": "台帳を読み込んだ",
    "rights.change": "権限の定義を反映した",
    "people.change": "利用者・職務・鍵を変えた",
    "audit.seen": "閲覧の記録を調べた",
    "audit.cut": "保存年限を過ぎた記録を消した",
    "situation.phase": "災害時の段階を切り替えた",
    "situation.site": "避難所・避難場所の状態を変えた",
    "situation.closure": "通行止めを変えた",
    "situation.notice": "災害時のお知らせを変えた",
    "situation.undo": "災害時の状態を一つ前に戻した",
    "situation.renumber": "災害時の状態の番号を改めた",
    "situation.send": "災害時の状態を公開側に送った",
    "crops.plan": "作付計画を変えた",
    "crops.copy": "作付計画を前の年から写した",
    "crops.import": "作付の台帳を取り込んだ",
    "base.check": "基準局の点検を記録した",
    "base.withdraw": "基準局の点検を取り消した",
    "survey.store": "測位の記録を保存した",
    "survey.keep": "測った圃場を保存した",
    "survey.owner": "圃場の持ち主を変えた",
    "survey.export": "圃場を書き出した",
}
"""Every action of the log, with its label. Another part of the program that logs adds its own here."""

PURPOSES = {
    "tax": "固定資産税の事務",
    "boundary": "境界の確認・立会い",
    "acquisition": "用地の取得・補償",
    "agriculture": "農地の事務",
    "forest": "森林の事務",
    "disaster": "災害への対応",
    "vacant": "空き家・空き地の対策",
    "ledger": "台帳の整備・訂正",
    "disclosure": "本人からの請求",
}
"""What personal columns may be read for (個人情報保護法 69条: 利用目的の範囲), by code."""


def register(connection: sa.Connection) -> None:
    """Bring the database's registers to these. What was registered once stays, since old entries name it."""
    for table, entries in (("audit.actions", ACTIONS), ("ledgers.purposes", PURPOSES)):
        connection.execute(
            sa.text(
                f"INSERT INTO {table} AS known (id, label) VALUES (:id, :label) "
                "ON CONFLICT (id) DO UPDATE SET label = excluded.label WHERE known.label <> excluded.label"
            ),
            [{"id": key, "label": label} for key, label in entries.items()],
        )
