"""What a declaration says of its calls."""

from zohocrm_async.emulator.declared import declared


def test_the_query_and_what_of_it_is_required() -> None:
    """Places, the body and headers are no part of it."""
    known = declared("fields.update")
    assert (known.query, known.required) == (frozenset({"module"}), ("module",))
    assert declared("users.list").query >= {"type", "page", "per_page"}
    assert "if_modified_since" not in declared("users.list").query


def test_the_query_has_the_names_of_the_wire() -> None:
    """And where a download goes is no part of it."""
    known = declared("mail.download_inline_image")
    assert known.query == {"message_id", "id", "user_id"}
    assert set(known.required) == known.query


def test_a_model_tells_the_keys_that_its_items_need() -> None:
    """By their names on the wire."""
    assert declared("user_unavailability.create").needed == ("user", "from", "to")
    assert declared("portals.create").needed == ("name",)
    assert declared("fields.update").needed == ()


def test_an_object_in_place_of_items_is_looked_into_too() -> None:
    """As of what there is only one of."""
    assert declared("duplicate_checks.create").needed == ("type",)


def test_how_many_go_in_and_come_out() -> None:
    """Sequences are many, tuples and pagers lists."""
    assert declared("territories.create").many
    assert not declared("user_groups.create").many
    assert declared("territories.list").paged
    assert declared("roles.list").listing
    assert not declared("roles.list").paged
    assert not declared("fiscal_year.get").listing
