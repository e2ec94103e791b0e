"""The rules: what each is called, why Excel repairs a file that breaks it, and what mends it.

``seen`` names public reports of the fault where there are some. A rule is a warning where Excel is known to object only
at times, or where nobody has shown that it does; warnings are told and fail nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How sure it is that Excel objects."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """A stable id, the reason, the mend; ``seen``: where the fault was reported."""

    id: str
    why: str
    mend: str
    severity: Severity = Severity.ERROR
    seen: str = ""


_WARNING = Severity.WARNING

_PACKAGE = (
    Rule("zip-broken", "A file that is no zip with a workbook in it cannot be opened at all.", "restore a backup"),
    Rule("zip-duplicate-entry", "Two entries of one name: Excel refuses the package.", "keep one of them"),
    Rule("part-unreadable", "A part whose bytes don't unpack to what the directory says is lost.", "write it again"),
    Rule("part-too-large", "A part that unpacks to far more than its like is not read here, nor sensibly anywhere.",
         "split the workbook"),
    Rule("part-not-xml", "Excel drops a part that is not well-formed XML, or has a document type.",
         "escape what was written, close what was opened",
         seen="AlaSQL issue 711: “Replaced Part … with XML error”"),
    Rule("part-two-owners", "Tables, drawings and notes belong to one sheet; shared by two, Excel drops them.",
         "give each sheet its own part"),
    Rule("ignorable-prefix", "mc:Ignorable names a prefix that is not declared, which makes the part unreadable.",
         "declare the namespace on the root element"),
    Rule("content-type-missing", "A part that is linked and has no content type makes the package corrupt.",
         "add a Default or an Override", seen="ExcelJS issue 106"),
    Rule("content-type-wrong", "A part with the content type of something else is not read as what it is.",
         "use the type of its kind"),
    Rule("content-type-duplicate", "Content types name a part or an extension twice: the package is corrupt.",
         "keep one of them"),
    Rule("content-type-orphan", "Content types name a part that is not there; Excel mostly shrugs.",
         "drop the entry with the part", _WARNING),
    Rule("relation-missing-part", "A relationship leads to a part that is not there.",
         "drop the relationship with the part", seen="openxlsx2 issue 535"),
    Rule("relation-duplicate-id", "Two relationships of one part have the same id: the package is corrupt.",
         "give each its own id"),
    Rule("relation-unknown", "An r:id names no relationship of its part, so the part cannot be loaded.",
         "add the relationship or drop the element"),
    Rule("relation-wrong-kind", "An element's relationship is of another kind than the element.",
         "link the part that the element means"),
)  # fmt: skip

_WORKBOOK = (
    Rule("workbook-element-order", "The workbook's sections have a fixed order.", "write them in the schema's order",
         seen="a workbook whose oleSize stood last could not be opened"),
    Rule("workbook-element-duplicate", "A section of the workbook may stand there once.", "join the two"),
    Rule("sheet-missing", "A workbook needs a sheet, and one that can be seen.", "add or show one"),
    Rule("sheet-name-duplicate", "Two sheets have one name (case does not count); Excel renames one.", "rename one"),
    Rule("sheet-name-illegal", r"A sheet's name has 1 to 31 characters, none of []:*?/\, no apostrophe at its ends.",
         "rename it"),
    Rule("sheet-id-duplicate", "Sheet ids are unique, from 1 to 65,534.", "give each its own"),
    Rule("sheet-relation-duplicate", "Two sheets are the same part.", "give each its own part"),
    Rule("active-tab-out-of-range", "A view opens on a tab that does not exist: Excel removes the view.",
         "point it at a tab that is there", seen="xlnt issue 587, EPPlus issue 831: “Removed Records: Views”"),
    Rule("view-out-of-range", "A sheet's view belongs to a window that the workbook does not have.",
         "use a window that is there"),
    Rule("name-duplicate", "A defined name stands twice in one scope (case does not count).", "keep one"),
    Rule("name-illegal", "A defined name is one word, no cell reference, at most 255 characters.", "rename it",
         seen="XlsxWriter issue 896"),
    Rule("name-scope-out-of-range", "A name's scope is a tab that does not exist.", "drop the name or mend its scope"),
    Rule("name-formula", "What a name stands for cannot be parsed: “Removed Records: Named range”.", "mend its formula",
         seen="ExcelJS issue 664, PhpSpreadsheet issue 2238"),
    Rule("name-without-sheet", "A name refers to cells without saying on which sheet.", "write Sheet!$A$1",
         seen="XlsxWriter issue 430"),
    Rule("name-unknown-sheet", "A name refers to a sheet that does not exist.", "drop the name, or use #REF!",
         seen="ClosedXML pull request 1032"),
    Rule("calc-chain-no-formula", "The calculation chain names a cell that has no formula.",
         "drop calcChain.xml; Excel makes it anew", seen="Open XML SDK issue 1457, excelize issue 414"),
    Rule("calc-chain-unknown-sheet", "The calculation chain names a sheet that does not exist.",
         "drop calcChain.xml; Excel makes it anew"),
    Rule("pivot-cache-unknown", "A pivot table's cache is not in the workbook's list: the table is removed.",
         "keep the cache's entry"),
)  # fmt: skip

_STYLES = (
    Rule("styles-element-order", "The sections of styles.xml have a fixed order.", "write them in that order"),
    Rule("styles-element-duplicate", "A section of styles.xml may stand there once.", "join the two"),
    Rule("style-out-of-range", "A cell, row or column has a style that does not exist.", "append the style first",
         seen="“Repaired Records: Cell information”"),
    Rule("style-part-out-of-range", "A style's font, fill or border does not exist: “Repaired Records: Format”.",
         "append the font, fill or border first"),
    Rule("style-parent-out-of-range", "A style's parent (xfId) is not among cellStyleXfs.", "use 0"),
    Rule("style-format-unknown", "A style's number format is neither built in nor defined.", "define it", _WARNING),
    Rule("style-format-code", "A number format has open quotes or brackets, too many sections or characters.",
         "mend the format", seen="“Repaired Records: Format from /xl/styles.xml”"),
    Rule("style-colour", "An RGB colour has six or eight hexadecimal digits; others make styles.xml unreadable.",
         "write FFRRGGBB"),
    Rule("style-too-many", "A workbook has at most 65,490 cell styles.", "reuse styles"),
    Rule("dxf-out-of-range", "A table, filter or conditional format uses a differential style that does not exist.",
         "append it to dxfs first", seen="ExcelJS pull request 1574"),
)  # fmt: skip

_SHEET = (
    Rule("sheet-element-order", "A sheet's elements have a fixed order.", "write them in the schema's order",
         seen="ExcelJS issues 106 and 1118, excel4node pull request 98"),
    Rule("sheet-element-duplicate", "An element of a sheet, such as drawing, may stand there once.", "join the two"),
    Rule("sheet-element-empty", "A list (cols, mergeCells, hyperlinks …) that is there has an entry.",
         "drop the empty list"),
    Rule("row-order", "Rows ascend, each number once.", "sort them and join the doubles"),
    Rule("row-out-of-range", "Rows run from 1 to 1,048,576.", "drop the row"),
    Rule("row-dimension", "A height is at most 409.5 points, an outline at most 7 deep.", "bound it", _WARNING),
    Rule("cell-order", "Cells ascend within their row.", "sort them"),
    Rule("cell-duplicate", "A cell stands twice in its row.", "keep one"),
    Rule("cell-wrong-row", "A cell stands in another row than its reference says.", "move it"),
    Rule("cell-out-of-range", "A cell's reference is none, or beyond XFD1048576.", "mend the reference"),
    Rule("cell-type", "A cell's type is one that Excel does not know.", "use n, s, str, b, e, d or inlineStr"),
    Rule("cell-number", "A cell's number is none (NaN, INF, a comma, a word).", "write digits with a point"),
    Rule("cell-boolean", "A Boolean is 0 or 1.", "write 0 or 1"),
    Rule("cell-error", "An error value is one that Excel does not know.", "write #N/A, #VALUE! …"),
    Rule("cell-element", "A cell holds at most one f, one v, one is, in that order.", "write each once, in order"),
    Rule("string-out-of-range", "A cell's shared string does not exist.", "append the text first"),
    Rule("text-too-long", "A cell's text has at most 32,767 characters.", "cut it",
         seen="“Repaired Records: String properties”"),
    Rule("text-escape", "A text holds half of a surrogate pair as an escape.", "write the character", _WARNING),
    Rule("columns-range", "A column range is upside down or beyond XFD.", "mend min and max"),
    Rule("columns-order", "Column ranges ascend and don't overlap: “Repaired Records: Column information”.",
         "sort and split them"),
    Rule("column-dimension", "A column is at most 255 characters wide, an outline at most 7 deep.", "bound it",
         _WARNING),
    Rule("range-illegal", "A range (ref, sqref) is no range of a sheet.", "mend the reference"),
    Rule("merge-overlap", "Two merged ranges share a cell: “Removed Records: Merge cells”.", "drop one"),
    Rule("merge-single", "A merged range is one cell.", "drop it"),
    Rule("view-zoom", "A zoom is from 10 to 400 per cent.", "bound it"),
    Rule("header-footer-too-long", "A page's header or footer has at most 255 characters.", "shorten it"),
    Rule("hyperlink-too-many", "A sheet has at most 65,530 hyperlinks; Excel drops the others.", "write text instead"),
    Rule("hyperlink-too-long", "A link has at most 2,079 characters, its tip 255.", "shorten it"),
    Rule("filter-illegal", "A filter's column lies outside its range, or is named twice.", "mend colId"),
    Rule("comment-without-drawing", "Notes need their VML drawing (legacyDrawing), or Excel drops them.",
         "write the drawing"),
    Rule("comment-illegal", "A note has no cell, an author that is not in the list, or a cell that has one already.",
         "mend it"),
)  # fmt: skip

_FORMULA = (
    Rule("formula-syntax", "A cell's formula cannot be parsed: “Removed Records: Formula”.", "mend the formula",
         seen="ClosedXML issue 70 (a semicolon between arguments)"),
    Rule("formula-equals-sign", "A stored formula has no leading equals sign.", "drop it"),
    Rule("equals-sign", "The formula of a name, a validation or a conditional format starts with an equals sign.",
         "drop it", _WARNING),
    Rule("formula-empty", "A formula element is empty though it shares no other cell's formula.", "drop the element"),
    Rule("formula-too-long", "A formula has at most 8,192 characters, a text in it 255.", "split it"),
    Rule("formula-external", "A formula names an external workbook that is not in the list.", "add it to the list"),
    Rule("formula-unknown-sheet", "A cell's formula names a sheet that does not exist.", "mend the name", _WARNING),
    Rule("formula-shared-orphan", "A cell shares a formula that no cell defines: “Removed Records: Shared formula”.",
         "write its formula out", seen="NPOI examples issue 1"),
    Rule("formula-array-overlap", "Two array formulas share a cell, or one has no range.", "drop one"),
)  # fmt: skip

_TABLE = (
    Rule("table-element-order", "The sections of a table have a fixed order.", "write them in that order"),
    Rule("table-range", "A table's range is none, or has no room for a row below its header.", "give it a row",
         seen="“Repaired Records: Table”"),
    Rule("table-count", "tableColumns says another count than it has columns.", "write the count"),
    Rule("table-width", "A table has more or fewer columns than its range.", "name each column once",
         seen="ExcelJS issue 106"),
    Rule("table-duplicate-id", "Two tables have one id.", "give each its own"),
    Rule("table-duplicate-name", "Two tables, or a table and a name, have one name (case does not count).",
         "rename one"),
    Rule("table-name-illegal", "A table's name is one word, no cell reference, at most 255 characters.", "rename it"),
    Rule("table-overlap", "Two tables share a cell.", "shrink one"),
    Rule("table-merge", "Merged cells reach into a table.", "unmerge them"),
    Rule("table-header-differs", "A header cell says another name than the table's column.",
         "write the column's name into the cell", seen="XlsxWriter issue 739"),
    Rule("table-header-not-text", "A header cell is empty, a number or a formula, not a text.",
         "write the name as text", seen="EPPlus issue 280"),
    Rule("table-column-duplicate", "Two columns of a table have one name (case does not count).", "rename one",
         seen="ExcelJS issue 106"),
    Rule("table-column-illegal", "A column of a table has no name, no id of its own, or a very long name.",
         "name and number it"),
    Rule("table-filter", "A table's filter is not its header with the rows below.", "write the table's range"),
    Rule("table-formula", "A formula of a table's column cannot be parsed.", "mend the formula"),
)  # fmt: skip

_RULES_ON_CELLS = (
    Rule("conditional-format-formula", "A conditional format's formula cannot be parsed: the sheet's are removed.",
         "mend the formula", seen="PHPExcel issue 481"),
    Rule("conditional-format-illegal", "A conditional format lacks its formula, priority or number of thresholds.",
         "complete it"),
    Rule("validation-list-too-long", "A list of choices has at most 255 characters.", "put the choices into cells"),
    Rule("validation-text-too-long", "A validation's titles have at most 32 characters, its messages 255.",
         "shorten them"),
    Rule("validation-formula", "A validation's formula is missing or cannot be parsed.", "mend the formula"),
    Rule("sparkline-formula", "A sparkline's range cannot be parsed, or its place is no cell.", "mend the range"),
)  # fmt: skip

_DRAWING = (
    Rule("drawing-duplicate-id", "Two shapes of a drawing have one id.", "number them", _WARNING),
    Rule("drawing-anchor", "A shape's anchor is incomplete or outside the sheet: the drawing is removed.",
         "mend the anchor"),
    Rule("chart-axis", "A chart names an axis that it does not have: “Removed Part: Drawing shape”.", "add the axis"),
    Rule("chart-formula", "A range of a chart cannot be parsed.", "mend the range"),
)  # fmt: skip

RULES = {
    rule.id: rule
    for group in (_PACKAGE, _WORKBOOK, _STYLES, _SHEET, _FORMULA, _TABLE, _RULES_ON_CELLS, _DRAWING)
    for rule in group
}
