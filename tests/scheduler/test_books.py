"""What the report says was spent on what."""

from zohocrm_async.models.credits import BudgetReport, OperationReport
from zohocrm_async.scheduler.books import Books
from zohocrm_async.scheduler.budgets import Budget


def test_calls_and_credits_add_up_by_operation() -> None:
    """Each operation has its number of calls and what they cost."""
    books = Books(0.0)
    for operation, cost in [("mail.send", 20), ("mail.send", 20), ("records.get", 1)]:
        books.note_call(operation, cost, 0.0)
    assert books.by_operation() == {
        "mail.send": OperationReport(calls=2, credits=40),
        "records.get": OperationReport(calls=1, credits=1),
    }


def test_a_budget_and_its_parents_are_shown_as_they_stand() -> None:
    """The report reads the budgets when asked, not when they were noted."""
    books = Books(0.0)
    job = Budget("job", credits=100)
    step = Budget("step", parent=job)
    books.note_budget(step)
    step.reserve(10)
    step.reserve(20)
    step.settle(20, 15)
    assert books.by_budget({}) == {
        "step": BudgetReport(None, 15, 10, 75, in_flight=1),
        "job": BudgetReport(100, 15, 10, 75, in_flight=1, weight=1.0),
    }


def test_budgets_of_one_name_are_added_up() -> None:
    """A budget for each request shows as one line."""
    books = Books(0.0)
    for spent in (3, 4):
        budget = Budget("request", credits=10)
        books.note_budget(budget)
        budget.reserve(0)
        budget.settle(0, spent)
    assert books.by_budget({}) == {"request": BudgetReport(20, 7, 0, 13, weight=1.0)}
    books.note_budget(Budget("request"))
    assert books.by_budget({})["request"] == BudgetReport(None, 7, 0, None, weight=1.0)


def test_so_are_those_that_are_in_use() -> None:
    """They are paused if all are, and have a weight if it is the same."""
    books, budgets = Books(0.0), [Budget("job", weight=2), Budget("job", weight=3)]
    for budget in budgets:
        books.note_budget(budget)
        budget.reserve(5)
    budgets[0].pause()
    waits = {budgets[0]: 2.0, budgets[1]: 3.0}
    shown = BudgetReport(None, 0, 10, None, in_flight=2, longest_wait=3.0)
    assert books.by_budget(waits) == {"job": shown}
    budgets[1].pause()
    assert books.by_budget({})["job"].paused


def test_rates_of_the_first_minute_are_those_since_the_start() -> None:
    books = Books(100.0)
    for _ in range(60):
        books.note_call("mail.send", 20, 100.0)
    assert (books.rates(120.0).calls, books.rates(120.0).credits) == (3.0, 3_600.0)
    assert books.rates(160.0).calls == 1.0
    assert books.rates(161.0).calls == 0.0


def test_budgets_without_number_do_not_pile_up() -> None:
    """Only the latest thousand budgets are remembered."""
    books = Books(0.0)
    for number in range(1500):
        books.note_budget(Budget(f"job {number}", parent=Budget(f"parent {number}")))
    names = set(books.by_budget({}))
    assert len(names) == 1000
    assert "job 1499" in names
    assert "job 0" not in names


async def test_an_open_budget_is_shown_however_many_come_after_it() -> None:
    """A job of days is not lost to sight behind the requests of a day."""
    books = Books(0.0)
    async with Budget("newsletter") as job:
        books.note_budget(job)
        for _ in range(1500):
            books.note_budget(Budget("requests"))
        assert "newsletter" in books.by_budget({})
    books.note_budget(Budget("requests"))
    assert "newsletter" not in books.by_budget({})
