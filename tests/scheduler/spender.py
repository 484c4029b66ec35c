"""A process that spends credits of a ledger, and says so before each call.

python spender.py FILE ALLOWANCE CALLS: each line it prints is the true price of a call
that goes now; at the end it closes the ledger.
"""

import asyncio
import random
import sys

from zohocrm_async.scheduler.sqlite_ledger import SQLiteLedger


async def spend(ledger: SQLiteLedger, amount: int, woken: asyncio.Event) -> bool:
    """Make one call; whether its credits were to be had."""
    while ledger.free() < amount:
        wait = ledger.when(amount)
        if wait is None or (wait > 60 and not ledger.reserved):
            return False
        woken.clear()
        ledger.want(amount)
        await woken.wait()
    ledger.reserve(amount)
    cost = random.choice([0, amount, amount])
    sys.stdout.write(f"{cost}\n")
    sys.stdout.flush()
    await asyncio.sleep(0)
    ledger.settle(amount, cost)
    return True


async def main(path: str, allowance: int, calls: int) -> None:
    """Spend on *calls* calls, or as long as there is something to spend."""
    ledger, woken = SQLiteLedger(path), asyncio.Event()
    ledger.allowance = allowance
    ledger.listen(woken.set)
    await ledger.open()
    for _ in range(calls):
        if not await spend(ledger, random.randint(1, 20), woken):
            break
    await ledger.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
