"""Collections by path and scope, with what they hold from the start."""

from zohocrm_async.emulator.store import SettingsStore


def test_a_seed_is_sown_once_for_each_scope() -> None:
    """And what has become of it stays."""
    store = SettingsStore()
    store.plant("/a", lambda scope: [{"id": f"1{scope}"}])
    assert list(store.rows("/a", "x")) == ["1x"]
    store.rows("/a", "x").clear()
    assert not store.rows("/a", "x")
    assert list(store.rows("/a", "y")) == ["1y"]


def test_a_seed_may_look_at_its_own_collection() -> None:
    """It finds it empty, and does not go round in circles."""
    store = SettingsStore()
    store.plant("/a", lambda _: [{"id": str(len(store.rows("/a")))}])
    assert list(store.rows("/a")) == ["0"]


def test_all_scopes_that_were_seen_are_found() -> None:
    """An id without its scope leads to its row."""
    store = SettingsStore()
    store.rows("/a", "x")["7"] = {"id": "7"}
    store.rows("/b", "x")["8"] = {"id": "8"}
    assert [list(rows) for rows in store.scopes("/a")] == [["7"], []]
