"""Pivot tables, and what filters them and tables: slicers and timelines."""

from __future__ import annotations

from .drawn import frame, instead
from .parts import BOOK, MAIN, MS, NAMESPACES, tag
from .tab import Tab

_ROWS = [("North", 46027, 10), ("South", 46056, 20), ("North", 46086, 30), ("South", 46101, 40)]
_DAYS = ("2026-01-05", "2026-02-03", "2026-03-05", "2026-03-20")
_CACHE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_X14, _X15 = NAMESPACES["x14"], NAMESPACES["x15"]


def pivot(tab: Tab) -> None:
    """Four rows, their cache with its records, and the table that sums them by region."""
    tab.block([["Region", "Day", "Amount"], *[list(row) for row in _ROWS]])
    tab.block([["Regions", "Sum of Amount"], ["North", 40.0], ["South", 60.0], ["Grand Total", 100.0]], 0, 5)
    records = tab.parts.add(
        tab.parts.free("xl/pivotCache/pivotCacheRecords{}.xml"),
        f'<pivotCacheRecords xmlns="{MAIN}" xmlns:r="{NAMESPACES["r"]}" count="4">'
        + "".join(f'<r><x v="{n % 2}"/><x v="{n}"/><n v="{row[2]}"/></r>' for n, row in enumerate(_ROWS))
        + "</pivotCacheRecords>",
        f"{_CACHE}.pivotCacheRecords+xml",
    )
    days = "".join(f'<d v="{day}T00:00:00"/>' for day in _DAYS)
    cache = tab.parts.add(
        tab.parts.free("xl/pivotCache/pivotCacheDefinition{}.xml"),
        f'<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{NAMESPACES["r"]}" r:id="rId1" refreshedBy="Ana Example" '
        'refreshedDate="46101.5" createdVersion="6" refreshedVersion="6" minRefreshableVersion="3" recordCount="4">'
        f'<cacheSource type="worksheet"><worksheetSource ref="{tab.area(0, 0, 4, 2)}" '
        f'sheet="{tab.name}"/></cacheSource>'
        '<cacheFields count="3"><cacheField name="Region" numFmtId="0"><sharedItems count="2"><s v="North"/>'
        '<s v="South"/></sharedItems></cacheField><cacheField name="Day" numFmtId="14"><sharedItems '
        'containsSemiMixedTypes="0" containsNonDate="0" containsDate="1" containsString="0" '
        f'minDate="{_DAYS[0]}T00:00:00" maxDate="{_DAYS[-1]}T00:00:00" count="4">{days}</sharedItems></cacheField>'
        '<cacheField name="Amount" numFmtId="0"><sharedItems containsSemiMixedTypes="0" containsString="0" '
        'containsNumber="1" containsInteger="1" minValue="10" maxValue="40"/></cacheField></cacheFields>'
        f'<extLst><ext xmlns:x14="{_X14}" uri="{{725AE2AE-9491-48be-B2B4-4EB974FC3084}}">'
        '<x14:pivotCacheDefinition pivotCacheId="7001"/></ext></extLst></pivotCacheDefinition>',
        f"{_CACHE}.pivotCacheDefinition+xml",
    )
    tab.parts.link(cache, "pivotCacheRecords", records)
    link = tab.parts.link(BOOK, "pivotCacheDefinition", cache)
    tab.parts.insert(BOOK, f'<pivotCaches><pivotCache cacheId="71" r:id="{link}"/></pivotCaches>')
    part = tab.parts.add(
        tab.parts.free("xl/pivotTables/pivotTable{}.xml"),
        f'<pivotTableDefinition xmlns="{MAIN}" name="Regions" cacheId="71" applyNumberFormats="0" '
        f'applyBorderFormats="0" '
        'applyFontFormats="0" applyPatternFormats="0" applyAlignmentFormats="0" applyWidthHeightFormats="1" '
        'dataCaption="Values" updatedVersion="6" minRefreshableVersion="3" useAutoFormatting="1" itemPrintTitles="1" '
        f'createdVersion="6" indent="0" outline="1" outlineData="1"><location ref="{tab.area(0, 5, 3, 6)}" '
        'firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/><pivotFields count="3"><pivotField axis="axisRow" '
        'showAll="0"><items count="3"><item x="0"/><item x="1"/><item t="default"/></items></pivotField><pivotField '
        'numFmtId="14" showAll="0"><items count="5"><item x="0"/><item x="1"/><item x="2"/><item x="3"/>'
        '<item t="default"/></items></pivotField><pivotField dataField="1" '
        'showAll="0"/></pivotFields><rowFields count="1">'
        '<field x="0"/></rowFields><rowItems count="3"><i><x/></i><i><x v="1"/></i><i t="grand"><x/></i></rowItems>'
        '<colItems count="1"><i/></colItems><dataFields count="1"><dataField name="Sum of Amount" fld="2" '
        'baseField="0" baseItem="0"/></dataFields><pivotTableStyleInfo name="PivotStyleLight16" showRowHeaders="1" '
        'showColHeaders="1" showRowStripes="0" showColStripes="0" showLastColumn="1"/></pivotTableDefinition>',
        f"{_CACHE}.pivotTable+xml",
    )
    tab.parts.link(part, "pivotCacheDefinition", cache)
    tab.link("pivotTable", part)


