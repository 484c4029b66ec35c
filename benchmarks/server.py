"""A bare local service: tokens, a price list, mails after a fixed latency. A process of its own."""

import argparse
import asyncio
import itertools

import orjson
from aiohttp import web

PRICES = {
    "__apis": [
        {
            "path": "/crm/v7/Leads/{{id}}/actions/send_mail",
            "operation_types": [
                {"method": "POST", "oauth_scope": "s", "min_credits": 20, "max_credits": 20}
            ],
        }
    ]
}
# So many users that their mails of a day are no limit.
LICENSE = {"paid": True, "paid_type": "ultimate", "users_license_purchased": 10_000_000}
ORGANIZATION = {"id": "1", "time_zone": "UTC", "license_details": LICENSE}


def application(latency: float) -> web.Application:
    """Return the service; every mail takes *latency* seconds."""
    numbers = itertools.count()

    async def token(_: web.Request) -> web.Response:
        return web.json_response({"access_token": "t", "expires_in": 3600, "token_type": "Bearer"})

    async def prices(_: web.Request) -> web.Response:
        return web.json_response(PRICES)

    async def org(_: web.Request) -> web.Response:
        return web.json_response({"org": [ORGANIZATION]})

    async def mail(request: web.Request) -> web.Response:
        orjson.loads(await request.read())
        if latency:
            await asyncio.sleep(latency)
        item = {
            "code": "SUCCESS",
            "details": {"message_id": f"{next(numbers):064x}"},
            "message": "Your mail has been sent successfully.",
            "status": "success",
        }
        return web.Response(body=orjson.dumps({"data": [item]}), content_type="application/json")

    app = web.Application()
    app.router.add_post("/oauth/v2/token", token)
    app.router.add_get("/crm/v7/__apis", prices)
    app.router.add_get("/crm/v7/org", org)
    app.router.add_post("/crm/v7/Leads/{id}/actions/send_mail", mail)
    return app


async def serve(latency: float) -> None:
    """Serve on a free port of the loopback address and print how to reach it."""
    runner = web.AppRunner(application(latency), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    env = {
        "ZOHO_CLIENT_ID": "i",
        "ZOHO_CLIENT_SECRET": "s",
        "ZOHO_REFRESH_TOKEN": "r",
        "ZOHO_ACCOUNTS_URL": url,
        "ZOHO_API_URL": url,
        "ZOHO_CREDITS": "1000000000",
        "ZOHO_CONCURRENCY": "10",
        "ZOHO_TIME_ZONE": "UTC",
        "ZOHO_HEAVY_CONCURRENCY": "10",
    }
    print(orjson.dumps({"env": env}).decode(), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0)
    asyncio.run(serve(parser.parse_args().latency))
