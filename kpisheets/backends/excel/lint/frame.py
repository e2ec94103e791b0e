"""What surrounds a sheet's cells: columns, merged cells, views, links, filters, drawings."""

from __future__ import annotations

from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.notation.refs import MAX_COLUMN, Area, parse_area

from .archive import Archive
from .finding import Report
from .links import Links, check_ids, check_kind
from .sections import area_of, areas, check_order, inside, number, overlapping
from .styles import StyleCounts
from .workbook import WorkbookFacts

_ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems",
    "tableParts", "extLst",
)  # fmt: skip
_MANY = frozenset({"cols", "conditionalFormatting"})
_LISTS = ("cols", "mergeCells", "hyperlinks", "protectedRanges", "scenarios", "customSheetViews", "ignoredErrors")
_MOST_LINKS = 65_530
_LONGEST_LINK = 2_079


def check(
    root: markup.Node, part: str, styles: StyleCounts, book: WorkbookFacts, links: Links, archive: Archive
) -> list[tuple[Area, str]]:
    """Looks at the sheet without its cells; gives its merged ranges."""
    report = archive.report
    check_ids(root, part, links, archive)
    if root.name != "worksheet":
        return []
    check_order(root, _ORDER, _MANY, part, "sheet", report)
    for name in _LISTS:
        node = root.child(name)
        if node and not node.children:
            report.add("sheet-element-empty", part, name, f"{name} has no entry")
    _check_columns(root, part, styles, report)
    _check_views(root, part, book, report)
    _check_hyperlinks(root, part, links, report)
    _check_page(root, part, report)
    for node in root.all("autoFilter"):
        check_filter(node, part, "autoFilter", styles, report)
    for name, kinds in (("drawing", ("drawing",)), ("legacyDrawing", ("vmlDrawing",)), ("picture", ("image",))):
        for node in root.all(name):
            check_kind(node, kinds, part, links, archive)
    if links.kind(part, "comments") and all(node.name != "legacyDrawing" for node in inside(root)):
        report.add("comment-without-drawing", part, "legacyDrawing", "the sheet's notes have no drawing")
    return _merges(root, part, report)


def _check_columns(root: markup.Node, part: str, styles: StyleCounts, report: Report) -> None:
    last = 0
    for node in [column for cols in root.all("cols") for column in cols.all("col")]:
        first, end = node.attributes.get("min", ""), node.attributes.get("max", "")
        where = f"columns {first} to {end}"
        if not (first.isdigit() and end.isdigit() and 1 <= int(first) <= int(end) <= MAX_COLUMN):
            report.add("columns-range", part, where, "the range is none")
            continue
        if int(first) <= last:
            report.add("columns-order", part, where, f"the range begins before column {last + 1}")
        last = max(last, int(end))
        style = node.attributes.get("style")
        if style is not None and not styles.has_cell(style):
            report.add("style-out-of-range", part, where, f"there is no style {style}")
        width, outline = number(node.attributes.get("width", "0")), number(node.attributes.get("outlineLevel", "0"))
        if width is None or not 0 <= width <= 256 or outline is None or not 0 <= outline <= 7:
            report.add("column-dimension", part, where, "its width or outline is out of bounds")


def _check_views(root: markup.Node, part: str, book: WorkbookFacts, report: Report) -> None:
    views = root.child("sheetViews")
    for view in views.all("sheetView") if views else []:
        window = view.attributes.get("workbookViewId", "0")
        if book.windows and (not window.isdigit() or int(window) >= book.windows):
            report.add("view-out-of-range", part, "sheetView", f"its window is {window} of {book.windows}")
        for name, value in view.attributes.items():
            scale = number(value)
            # 0 says: as it comes.
            if name.startswith("zoomScale") and (scale is None or (scale != 0 and not 10 <= scale <= 400)):
                report.add("view-zoom", part, "sheetView", f"{name} is {value}")
        for node in view.walk():
            sqref = node.attributes.get("sqref") if node.name == "selection" else None
            if sqref is not None and areas(sqref) is None:
                report.add("range-illegal", part, "selection", f"{sqref} is no range")