def _tab_id(tab: Tab) -> str:
    nodes = tab.parts.tree(BOOK).find(tag("sheets"))
    return next(node.get("sheetId") for node in nodes if node.get("name") == tab.name)


def _slicer(tab: Tab, name: str, cache: str, *, kind: str) -> None:
    """The slicer of a cache, on the tab and in its drawing; ``kind`` is pivot or table."""
    part = tab.parts.add(
        tab.parts.free("xl/slicers/slicer{}.xml"),
        f'<slicers xmlns="{_X14}"><slicer name="{name}" cache="Slicer_{name}" caption="{name}" rowHeight="241300"/>'
        "</slicers>",
        "application/vnd.ms-excel.slicer+xml",
    )
    link = tab.link(f"{MS}/2007/relationships/slicer", part)
    sheet, book = {
        "pivot": ("{A8765BA9-456A-4dab-B4F3-ACF838C121DE}", "{BBE1A952-AA13-448e-AADC-164F8A28A991}"),
        "table": ("{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}", "{46BE6895-7355-4a93-B00E-2C351335B9C9}"),
    }[kind]
    tab.extend(sheet, f'<x14:slicerList><x14:slicer r:id="{link}"/></x14:slicerList>')
    link = tab.parts.link(BOOK, f"{MS}/2007/relationships/slicerCache", cache)
    outer = "x14" if kind == "pivot" else "x15"
    tab.parts.extend(BOOK, book, f'<{outer}:slicerCaches><x14:slicerCache r:id="{link}"/></{outer}:slicerCaches>')
    tab.parts.insert(BOOK, f'<definedNames><definedName name="Slicer_{name}">#N/A</definedName></definedNames>')
    uri, number = f"{MS}/drawing/2010/slicer", tab.shape_id()
    shown = frame(number, name, uri, f'<sle:slicer xmlns:sle="{uri}" name="{name}"/>')
    prefix, needs = ("a14", NAMESPACES["a14"]) if kind == "pivot" else ("sle15", f"{MS}/drawing/2012/slicer")
    tab.anchored(
        f'<mc:AlternateContent><mc:Choice xmlns:{prefix}="{needs}" Requires="{prefix}">{shown}</mc:Choice><mc:Fallback>'
        f"{instead(number, 'This shape is a slicer.')}</mc:Fallback></mc:AlternateContent>",
        8,
        0,
        columns=2,
    )


