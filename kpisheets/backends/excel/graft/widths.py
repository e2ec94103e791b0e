"""Column widths: they are counted in digits of the workbook's Normal font, so another font makes other columns."""

from __future__ import annotations

from kpisheets.backends.excel.ooxml.notation import markup

_DIGITS = {
    **{"calibri": 0.507, "arial": 0.556, "aptos narrow": 0.48, "aptos": 0.56, "cambria": 0.554, "tahoma": 0.546},
    **{"times new roman": 0.5, "verdana": 0.636, "segoe ui": 0.539, "georgia": 0.614, "courier new": 0.6},
}
"""Width of a digit over the font's size."""
_USUAL = 0.55
_PIXELS = 96 / 72


def digit_width(styles: markup.Node, normal: int) -> int:
    """The pixels of a digit in the font of the cell style ``normal``; Excel's usual 7 where it is not said."""
    forms, fonts = (styles.child(name) for name in ("cellStyleXfs", "fonts"))
    form = forms.all("xf")[normal : normal + 1] if forms else []
    place = markup.whole(form[0].attributes.get("fontId")) if form else 0
    font = fonts.all("font")[place : place + 1] if fonts else []
    size = font[0].child("sz") if font else None
    name = font[0].child("name") if font else None
    try:
        points = float(size.attributes.get("val", "")) if size else 11.0
    except ValueError:
        points = 11.0
    if not 4 <= points <= 72:
        points = 11.0
    return max(round(points * _PIXELS * _DIGITS.get(_name(name), _USUAL)), 1)


def _name(node: markup.Node | None) -> str:
    return node.attributes.get("val", "").casefold() if node else "calibri"