def _check_hyperlinks(root: markup.Node, part: str, links: Links, report: Report) -> None:
    section = root.child("hyperlinks")
    nodes = section.all("hyperlink") if section else []
    if len(nodes) > _MOST_LINKS:
        report.add("hyperlink-too-many", part, "hyperlinks", f"there are {len(nodes)}")
    for node in nodes:
        ref = node.attributes.get("ref", "")
        if area_of(ref) is None:
            report.add("range-illegal", part, "hyperlink", f"{ref} is no range")
        if len(node.attributes.get("tooltip", "")) > 255:
            report.add("hyperlink-too-long", part, ref, "its tip is longer than 255 characters")
    for link in links.of(part).values():
        if link.kind == "hyperlink" and len(link.target) > _LONGEST_LINK:
            report.add("hyperlink-too-long", part, link.id, f"it has {len(link.target)} characters")


def _check_page(root: markup.Node, part: str, report: Report) -> None:
    page = root.child("headerFooter")
    for node in page.children if page else []:
        if len(node.text) > 255:
            report.add("header-footer-too-long", part, node.name, f"it has {len(node.text)} characters")
    setup = root.child("pageSetup")
    scale = number(setup.attributes.get("scale", "100")) if setup else 100
    if scale is None or (scale != 0 and not 10 <= scale <= 400):
        report.add("view-zoom", part, "pageSetup", "its scale is out of bounds")


def _merges(root: markup.Node, part: str, report: Report) -> list[tuple[Area, str]]:
    section = root.child("mergeCells")
    found = []
    for node in section.all("mergeCell") if section else []:
        ref = node.attributes.get("ref", "")
        area = area_of(ref)
        if area is None:
            report.add("range-illegal", part, "mergeCell", f"{ref!r} is no range")
        elif area.top == area.bottom and area.left == area.right:
            report.add("merge-single", part, ref, "one cell is merged")
        else:
            found.append((area, ref))
    for first, second in overlapping(found):
        report.add("merge-overlap", part, second, f"it meets {first}")
    return found


def check_filter(node: markup.Node, part: str, where: str, styles: StyleCounts, report: Report) -> Area | None:
    """A filter of a sheet or a table: its range and columns; gives the range."""
    ref = node.attributes.get("ref")
    area = area_of(ref) if ref is not None else None
    if ref is not None and area is None:
        report.add("range-illegal", part, where, f"the filter's range {ref!r} is none")
    seen: set[str] = set()
    for column in node.all("filterColumn"):
        text = column.attributes.get("colId", "")
        wide = area.right - area.left + 1 if area else MAX_COLUMN
        if not text.isdigit() or int(text) >= wide or text in seen:
            report.add("filter-illegal", part, where, f"its column {text} is none, or is there twice")
        seen.add(text)
    check_differential(node, part, where, styles, report)
    return area


def check_differential(node: markup.Node, part: str, where: str, styles: StyleCounts, report: Report) -> None:
    """Every differential style that an element or what is in it names."""
    for below in node.walk():
        for name, value in below.attributes.items():
            if name.lower().endswith("dxfid") and not styles.has_differential(value):
                report.add("dxf-out-of-range", part, where, f"{name} is {value} of {styles.differential}")


def check_comments(root: markup.Node, part: str, report: Report) -> None:
    """A part of notes: one for each cell, by an author of the list."""
    authors = root.child("authors")
    count = len(authors.all("author")) if authors else 0
    seen: set[str] = set()
    section = root.child("commentList")
    for node in section.all("comment") if section else []:
        ref, author = node.attributes.get("ref", ""), node.attributes.get("authorId", "0")
        area = parse_area(ref)
        if area is None or ref in seen:
            report.add("comment-illegal", part, ref, "it has no cell, or the cell has another")
        if not author.isdigit() or int(author) >= count:
            report.add("comment-illegal", part, ref, f"its author is {author} of {count}")
        seen.add(ref)
