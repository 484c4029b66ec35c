"""Mails and pages of records through Zoho's own SDK, as a process of its own.

It reads the ids of leads from stdin and the organisation from the environment, and prints
what it took as a line of JSON. `benchmarks.sdk` runs it.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = "zohocrmsdk.src.com.zoho"


def sdk(path: str) -> Any:
    """Import a module of the SDK, which has no types."""
    return import_module(f"{ROOT}.{path}")


def initialize(folder: str) -> None:
    """Tell the SDK of the organisation in the environment, with what it needs in *folder*."""
    env = os.environ
    api = env["ZOHO_API_URL"]
    token_url = f"{env['ZOHO_ACCOUNTS_URL']}/oauth/v2/token"
    environment = sdk("crm.api.dc.data_center").DataCenter.Environment(api, token_url, api)
    token = sdk("api.authenticator.oauth_token").OAuthToken(
        client_id=env["ZOHO_CLIENT_ID"],
        client_secret=env["ZOHO_CLIENT_SECRET"],
        refresh_token=env["ZOHO_REFRESH_TOKEN"],
        find_user=False,
    )
    store = sdk("api.authenticator.store").FileStore(str(Path(folder, "tokens")))
    sdk("crm.api.initializer").Initializer.initialize(
        environment, token, store=store, resource_path=folder
    )


def mails(leads: Sequence[str]) -> Callable[[int], str]:
    """Return what sends a mail and says what became of it."""
    of = sdk("crm.api.send_mail")

    def send(number: int) -> str:
        mail, sender, to, body = of.Data(), of.From(), of.To(), of.BodyWrapper()
        sender.set_email("crm@example.com")
        to.set_email("recipient@example.com")
        mail.set_from(sender)
        mail.set_to([to])
        mail.set_subject("Hello")
        mail.set_content("<p>Hello</p>")
        body.set_data([mail])
        lead = int(leads[number % len(leads)])
        answer = of.SendMailOperations(lead, "Leads").send_mail(body)
        result = answer.get_object()
        sent = isinstance(result, of.ActionWrapper)
        return "sent" if sent else str(answer.get_status_code())

    return send


def pages() -> Callable[[int], str]:
    """Return what reads a page of 200 records and says how many came."""
    of = sdk("crm.api.record")
    parameters = sdk("crm.api.parameter_map").ParameterMap
    headers = sdk("crm.api.header_map").HeaderMap
    param = of.GetRecordsParam

    def read(number: int) -> str:
        given = parameters()
        given.add(param.fields, "Last_Name,Email,Company,Phone,City")
        given.add(param.page, number % 2 + 1)
        given.add(param.per_page, 200)
        answer = of.RecordOperations("Leads").get_records(given, headers())
        return str(len(answer.get_object().get_data()))

    return read


def timed(work: Callable[[int], str], count: int, threads: int) -> dict[str, Any]:
    """Return what *count* calls in so many threads took."""
    work(0)  # its token and its description of the module
    cpu, began = time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        answers = Counter(pool.map(work, range(1, count + 1)))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {"rate": count / wall, "cpu": cpu / count, "refused": answers["429"]}


def main() -> None:
    """Do what the arguments say: mails or pages, how many, in how many threads."""
    kind, count, threads, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    leads = json.loads(sys.stdin.readline())
    initialize(folder)
    work = mails(leads) if kind == "mails" else pages()
    print(json.dumps(timed(work, count, threads)))


if __name__ == "__main__":
    main()
