"""zohocrm_async.dashboard._html: markup out of plain values."""

from dashboards import NOON

from zohocrm_async.dashboard._html import Html, figures, join, moment, table, tag

BAD = "<script>alert('x')</script>\""


def test_what_is_no_markup_is_escaped() -> None:
    """In elements, in attributes, in tables and in lists."""
    shown = (tag("p", BAD), tag("a", title=BAD), table(BAD, [BAD], [[BAD]]), figures([(BAD, BAD)]))
    for markup in (*shown, join([BAD])):
        assert "<script>" not in markup
        assert 'alert("' not in markup
        assert "&lt;script&gt;" in markup


def test_markup_stays_markup() -> None:
    assert tag("p", tag("b", "a"), Html("<i>b</i>"), None, 7) == "<p><b>a</b><i>b</i>7</p>"


def test_attributes_are_written_as_in_html() -> None:
    """Without those that are None."""
    assert tag("th", "a", class_="number", aria_label="b", scope=None) == (
        '<th class="number" aria-label="b">a</th>'
    )
    assert tag("rect", width=3) == '<rect width="3"/>'


def test_a_time_is_told_in_utc_and_for_machines() -> None:
    assert moment(NOON) == (
        '<time datetime="2026-03-01T12:00:00+00:00">2026-03-01 12:00:00 UTC</time>'
    )
    assert moment(None) == "-"


def test_an_empty_table_says_so() -> None:
    assert table("Budgets", ["Name"], []) == '<p class="none">None.</p>'
