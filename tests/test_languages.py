"""Texts beyond English: languages told apart, words without spaces, characters where they win."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from auditor.estimators.segment_doubt import SEGMENT_DOUBT
from auditor.evidence import languages
from auditor.evidence.classes import CLASSES
from auditor.evidence.duplicates import find_duplicates
from auditor.evidence.pieces import with_pieces
from auditor.evidence.profile import PROFILE
from auditor.evidence.retrieval import RETRIEVAL
from auditor.evidence.surrogate import SURROGATE
from auditor.evidence.tokens import tokenise
from auditor.prices import CHARACTERS_PER_TOKEN
from auditor.script_tokens import mean_tokens, tokens_in

SENTENCES = {
    "English": "I was told that the card is not with you",
    "Spanish": "el pedido no llegó y está con los otros",
    "French": "le colis est dans une boîte avec les autres",
    "German": "das Paket ist nicht da und ich habe auch keine Nachricht",
    "Polish": "nie wiem czy paczka jest już dla mnie",
    "Turkish": "paket için çok bekledim ama neden bir cevap yok",
    "Thai": "ยกเลิกนาฬิกาปลุกสำหรับบ่ายนี้ iPhone",
    "Japanese": "明日の天気を教えてください",
    "Chinese": "请取消我的订单",
    "Korean": "주문을 취소해 주세요",
    "Greek": "ακύρωσε την παραγγελία μου",
    "Cyrillic letters": "отмените мой заказ",
    "Arabic letters": "الغاء الطلب من فضلك",
    "Devanagari letters": "मेरा ऑर्डर रद्द करें",
    "other letters": "ᎣᏏᏲ ᏙᎯᏧ",
    "not told": "4711 - 12",
}
WORDS = [
    "ยกเลิก",
    "นาฬิกา",
    "ปลุก",
    "วันนี้",
    "พรุ่งนี้",
    "อากาศ",
    "ฝน",
    "ตก",
    "แดด",
    "หนาว",
    "ร้อน",
    "เตือน",
    "ประชุม",
    "เย็น",
    "เช้า",
    "บ่าย",
    "คืน",
    "ตั้ง",
    "ลบ",
    "แสดง",
]


def thai(rows: int, seed: int) -> pl.DataFrame:
    """Sentences without spaces that hold one of two class words in the middle of others."""
    drawn = np.random.default_rng(seed)
    labels = drawn.choice(["alarm", "weather", "reminder"], rows).tolist()
    told = {"alarm": "ปลุก", "weather": "อากาศ", "reminder": "เตือน"}
    others = [word for word in WORDS if word not in told.values()]
    texts = ["".join([*drawn.choice(others, 3), told[label], *drawn.choice(others, 3)]) for label in labels]
    return pl.DataFrame({"text": texts, "label": labels})


def named(texts: list[str]) -> list[str]:
    # A word counts where two texts hold it.
    series = pl.Series(texts * 2)
    return [languages.NAMES[code] for code in languages.languages(series, tokenise(series))][: len(texts)]


def test_every_language_is_told_by_its_letters_or_its_commonest_words():
    assert named([*SENTENCES.values()]) == [*SENTENCES]


@pytest.mark.parametrize(
    ("english", "spanish", "beyond"), [(100, 0, False), (97, 3, False), (90, 10, True), (0, 100, True)]
)
def test_one_text_in_twenty_of_another_language_is_beyond_english(english, spanish, beyond):
    codes = np.repeat([languages.ENGLISH, languages.NAMES.index("Spanish")], [english, spanish]).astype(np.int32)
    assert languages.beyond_english(codes) == beyond


def test_texts_that_tell_no_language_are_not_beyond_english():
    assert not languages.beyond_english(np.full(10, languages.NOT_TOLD, np.int32))


def test_words_without_spaces_are_pairs_of_letters():
    found = tokenise(pl.Series(["取消订单 ATM", "取消订单 atm 4"]))
    words = [term for term, is_word in zip(found.terms, found.is_word, strict=True) if is_word]
    assert sorted(words) == sorted(["atm", "取消", "消订", "订单"])
    assert "取消 消订" in found.terms


def test_a_single_letter_between_others_stays_a_word():
    assert "卡" in tokenise(pl.Series(["atm卡 a", "atm卡 b"])).terms


def test_pieces_are_counted_within_words_and_once_for_each():
    texts = pl.Series(["casas casa", "casa"])
    found = with_pieces(texts, tokenise(texts))
    counts = dict(zip(found.terms, np.asarray(found.counts.todense()).T.tolist(), strict=True))
    assert counts["as"] == [3, 1]
    assert counts[" cas"] == [2, 1]
    assert counts["casa"] == [2, 1]
    assert not any("s c" in term for term in found.terms[1:])
    assert len(set(found.hashes.tolist())) == len(found.hashes)


def test_near_duplicates_are_found_without_spaces():
    long = "ตั้งนาฬิกาปลุกสำหรับพรุ่งนี้เช้าตีห้าครึ่งแล้วเตือนฉันเรื่องการประชุมกับหัวหน้าในตอนบ่ายของวันศุกร์"
    texts = pl.Series([long, long + "นะ", long, "แสดงพยากรณ์อากาศสัปดาห์หน้าในเชียงใหม่และกรุงเทพมหานคร"])
    found = find_duplicates(texts, tokenise(texts), 0)
    assert found.exact[0] == found.exact[2] != found.exact[1]
    assert len(set(found.near[:3])) == 1
    assert found.near[3] != found.near[0]


def test_classes_of_thai_texts_are_learnt_and_retrieved(steps):
    found = steps(thai(600, 0), text=("text",), label="label")
    assert found[SURROGATE].out_of_fold.accuracy(found[CLASSES].codes) > 0.95
    assert (found[RETRIEVAL].vote == found[CLASSES].codes[found[RETRIEVAL].queries]).mean() > 0.85


@pytest.mark.parametrize(
    ("text", "words"), [("請取消我的訂單謝謝你們", 5.5), ("मेरा ऑर्डर रद्द करें", 4), ("cancel my order", 3)]
)
def test_words_of_a_record_are_counted_without_spaces_too(steps, text, words):
    rows = pl.DataFrame({"text": [text] * 12, "label": ["a", "b"] * 6})
    assert steps(rows, text=("text",), label="label")[PROFILE].mean_words == words


def test_languages_are_a_segment_of_the_doubt(steps):
    english = thai(200, 1).with_columns(text=pl.lit("show the ") + pl.col("label") + pl.lit(" of the day to me"))
    found = steps(pl.concat([thai(200, 0), english]), text=("text",), label="label")
    assert {(each.column, each.value, each.rows) for each in found[SEGMENT_DOUBT]} == {
        ("language", "Thai", 200),
        ("language", "English", 200),
    }


def test_tokens_of_latin_letters_are_characters_over_four():
    assert mean_tokens(pl.Series(["abcd", "abcdefgh é!"])) == (4 + 11) / 2 / CHARACTERS_PER_TOKEN


@pytest.mark.parametrize(
    # As tiktoken's o200k_base counts them.
    ("text", "tokens"),
    [("请取消我的订单", 4), ("ยกเลิกนาฬิกาปลุกสำหรับบ่ายนี้", 15), ("отмените мой заказ", 5)],
)
def test_tokens_of_other_scripts_are_more(text, tokens):
    assert tokens_in(text) > len(text) / CHARACTERS_PER_TOKEN
    assert 0.5 <= tokens_in(text) / tokens <= 2
