"""Texts with columns in them."""

import html

import pytest

from zohocrm_async.jobs.texts import Text, one_line, text


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("Hi $Name", "Hi A&B"),
        ("${Company Name}.", "Ä."),
        ("$$Name $5 100$", "$Name $5 100$"),
        ("${ConsentForm.en_US} ${!Leads.Email}", "${ConsentForm.en_US} ${!Leads.Email}"),
        ("$Nothing!", "!"),
        ("100 % of %s, %(Name)s, %$Name%%", "100 % of %s, %(Name)s, %A&B%%"),
    ],
)
def test_columns_are_filled_in_and_the_rest_stays(template: str, filled: str) -> None:
    """What looks like no column is the service's, or a price."""
    values = {"Name": "A&B", "Company Name": "Ä", "Nothing": None}
    assert Text(template).fill(values, str) == filled


def test_values_are_cleaned_and_the_template_is_not() -> None:
    """A value cannot bring in HTML, nor another column."""
    values = {"Name": "<b>$Other</b>", "Other": "no"}
    assert Text("<p>$Name</p>").fill(values, html.escape) == "<p>&lt;b&gt;$Other&lt;/b&gt;</p>"


def test_a_text_names_its_columns() -> None:
    """So that a row without one is refused."""
    assert Text("$A ${B C} $A $$D").columns == {"A", "B C"}
    assert text(None) is None
    assert text(Text("$A")) is not None


def test_a_subject_has_no_line_breaks() -> None:
    """They would begin another header."""
    assert one_line("a\r\nBcc: x  y\n") == "a Bcc: x y"
