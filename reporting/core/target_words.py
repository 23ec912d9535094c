"""What a note says of a target: that it is met, or that it is not."""

from __future__ import annotations

import re
import unicodedata

_GOAL = r"(?:mục tiêu|chỉ tiêu|kế hoạch)"
_MEETING = rf"(?:đạt|vượt|hoàn thành)(?: được| và vượt| đủ)? {_GOAL}"
#: Words that take the sentence back or put it off: "chưa đạt", "phấn đấu đạt".
_MISSED = re.compile(rf"\b(?:chưa|không)(?: thể)? {_MEETING}")
_HOPED = re.compile(
    rf"\b(?:phấn đấu|sẽ|dự kiến|nhằm|để|cần|nếu|quyết tâm|khả năng|bảo đảm|đảm bảo)(?: \w+){{0,2}} {_MEETING}"
)
_MET = re.compile(rf"\b{_MEETING}")


def said_outcome(text: str) -> bool | None:
    """True where a Vietnamese text says that a target is met, False that it is missed; None where it says
    neither, both, or only what is hoped for. "Đạt 80% kế hoạch" is neither: part of a plan is no plan met."""
    plain = " ".join(unicodedata.normalize("NFC", text).lower().split())
    missed = bool(_MISSED.search(plain))
    met = bool(_MET.search(_MISSED.sub(" ", _HOPED.sub(" ", plain))))
    return None if met == missed else met
