"""What people say about cells: notes and threads."""

from __future__ import annotations

from .parts import BOOK, MS
from .tab import Tab

_THREADS = f"{MS}/spreadsheetml/2018/threadedcomments"
_THREAD, _REPLY, _ANA, _BEN = (f"{{3E0F4C1E-0000-4000-8000-0000000000{n:02}}}" for n in range(4))


def _notes(tab: Tab, authors: list[str], notes: list[tuple[int, int, str, str]]) -> None:
    """Notes (down, right, author's place, rich text) with the boxes that show them."""
    named = "".join(f"<author>{author}</author>" for author in authors)
    listed = "".join(
        f'<comment ref="{tab.a1(down, right)}" authorId="{author}"{uid}><text>{text}</text></comment>'
        for down, right, author, text in notes
        for uid in [f' xr:uid="{_THREAD}"' if authors[int(author)].startswith("tc=") else ""]
    )
    part = tab.parts.add(
        tab.parts.free("xl/comments{}.xml"),
        f'<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        f'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="xr" '
        f'xmlns:xr="{MS}/spreadsheetml/2014/revision"><authors>{named}</authors>'
        f"<commentList>{listed}</commentList></comments>",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
    )
    tab.link("comments", part)
    for down, right, _, _ in notes:
        row, column = tab.row - 1 + down, tab.column - 1 + right
        tab.vml(
            f' <v:shape id="_x0000_s{tab.shapes()}" type="#_x0000_t202" '
            f'style="position:absolute;width:108pt;height:60pt;'
            'visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:textbox/>'
            '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>'
            f"{column + 1}, 12, {row}, 2, {column + 3}, 12, {row + 4}, 2</x:Anchor><x:AutoFill>False</x:AutoFill>"
            f"<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>\r\n"
        )


def notes(tab: Tab) -> None:
    """Two notes of the old kind, one with bold words."""
    tab.block([[1.0, 2.0]])
    bold = '<r><rPr><b/><sz val="9"/></rPr><t xml:space="preserve">Ana: </t></r><r><t>why so low?</t></r>'
    _notes(tab, ["Ana Example"], [(0, 0, "0", bold), (0, 1, "0", "<r><t>checked &amp; right</t></r>")])


def threads(tab: Tab) -> None:
    """A thread with an answer: the thread, its people, and the note that older programs show."""
    tab.block([[1.0, 2.0]])
    text = "<t>[Threaded comment] Comment: is this final? Reply: it is.</t>"
    _notes(tab, [f"tc={_THREAD}"], [(0, 0, "0", text)])
    part = tab.parts.add(
        tab.parts.free("xl/threadedComments/threadedComment{}.xml"),
        f'<ThreadedComments xmlns="{_THREADS}"><threadedComment ref="{tab.a1()}" dT="2026-03-02T09:30:00.00" '
        f'personId="{_ANA}" id="{_THREAD}"><text>is this final?</text></threadedComment><threadedComment '
        f'ref="{tab.a1()}" dT="2026-03-02T10:00:00.00" personId="{_BEN}" id="{_REPLY}" parentId="{_THREAD}">'
        "<text>it is.</text></threadedComment></ThreadedComments>",
        "application/vnd.ms-excel.threadedcomments+xml",
    )
    tab.link(f"{MS}/2017/10/relationships/threadedComment", part)
    people = tab.parts.add(
        "xl/persons/person.xml",
        f'<personList xmlns="{_THREADS}"><person displayName="Ana Example" id="{_ANA}" userId="ana@example.org" '
        f'providerId="None"/><person displayName="Ben Example" id="{_BEN}" userId="ben@example.org" providerId="None"/>'
        "</personList>",
        "application/vnd.ms-excel.person+xml",
    )
    tab.parts.link(BOOK, f"{MS}/2017/10/relationships/person", people)
