"""Takes secrets out of texts: those that are known, and what looks like one."""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["LEAST", "Redaction"]

LEAST = 6
"""Characters of a known secret; a shorter one would be taken out of half of all texts."""

_MARK = "[redacted]"
_LOOKS = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,20000}"
    r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
    r"|\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,200}"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,255}"
    r"|\bgithub_pat_[A-Za-z0-9_]{20,255}"
    r"|\bglpat-[A-Za-z0-9_-]{16,100}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,200}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bAIza[A-Za-z0-9_-]{30,60}"
    r"|\brfk_[A-Za-z0-9_-]{8,200}"
    r"|\beyJ[A-Za-z0-9_-]{8,1000}+\.[A-Za-z0-9_-]{4,8000}+\.[A-Za-z0-9_-]{4,2000}"
    r"|(?<=://)[^\s/:@]{1,200}:[^\s/@]{1,200}(?=@)"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{12,4000}")
_NAMED = re.compile(
    r"(?i)(password|passwd|secret|api[_-]?key|token)(\s{0,3}[=:]\s{0,3})"
    r"(\"[^\"\n]{6,500}\"|'[^'\n]{6,500}'|[^\s\"',;]{6,500})"
)


class Redaction:
    """Takes secrets out of texts.

    Args:
        secrets: texts to take out wherever they stand; shorter ones than :data:`LEAST` are left.
    """

    def __init__(self, secrets: Collection[str] = ()) -> None:
        known = sorted({one for one in secrets if len(one) >= LEAST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def of(self, text: str) -> str:
        """``text`` with ``[redacted]`` for each secret."""
        if self._known is not None:
            text = self._known.sub(_MARK, text)
        text = _LOOKS.sub(_MARK, text)
        text = _BEARER.sub(rf"\1 {_MARK}", text)
        return _NAMED.sub(rf"\1\2{_MARK}", text)
