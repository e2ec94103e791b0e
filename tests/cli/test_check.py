"""``check`` finds everything at once, each thing with its place and its mend."""

from __future__ import annotations

from tests.cli.conftest import Folder, assert_helpful

PLANTED = {
    # place: what the line must name
    "KPIs!H4": "Sideways",
    "KPIs!I5": "Hourly",
    "KPIs!F6": "leads at example",
    "KPIs!A8": "no ID",
    "KPIs!J9": "no_such_metric",
    "KPIs!K10": "#DIV/0!",
    "Tracking!D12": "about five",
    "Tracking!E6": "of your own",
    "kpisheets.toml:21": "“nothing”",
    "kpisheets.toml:12": "crm",
    "kpisheets.toml, [mail] url": "pigeon",
}


def test_ten_planted_problems_and_one_more(folder: Folder) -> None:
    with folder.edited("KPIs") as tab:
        tab["revenue", "Direction"] = "Sideways"
        tab["orders", "Frequency"] = "Hourly"
        tab["leads", "Owner email"] = "leads at example"
        for row, (header, value) in {8: ("KPI", "Nameless"), 9: ("Metric", "no_such_metric")}.items():
            tab.sheet.cell(row, tab.columns[header]).value = value
        for row, identity in {9: "lost", 10: "broken"}.items():
            tab.sheet.cell(row, 1).value = identity
        tab.sheet.cell(10, tab.columns["Target"]).value = "#DIV/0!"
    with folder.edited() as tab:
        leads = tab.cell("leads|2025-03", "Actual")
        leads.value = "about five"
        own = tab.cell("leads|2025-01", "Variance")
        own.value = "=1+2"
    text = folder.config.read_text().replace('value = "count(*)"', 'value = "sum(nothing)"')
    folder.write("kpisheets.toml", text + '\n[mail]\nurl = "pigeon://roof"\n')
    (folder.root / "crm/leads.csv").unlink()
    places = {"Tracking!D12": f"Tracking!{leads.coordinate}", "Tracking!E6": f"Tracking!{own.coordinate}"}
    before = folder.snapshot()
    done = folder.run("check")
    assert (done.code, done.out) == (69, "")
    found = dict(line.split(": ", 1) for line in done.err.splitlines())
    assert found.keys() == {places.get(place, place) for place in PLANTED}, done.err
    for place, words in PLANTED.items():
        assert words in found[places.get(place, place)]
    for line in done.err.splitlines():
        assert_helpful(line)
    document = folder.run("check", "--json")
    assert (document.code, document.err) == (69, "")
    assert {problem["where"] for problem in document.json["problems"]} == found.keys()
    assert all(problem["mend"] for problem in document.json["problems"])
    assert folder.snapshot() == before


def test_every_line_of_a_wrong_configuration(folder: Folder) -> None:
    folder.configure("source = ", "sorce = ")
    done = folder.run("check")
    assert (done.code, len(done.err.splitlines())) == (78, 3)
    for line in done.err.splitlines():
        assert_helpful(line, "kpisheets.toml:", "did you mean")


def test_a_missing_workbook_hides_no_missing_source(folder: Folder) -> None:
    folder.book.unlink()
    (folder.root / "crm/leads.csv").unlink()
    done = folder.run("check")
    assert (done.code, len(done.err.splitlines())) == (69, 2)


def test_all_is_well(folder: Folder) -> None:
    done = folder.run("check")
    assert (done.code, done.out, done.err) == (0, "No problems found.\n", "")
    assert folder.run("check", "--json").json == {"problems": []}
