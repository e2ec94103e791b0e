"""Problems that are alike are told once, and none is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kpisheets.core.together import listed, together
from kpisheets.errors import Problem

names = st.sampled_from(["a", "b", "c", "d", "e", "f"])
problems = st.lists(
    st.builds(
        Problem,
        where=st.sampled_from(["kpisheets.toml:9", "kpisheets.toml:12", "KPIs!B4"]),
        what=st.sampled_from(["there is no table “x”", "there is no table “y”"]),
        mend=st.sampled_from(["write it", "mend it"]),
        kpi=st.none() | names,
        source=st.sampled_from(["", "shop", "web"]),
        metric=names,
    ),
    max_size=30,
)


@given(problems)
def test_each_is_told_once_and_only_what_is_alike_together(found: list[Problem]) -> None:
    told = together(found)
    apart = [problem for problem in found if not problem.source]
    assert [problem for problem in told if not problem.source] == apart
    of_sources = [problem for problem in found if problem.source]
    kinds = {(problem.source, problem.what, problem.mend) for problem in of_sources}
    lines = [problem for problem in told if problem.source]
    assert len(lines) == len(kinds)
    for source, what, mend in kinds:
        [line] = [one for one in lines if (one.source, one.mend) == (source, mend) and one.what.startswith(what)]
        kpis = {one.kpi for one in of_sources if (one.source, one.what, one.mend) == (source, what, mend)} - {None}
        if len(kpis) > 1:
            assert f": {len(kpis)} KPIs keep their last value: " in line.what
            assert "\n" not in str(line)


def test_as_it_reads() -> None:
    shop = [
        Problem(f"kpisheets.toml:{n}", "there is no table “orders”", "its tables are: x", f"k{n}", 1, "shop", f"m{n}")
        for n in range(12)
    ]
    assert [str(problem) for problem in together(shop)] == [
        "kpisheets.toml:0: there is no table “orders”: 12 KPIs keep their last value: k0, k1, k2 and 9 more; "
        "its tables are: x"
    ]
    checked = [
        Problem(p.where, f"metric {p.metric}: {p.what}", p.mend, source=p.source, metric=p.metric) for p in shop[:4]
    ]
    assert [str(problem) for problem in together(checked)] == [
        "kpisheets.toml:0: there is no table “orders”: 4 metrics: m0, m1, m2, m3; its tables are: x"
    ]
    assert together(shop[:1]) == tuple(shop[:1])
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
