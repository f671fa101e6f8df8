"""The judge by itself stands still: two kept reports, judged again at other prices and limits."""

from __future__ import annotations

import pytest

from tests import golden


def test_whatever_the_judge_says_stands_still():
    blas, kept = golden.written("judged")
    found = golden.said_of_judged()
    if blas == golden.blas():
        assert found.figures == pytest.approx(kept.figures, rel=golden.MOVED)
        assert found.words == kept.words
    else:
        # With other last bits a figure near a limit may lie beyond it: of the words the answers alone are held.
        assert found.figures == pytest.approx(kept.figures, rel=golden.ELSEWHERE, abs=golden.ELSEWHERE)
        assert answers(found) == answers(kept)


def answers(said):
    return {name: each for name, each in said.words.items() if name.endswith((" verdict decision", " valuation best"))}
