"""Forms of a text for comparing: what one person writes 舘廻 another writes 館廻, and both mean one place."""

import re
import unicodedata

import jaconv

# Characters that stand for one another in place names; the first of each group is the comparable form. Old and new
# forms of one character, characters confused in registers (菖蒲谷 and 菖浦谷 of 小野町), and kanji that look like kana.
_INTERCHANGEABLE = """
浦蒲 館舘 沢澤 崎﨑嵜碕 高髙 辺邊邉 斎斉齊齋 広廣 国國 竜龍 塩鹽 関關 浜濱 桜櫻 鉄鐵 円圓 滝瀧
真眞 条條 万萬 与與 恵惠 栄榮 桧檜 藪薮 籠篭 升舛枡桝 葦葭芦 畑畠 島嶋嶌 峰峯 岩巖巌 淵渕 曽曾
坂阪 富冨 吉𠮷 土圡 堀掘 桑桒 柳栁 橋𣘺 頼賴 静靜 徳德 来來 壇檀 駅驛 台臺 薬藥 宝寶 尽盡
蔵藏 弥彌 亀龜 体體 旧舊 麦麥 黒黑 緑綠 横橫 穂穗 歩步 柏栢 稲稻 鶴靏靎 兎兔 猪豬 豊豐 銭錢
糀麹麴 栃杤橡 闢辟 雁鴈 皀皂 狢貉 鹸鹼 鶏鷄 経經 軽輕 検檢 権權 顕顯 県縣 厳嚴 効效 号號 参參
蚕蠶 賛贊 残殘 糸絲 歯齒 児兒 辞辭 湿濕 実實 写寫 釈釋 寿壽 収收 従從 渋澁 獣獸 縦縱 粛肅
処處 緒緖 叙敍 将將 称稱 焼燒 証證 乗乘 浄淨 剰剩 畳疊 縄繩 壌壤 嬢孃 譲讓 醸釀 触觸 嘱囑
寝寢 慎愼 図圖 粋粹 酔醉 随隨 数數 枢樞 瀬瀨 声聲 摂攝 専專 浅淺 戦戰 践踐 繊纖 禅禪 双雙
壮壯 争爭 荘莊 捜搜 挿插 巣巢 装裝 総總 騒騷 増增 即卽 属屬 続續 堕墮 対對 帯帶 滞滯 択擇
担擔 単單 胆膽 団團 弾彈 断斷 遅遲 昼晝 虫蟲 鋳鑄 庁廳 聴聽 鎮鎭 逓遞 点點 転轉 伝傳 灯燈
当當 党黨 盗盜 闘鬪 独獨 読讀 届屆 弐貳 悩惱 脳腦 廃廢 拝拜 売賣 発發 髪髮 抜拔 蛮蠻 秘祕
払拂 仏佛 併倂 並竝 変變 弁辨 舗舖 翻飜 満滿 黙默 訳譯 予豫 余餘 誉譽 揺搖 様樣 謡謠 乱亂
覧覽 両兩 猟獵 塁壘 励勵 礼禮 隷隸 霊靈 齢齡 恋戀 炉爐 労勞 楼樓 禄祿 湾灣 亜亞 悪惡 圧壓
囲圍 医醫 為爲 壱壹 隠隱 営營 衛衞 応應 欧歐 殴毆 奥奧 仮假 価價 画畫 会會 絵繪 拡擴 覚覺
学學 岳嶽 楽樂 勧勸 巻卷 寛寬 歓歡 缶罐 観觀 陥陷 帰歸 気氣 偽僞 戯戲 犠犧 拠據 挙擧 虚虛
峡峽 挟挾 狭狹 郷鄕 暁曉 区區 駆驅 勲勳 薫薰 径徑 茎莖 継繼 渓溪 芸藝 撃擊 欠缺 研硏 倹儉
剣劍 険險 圏圈 献獻 験驗 戸戶 鉱鑛 恒恆 黄黃 済濟 砕碎 剤劑 雑雜 桟棧 惨慘 ケヶヵがガ箇个
ノの之乃 ツッ ロ口 ニ二 ハ八 カ力 エ工 ト卜 タ夕 ヨョ ヤャ ユュ イィ ウゥ アァ ワヮ
"""
# The many hyphens that people type between a number and its branch.
DASHES = "‐‑‒–—―−─━ー-"

_SPACE = re.compile(r"\s+")


def _same_form() -> dict[int, str]:
    table: dict[int, str] = {ord(chr(code)): chr(code + 0x60) for code in range(ord("ぁ"), ord("ゖ") + 1)}
    for group in _INTERCHANGEABLE.split():
        table.update({ord(other): group[0] for other in group[1:]})
    table.update({ord(dash): "-" for dash in DASHES})
    # Small hiragana first become small katakana, which have a comparable form of their own.
    return {code: table.get(ord(form), form) for code, form in table.items()}


_FORMS = _same_form()


def tidy(text: str) -> str:
    """Return the text in NFKC without spaces."""
    # Taking a space away can bring a letter and its accent together.
    return compatible(_SPACE.sub("", compatible(text)))


def compatible(text: str) -> str:
    """Return the text in NFKC: full-width digits become ASCII, half-width kana full-width."""
    return unicodedata.normalize("NFKC", text)


def fold_each(text: str) -> str:
    """Return the comparable form of an NFKC text, character by character, so that positions stay."""
    return text.translate(_FORMS)


def fold(text: str) -> str:
    """Return the comparable form of a name: equal for 菖蒲谷 and 菖浦谷, 松ケ崎 and 松が崎, 北ノ内 and 北の内.

    It is for comparing, not for showing: hiragana becomes katakana, spaces go.
    """
    return compatible(fold_each(tidy(text)).casefold())


_VOICELESS_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖゔゐゑをづぢ", "あいうえおつやゆよわかけぶいえおずじ")


def kana_fold(text: str) -> str:
    """Return the comparable form of a reading: hiragana, large letters, no spaces, dots or long-vowel marks."""
    hiragana = str(jaconv.kata2hira(tidy(text)))
    kept = "".join(c for c in hiragana if c not in DASHES and c not in "・.,、。'’")
    return compatible(kept.translate(_VOICELESS_SMALL).casefold())
