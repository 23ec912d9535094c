"""What stands in every page itself: the style sheets as one text, the first script, the icon.

At addresses of their own they cost a round trip before anything is painted, on a slow line more than all the
figures. The Content-Security-Policy names the texts by their hashes, and so allows no others in a page.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import quote

SHEETS, ON_PAPER = ("tokens.css", "base.css", "components.css", "plotly.css"), "print.css"


def whole_style(folder: Path) -> str:
    """The sheets in their order, that for paper last, without comments and unneeded spaces."""
    *sheets, on_paper = ((folder / name).read_text(encoding="utf-8") for name in (*SHEETS, ON_PAPER))
    text = "".join([*sheets, "@media print {", on_paper, "}"])
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", text)).strip()


def script_text(path: Path) -> str:
    """A script without the lines that only tell about it, and without its indents."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if not line.startswith("//"))


def picture_address(path: Path) -> str:
    """An address that holds the drawing itself: a browser that must fetch a page's icon paints later."""
    return f"data:image/svg+xml,{quote(path.read_text(encoding='utf-8').strip())}"


def allowed_by_hash(text: str) -> str:
    """The source expression of Content Security Policy for an element with exactly this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
