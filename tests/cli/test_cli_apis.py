"""zohocrm_async.cli.apis: what a listed operation is called here."""

import pytest

from zohocrm_async.cli.apis import call_name
from zohocrm_async.models.apis import OperationType, SupportedAPI


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/crm/v7/__apis", "apis.list"),
        ("POST", "/crm/v7/Leads/{{id}}/actions/send_mail", "mail.send"),
        ("PUT", "/crm/v7/Leads/{{id}}/actions/send_mail", ""),
        ("POST", "/crm/v8/{{module}}/{{id}}/actions/merge", "merge.create"),
        ("GET", "/crm/v7/Leads/{{id}}", "records.get"),
        ("GET", "/crm/v7/Leads/deleted", "records.deleted"),
        ("GET", "/crm/v7/Leads/history", ""),
        ("GET", "/crm/v7/Leads/{{id}}/Emails/{{id}}", "mail.get"),
        ("GET", "/crm/v2.1/settings/unsubscribe_links/{{id}}", "unsubscribe_links.get"),
        ("GET", "/crm/v7/settings/nothing", ""),
    ],
)
def test_an_operation_is_named_where_the_package_has_it(method: str, path: str, name: str) -> None:
    """Any version and any module; no name for what the package has not."""
    assert call_name(SupportedAPI(path), OperationType(method)) == name
