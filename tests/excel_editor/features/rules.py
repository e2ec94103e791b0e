"""What looks at cells: sparklines, conditional formats and validations of 2010, unknown extensions."""

from __future__ import annotations

from .parts import BOOK, MAIN, NAMESPACES
from .tab import Tab

_RULE = "{{7A0F4C1E-0000-4000-8000-0000000000{:02}}}"
_NUMBERS: list[list[str | float]] = [[3.0, -1.0, 4.0, 1.5], [2.0, 7.0, -1.0, 8.0], [2.0, 8.0, 1.0, 8.0]]
_LATER = "{78C0D931-6437-407d-A8EE-F0AAD7539E65}"


def sparklines(tab: Tab) -> None:
    """Three lines and a group of columns."""
    tab.block(_NUMBERS)
    groups = ""
    for kind, place in (("", 4), (' type="column" negative="1"', 5)):
        inside = "".join(
            f"<x14:sparkline><xm:f>{tab.absolute(row, 0, row, 3)}</xm:f><xm:sqref>{tab.a1(row, place)}</xm:sqref>"
            "</x14:sparkline>"
            for row in range(3)
        )
        groups += (
            f'<x14:sparklineGroup{kind} displayEmptyCellsAs="gap"><x14:colorSeries theme="4"/>'
            f'<x14:colorNegative theme="5"/><x14:sparklines>{inside}</x14:sparklines></x14:sparklineGroup>'
        )
    tab.extend("{05C60535-1F16-4fd2-B633-F4F36F0B64E0}", f"<x14:sparklineGroups>{groups}</x14:sparklineGroups>")


def formats(tab: Tab) -> None:
    """Data bars with a second half in the extension, icons of 2010, a format that looks at another place."""
    tab.block(_NUMBERS)
    bar, icons, text = (_RULE.format(n) for n in range(3))
    area = tab.area(0, 0, 2, 0)
    tab.insert(
        f'<conditionalFormatting sqref="{area}"><cfRule type="dataBar" priority="91"><dataBar><cfvo type="min"/>'
        '<cfvo type="max"/><color rgb="FF638EC6"/></dataBar><extLst><ext xmlns:x14="'
        f'{NAMESPACES["x14"]}" uri="{{B025F937-C7B1-47D3-B67F-A62EFF666E3E}}"><x14:id>{bar}</x14:id></ext></extLst>'
        f'</cfRule></conditionalFormatting><conditionalFormatting sqref="{tab.area(0, 3, 2, 3)}">'
        '<cfRule type="iconSet" priority="92"><iconSet iconSet="3TrafficLights1"><cfvo type="percent" val="0"/>'
        '<cfvo type="percent" val="33"/><cfvo type="percent" val="67"/></iconSet></cfRule></conditionalFormatting>'
    )
    tab.extend(
        _LATER,
        "<x14:conditionalFormattings><x14:conditionalFormatting>"
        f'<x14:cfRule type="dataBar" id="{bar}"><x14:dataBar minLength="0" maxLength="100" border="1" '
        'negativeBarBorderColorSameAsPositive="0"><x14:cfvo type="autoMin"/><x14:cfvo type="autoMax"/>'
        '<x14:borderColor rgb="FF638EC6"/><x14:negativeFillColor rgb="FFFF0000"/><x14:negativeBorderColor '
        'rgb="FFFF0000"/><x14:axisColor rgb="FF000000"/></x14:dataBar></x14:cfRule>'
        f"<xm:sqref>{area}</xm:sqref></x14:conditionalFormatting><x14:conditionalFormatting>"
        f'<x14:cfRule type="iconSet" priority="93" id="{icons}"><x14:iconSet iconSet="3Stars" custom="1">'
        '<x14:cfvo type="percent"><xm:f>0</xm:f></x14:cfvo><x14:cfvo type="percent"><xm:f>40</xm:f></x14:cfvo>'
        '<x14:cfvo type="percent"><xm:f>80</xm:f></x14:cfvo><x14:cfIcon iconSet="NoIcons" iconId="0"/>'
        '<x14:cfIcon iconSet="3Stars" iconId="1"/><x14:cfIcon iconSet="3Stars" iconId="2"/></x14:iconSet></x14:cfRule>'
        f"<xm:sqref>{tab.area(0, 1, 2, 1)}</xm:sqref></x14:conditionalFormatting><x14:conditionalFormatting>"
        f'<x14:cfRule type="expression" priority="94" id="{text}"><xm:f>{tab.a1(0, 2)}&gt;{tab.absolute(2, 1, 2, 1)}'
        '</xm:f><x14:dxf><font><b/><color rgb="FF9C0006"/></font></x14:dxf></x14:cfRule>'
        f"<xm:sqref>{tab.area(0, 2, 2, 2)}</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings>",
    )


def validations(tab: Tab) -> None:
    """A list in the sheet's own notation and one, of another place's cells, in the extension."""
    tab.block([["yes", "no"]])
    tab.insert(
        '<dataValidations count="1"><dataValidation type="whole" operator="between" allowBlank="1" '
        'showInputMessage="1" '
        f'showErrorMessage="1" sqref="{tab.area(1, 0, 3, 0)}"><formula1>1</formula1><formula2>9</formula2>'
        "</dataValidation></dataValidations>"
    )
    tab.extend(
        "{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}",
        '<x14:dataValidations count="1"><x14:dataValidation type="list" allowBlank="1" showInputMessage="1" '
        f'showErrorMessage="1"><x14:formula1><xm:f>{tab.absolute(0, 0, 0, 1)}</xm:f></x14:formula1>'
        f"<xm:sqref>{tab.area(1, 1, 3, 1)}</xm:sqref></x14:dataValidation></x14:dataValidations>",
    )


def unknown_extensions(tab: Tab) -> None:
    """Markup, parts and relationships of a vendor that nobody knows, in the sheet, the workbook and the package."""
    parts, acme = tab.parts, "http://example.org/acme/2026"
    tab.block([[1.0]])
    for part in (tab.part, BOOK):
        parts.extend(
            part,
            "{0AC3E000-0000-4000-8000-000000000001}",
            f'<acme:seal xmlns:acme="{acme}" by="Acme">7 &lt; 8</acme:seal>',
        )
    blob = parts.add("xl/acme/seal.bin", bytes(range(256)), "application/vnd.example.acme.seal")
    notes = parts.add("acme/notes.xml", f'<notes xmlns="{acme}"><note>kept</note></notes>', "application/xml")
    tab.link(f"{acme}/seal", blob)
    parts.link("", f"{acme}/notes", notes)
    data = parts.bytes(tab.part)
    # Attributes of a vendor on the root and in the rows, to be passed over by whoever does not know them.
    ignored = f'xmlns:mc="{NAMESPACES["mc"]}" mc:Ignorable="acme" xmlns:acme="{acme}" acme:checked="1"'
    head, _, rest = data.partition(f'xmlns="{MAIN}"'.encode())
    assert b"mc:Ignorable" not in data[:600]
    parts.entries[tab.part] = (
        head
        + f'xmlns="{MAIN}" {ignored}'.encode()
        + rest.replace(f'<row r="{tab.row}"'.encode(), f'<row acme:row="{tab.row}" r="{tab.row}"'.encode(), 1)
    )