def pivot_slicer(tab: Tab) -> None:
    """A pivot table with a slicer on its regions."""
    pivot(tab)
    cache = tab.parts.add(
        tab.parts.free("xl/slicerCaches/slicerCache{}.xml"),
        f'<slicerCacheDefinition xmlns="{_X14}" name="Slicer_Region" sourceName="Region"><pivotTables><pivotTable '
        f'tabId="{_tab_id(tab)}" name="Regions"/></pivotTables><data><tabular pivotCacheId="7001"><items count="2">'
        '<i x="0" s="1"/><i x="1" s="1"/></items></tabular></data></slicerCacheDefinition>',
        "application/vnd.ms-excel.slicerCache+xml",
    )
    _slicer(tab, "Region", cache, kind="pivot")


def table_slicer(tab: Tab) -> None:
    """A slicer on the first column of the first table of the tab."""
    links = tab.parts.tree(tab.part).find(tag("tableParts"))
    table = tab.parts.tree(tab.parts.target(tab.part, links[0].get(tag("id", NAMESPACES["r"]))))
    column = table.find(tag("tableColumns"))[0]
    cache = tab.parts.add(
        tab.parts.free("xl/slicerCaches/slicerCache{}.xml"),
        f'<slicerCacheDefinition xmlns="{_X14}" name="Slicer_Names" sourceName="{column.get("name")}"><extLst>'
        f'<x:ext xmlns:x="{MAIN}" xmlns:x15="{_X15}" uri="{{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}}">'
        f'<x15:tableSlicerCache tableId="{table.get("id")}" column="{column.get("id")}"/></x:ext></extLst>'
        "</slicerCacheDefinition>",
        "application/vnd.ms-excel.slicerCache+xml",
    )
    _slicer(tab, "Names", cache, kind="table")


def timeline(tab: Tab) -> None:
    """A pivot table with a timeline on its days."""
    pivot(tab)
    cache = tab.parts.add(
        tab.parts.free("xl/timelineCaches/timelineCache{}.xml"),
        f'<timelineCacheDefinition xmlns="{_X15}" name="NativeTimeline_Day" sourceName="Day"><pivotTables>'
        f'<pivotTable tabId="{_tab_id(tab)}" name="Regions"/></pivotTables><state minimalRefreshVersion="6" '
        'lastRefreshVersion="6" pivotCacheId="7001" filterType="unknown"><bounds startDate="2026-01-01T00:00:00" '
        'endDate="2027-01-01T00:00:00"/></state></timelineCacheDefinition>',
        "application/vnd.ms-excel.timelineCache+xml",
    )
    part = tab.parts.add(
        tab.parts.free("xl/timelines/timeline{}.xml"),
        f'<timelines xmlns="{_X15}"><timeline name="Day" cache="NativeTimeline_Day" caption="Day" level="2" '
        'selectionLevel="2" scrollPosition="2026-01-01T00:00:00"/></timelines>',
        "application/vnd.ms-excel.timeline+xml",
    )
    link = tab.link(f"{MS}/2011/relationships/timeline", part)
    tab.extend(
        "{7E03D99C-DC04-49d9-9315-930204A7B6E9}",
        f'<x15:timelineRefs><x15:timelineRef r:id="{link}"/></x15:timelineRefs>',
    )
    link = tab.parts.link(BOOK, f"{MS}/2011/relationships/timelineCache", cache)
    tab.parts.extend(
        BOOK,
        "{D0CA8CA8-9F24-4464-BF8E-62219DCF47F9}",
        f'<x15:timelineCacheRefs><x15:timelineCacheRef r:id="{link}"/></x15:timelineCacheRefs>',
    )
    name = '<definedName name="NativeTimeline_Day">#N/A</definedName>'
    tab.parts.insert(BOOK, f"<definedNames>{name}</definedNames>")
    uri, number = f"{MS}/drawing/2012/timeslicer", tab.shape_id()
    shown = frame(number, "Day", uri, f'<tsle:timeslicer xmlns:tsle="{uri}" name="Day"/>')
    tab.anchored(
        f'<mc:AlternateContent><mc:Choice xmlns:tsle="{uri}" Requires="tsle">{shown}</mc:Choice><mc:Fallback>'
        f"{instead(number, 'This shape is a timeline.')}</mc:Fallback></mc:AlternateContent>",
        8,
        5,
    )
