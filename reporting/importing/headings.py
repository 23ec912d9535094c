"""Which column is which: Vietnamese and English headings are recognised, others are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provinces.vietnamese import search_key
from reporting.importing.refusals import FileRefused

#: Field → headings that mean it, accents and case aside. What is shown first is what the templates write.
RECOGNISED: dict[str, tuple[str, ...]] = {
    "province": ("Tỉnh, thành phố", "Tỉnh", "Tỉnh/thành phố", "Tỉnh thành", "Địa phương", "Province"),
    "indicator": ("Chỉ tiêu", "Mã chỉ tiêu", "Tên chỉ tiêu", "Indicator", "Indicator code"),
    "period": ("Kỳ báo cáo", "Kỳ", "Thời kỳ", "Kỳ số liệu", "Period"),
    "category": ("Phân tổ", "Nhóm", "Category", "Breakdown"),
    "value": ("Giá trị", "Số liệu", "Kết quả", "Value", "Figure"),
    "numerator": ("Tử số", "Numerator"),
    "denominator": ("Mẫu số", "Denominator"),
    "qualifier": ("Từ hạn định", "Hạn định", "Qualifier"),
    "status": ("Trạng thái", "Tình trạng", "Tình trạng số liệu", "Status"),
    "missing_reason": ("Lý do thiếu", "Lý do không có số liệu", "Missing reason", "missing_reason"),
    "note": ("Ghi chú", "Note", "Notes", "note_vi"),
    "place": ("Vị trí trong nguồn", "Vị trí", "Place"),
    "source": ("Nguồn", "Mã nguồn", "Source", "Source code"),
}
REQUIRED = ("province", "indicator", "period", "value", "source")
ENOUGH = 3  # known headings, for a row to be taken for the heading row of a table
_FIELD_OF = {search_key(text): name for name, texts in RECOGNISED.items() for text in (*texts, name)}


def recognised(cells: Sequence[str | None]) -> int:
    """How many cells of a row are headings that are known."""
    return sum(search_key(cell or "") in _FIELD_OF for cell in cells)


def assign(
    headings: Sequence[str], chosen: Mapping[str, str], constants: Mapping[str, str]
) -> tuple[dict[str, int], list[str]]:
    """Field → position of its column, and the headings that are left aside.

    ``chosen`` names the heading of a field where it is not recognised; ``constants`` are fields that the
    person gave for the whole file. Raises FileRefused for an unknown field or heading, for two columns of one
    meaning, and for columns that are missing.
    """
    for name in (*chosen, *constants):
        if name not in RECOGNISED:
            raise FileRefused("unknown_field", field=name, fields=", ".join(RECOGNISED))
    positions = {name: _position(headings, heading) for name, heading in chosen.items()}
    taken = set(positions.values())
    for place, heading in enumerate(headings):
        name = _FIELD_OF.get(search_key(heading), "")
        if not name or place in taken or name in chosen or name in constants:
            continue
        if name in positions:
            raise FileRefused("two_columns", field=name, first=headings[positions[name]], second=heading)
        positions[name] = place
    lacking = [name for name in REQUIRED if name not in positions and name not in constants]
    if lacking:
        raise FileRefused(
            "columns_missing",
            fields=", ".join(f"{RECOGNISED[name][0]} ({name})" for name in lacking),
            headings=", ".join(heading for heading in headings if heading),
        )
    used = set(positions.values())
    return positions, [h for place, h in enumerate(headings) if h and place not in used]


def _position(headings: Sequence[str], heading: str) -> int:
    wanted = search_key(heading)
    places = [place for place, text in enumerate(headings) if search_key(text) == wanted]
    if len(places) != 1:
        raise FileRefused("no_such_heading", heading=heading, headings=", ".join(filter(None, headings)))
    return places[0]
