"""Personal data of several countries: found where it stands, and not where a check digit does not fit."""

from __future__ import annotations

import polars as pl
import pytest

from checks.personal import PATTERNS

# Numbers that the authorities publish as examples, or that were made to fit.
FOUND = [
    ("e-mail addresses", "write to josé.núñez@correo.example.es please"),
    ("phone numbers", "call (555) 123-4567"),
    ("phone numbers with a country code", "llámame al +34 612 34 56 78"),
    ("phone numbers with a country code", "โทร +66 81 234 5678"),
    ("payment card numbers", "4111 1111 1111 1111"),
    ("bank accounts (IBAN)", "IBAN DE89 3704 0044 0532 0130 00."),
    ("bank accounts (IBAN)", "GB82WEST12345698765432"),
    ("national insurance numbers (United Kingdom)", "NI QQ is none, AB 12 34 56 C is"),
    ("identity numbers (Spain)", "DNI 12345678Z"),
    ("identity numbers (Spain)", "NIE X1234567L"),
    ("identity numbers (Thailand)", "เลข 1-2345-67890-12-1"),
    ("identity numbers (China)", "身份证号11010519491231002X的"),
    ("tax numbers of persons (Brazil)", "CPF 111.444.777-35"),
    ("social security numbers (France)", "n° 1 84 12 76 451 089 46"),
    ("tax codes of persons (Italy)", "CF RSSMRA85T10A562S"),
    ("identity numbers (Poland)", "PESEL: 44051401359"),
    ("dates of birth", "Fecha de nacimiento: 3/4/1980"),
    ("dates of birth", "วันเกิด 3/4/2523"),
    ("dates of birth", "出生日期：1980"),
    ("names", "la señora Inés Ibáñez llamó"),
    ("names", "Patient John Smith"),
]
NOT = [
    ("payment card numbers", "4111 1111 1111 1112"),
    ("bank accounts (IBAN)", "DE89 3704 0044 0532 0130 01"),
    ("identity numbers (Spain)", "12345678A"),
    ("identity numbers (Thailand)", "1-2345-67890-12-2"),
    ("identity numbers (China)", "110105194912310021"),
    ("tax numbers of persons (Brazil)", "111.444.777-36"),
    ("social security numbers (France)", "1 84 12 76 451 089 47"),
    ("identity numbers (Poland)", "PESEL 44051401358"),
    ("phone numbers with a country code", "5 + 1234567 is a sum"),
    ("names", "Madame said so"),
]


def held(kind: str, text: str) -> bool:
    return pl.select(PATTERNS[kind].holds(pl.lit(text))).item()


@pytest.mark.parametrize(("kind", "text"), FOUND)
def test_personal_data_is_found(kind, text):
    assert held(kind, text)


@pytest.mark.parametrize(("kind", "text"), NOT)
def test_what_only_looks_like_it_is_not(kind, text):
    assert not held(kind, text)


@pytest.mark.parametrize(
    "text", ["claim 0012345678901 denied", "CVE-2017-12345678 in OpenSSL 1.0.2k", "order 12345678901 of 2024-11-05"]
)
def test_usual_numbers_are_nobodys(text):
    assert not [kind for kind in PATTERNS if held(kind, text)]
