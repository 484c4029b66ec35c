"""Lines of generated code, where they would be too long."""

import pytest

from zohocrm_async._generation.layout import WIDTH, attribute, imported, literal, member


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "it's",
        'say "no"',
        "both ' and \"",
        "back\\slash",
        "line\nbreak",
        "\u200b",
        "é",
        "'\"'\"",
    ],
)
def test_a_literal_is_the_text(text: str) -> None:
    """And all that cannot be seen is escaped."""
    written = literal(text)
    assert eval(written) == text
    assert written.isprintable()


def test_a_literal_is_in_double_quotes_unless_these_need_more_escapes() -> None:
    assert literal("it's") == '"it\'s"'
    assert literal('say "no"') == "'say \"no\"'"
    assert literal("'\"") == '"\'\\""'


def test_a_long_member_stands_on_a_line_of_its_own() -> None:
    """Unless it fits on none."""
    fits = WIDTH - len('    NAME = ""')
    assert list(member("NAME", "x" * fits)) == [f'    NAME = "{"x" * fits}"']
    longer = "x" * (fits + 1)
    assert list(member("NAME", longer)) == ["    NAME = (", f'        "{longer}"', "    )"]
    most = WIDTH - len('        ""')
    assert len(list(member("NAME", "x" * most))) == 3
    assert len(list(member("NAME", "x" * (most + 1)))) == 1


def test_arguments_of_a_field_stand_on_as_few_lines_as_they_fit() -> None:
    """On that of the field, on one of their own, or on one each."""
    assert list(attribute("a", "int", [])) == ["    a: int"]
    head = len("    a: int = field()")
    for length, lines in ((WIDTH - head, 1), (WIDTH - head + 1, 3), (WIDTH - 8, 3), (WIDTH - 7, 4)):
        one = "x" * (length - 5)
        assert len(list(attribute("a", "int", [one, "yyy"]))) == lines
    assert list(attribute("a", "int", ["x" * 40, "y" * 50]))[1:3] == [
        f"        {'x' * 40},",
        f"        {'y' * 50},",
    ]


def test_names_are_imported_in_the_order_of_linters() -> None:
    """Classes first; each on its line if there are many."""
    assert list(imported("m", {"b", "B", "a", "A"})) == ["from m import A, B, a, b"]
    assert list(imported("m", ())) == []
    names = ["a" * (WIDTH - len("from m import , b")), "b"]
    assert len(list(imported("m", names))) == 1
    assert list(imported("m", [*names, "C"]))[1:] == ["    C,", f"    {names[0]},", "    b,", ")"]
