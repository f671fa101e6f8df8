"""Patterns of personal data, of several countries; a number with a check digit counts only where that fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

_MOD_23 = "TRWAGMYFPDXBNJZSQVHLCKE"
_MOD_11 = "10X98765432"
_CHINESE_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PESEL_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)


@dataclass(frozen=True)
class Pattern:
    """A regular expression, and what its finds must pass besides."""

    expression: str
    fits: Callable[[str], bool] | None = None

    def holds(self, text: pl.Expr) -> pl.Expr:
        """Whether each ``text`` holds it."""
        if self.fits is None:
            return text.str.contains(self.expression)
        found = text.str.extract_all(self.expression)
        return found.list.eval(pl.element().map_elements(self.fits, pl.Boolean)).list.any()


def _luhn(number: str) -> bool:
    """Whether the check digit fits (ISO/IEC 7812-1, annex B)."""
    digits = _digits(number)[::-1]
    doubled = [sum(divmod(2 * each, 10)) for each in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _iban(number: str) -> bool:
    """ISO 13616: as a number, with the country at the end, it leaves 1 when divided by 97."""
    plain = "".join(number.split())
    return int("".join(str(int(each, 36)) for each in plain[4:] + plain[:4])) % 97 == 1


def _telephone(number: str) -> bool:
    """ITU-T E.164: at most 15 digits with the country's; of eight or more."""
    return 8 <= len(_digits(number)) <= 15


def _spanish(number: str) -> bool:
    """DNI and NIE: the letter is the number modulo 23, X, Y and Z being 0, 1 and 2 in front."""
    number = number.upper().replace("-", "")
    front = number[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return _MOD_23[int(front) % 23] == number[-1]


def _thai(number: str) -> bool:
    *body, check = _digits(number)
    return (11 - sum(each * (13 - at) for at, each in enumerate(body)) % 11) % 10 == check


def _chinese(number: str) -> bool:
    """GB 11643: weights are powers of two modulo 11."""
    total = sum(weight * each for weight, each in zip(_CHINESE_WEIGHTS, _digits(number[:17]), strict=True))
    return _MOD_11[total % 11] == number[-1].upper()


def _brazilian(number: str) -> bool:
    """CPF: two check digits modulo 11, each over all before it."""
    digits = _digits(number)
    checks = (sum((size + 1 - at) * digits[at] for at in range(size)) * 10 % 11 % 10 for size in (9, 10))
    return list(checks) == digits[9:] and len(set(digits)) > 1


def _french(number: str) -> bool:
    """NIR: the last two digits are 97 less the others modulo 97, departments 2A and 2B being 19 and 18."""
    plain = "".join(number.split()).upper().replace("2A", "19").replace("2B", "18")
    return 97 - int(plain[:13]) % 97 == int(plain[13:])


def _polish(number: str) -> bool:
    *body, check = _digits(number)
    return -sum(weight * each for weight, each in zip(_PESEL_WEIGHTS, body, strict=True)) % 10 == check


def _digits(number: str) -> list[int]:
    return [int(each) for each in number if each.isascii() and each.isdigit()]


# Of Latin letters and digits: other letters may touch a number.
_EDGE = r"(?-u:\b)"
_BIRTH = (
    r"(?i:\b(?:dob|date of birth|birth ?date|born(?: on)?|fecha de nacimiento|nacid[oa] el|geburtsdatum|geboren am"
    r"|date de naissance|née? le|data di nascita|nat[oa] il|data de nascimento|geboortedatum|data urodzenia"
    r"|дата рождения)\b|วันเกิด|出生日期|生年月日|생년월일)"
)
_TITLE = (
    r"(?i:pt|patient|mr|mrs|ms|dr|member|spoke (?:w/|with)|señora?|doña|herrn?|frau|monsieur|madame|mme|signora?"
    r"|senhora?)"
)
PATTERNS: Mapping[str, Pattern] = {
    "e-mail addresses": Pattern(r"[\w.+-]+@[\w-]+\.[A-Za-z]{2,}"),
    "phone numbers": Pattern(r"(?:\(\d{3}\) ?|\b\d{3}[-. ])\d{3}[-. ]\d{4}\b"),
    "social security numbers": Pattern(r"\b\d{3}-\d{2}-\d{4}\b"),
    "medical record numbers": Pattern(r"(?i:\bMRN)[:# ]{0,3}\d{5,}"),
    "dates of birth": Pattern(_BIRTH + r"[:：# ]{0,3}\d"),
    # Thirteen to nineteen digits of a card network, single spaces or hyphens between them.
    "payment card numbers": Pattern(r"\b[3-6](?:[ -]?\d){12,18}\b", _luhn),
    "names": Pattern(rf"\b{_TITLE}\.? \p{{Lu}}\p{{Ll}}+ \p{{Lu}}\p{{Ll}}+"),
    "phone numbers with a country code": Pattern(r"\+[1-9](?:[ ./()-]{0,2}\d){7,14}\b", _telephone),
    "bank accounts (IBAN)": Pattern(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", _iban),
    "national insurance numbers (United Kingdom)": Pattern(
        r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"
    ),
    "identity numbers (Spain)": Pattern(r"\b(?:[XYZxyz]-?\d{7}|\d{8})-?[A-HJ-NP-TV-Za-hj-np-tv-z]\b", _spanish),
    "identity numbers (Thailand)": Pattern(rf"{_EDGE}[1-8][ -]\d{{4}}[ -]\d{{5}}[ -]\d{{2}}[ -]\d{_EDGE}", _thai),
    "identity numbers (China)": Pattern(
        rf"{_EDGE}[1-9]\d{{5}}(?:19|20)\d{{2}}[01]\d[0-3]\d{{4}}[\dXx]{_EDGE}", _chinese
    ),
    "tax numbers of persons (Brazil)": Pattern(r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b", _brazilian),
    "social security numbers (France)": Pattern(
        r"\b[12] ?\d{2} ?[01]\d ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3} ?\d{2}\b", _french
    ),
    "tax codes of persons (Italy)": Pattern(r"\b[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]\b"),
    "identity numbers (Poland)": Pattern(r"(?i:\bPESEL)[:# ]{0,3}\d{11}\b", _polish),
}
