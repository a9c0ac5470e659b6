"""The same, awaited: many sandboxes on one event loop.

Prints::

    [0, 1, 4, 9]
    stdout: step 0
    stdout: step 1
    ok
"""

import asyncio

import ringfence


async def square(number: int) -> int:
    """One guest for one number."""
    async with ringfence.AsyncSandbox() as box:
        result = await box.run("number ** 2", inputs={"number": number}, returns=int)
        value: int = result.raise_for_status().value
        return value


async def main() -> None:
    """Four guests at once, then one whose output is followed."""
    print(await asyncio.gather(*(square(number) for number in range(4))))

    async with ringfence.AsyncSandbox() as box:
        async for event in box.stream("for i in range(2): print('step', i)"):
            if isinstance(event, ringfence.Output):
                print("stdout:", event.text.strip())
            elif isinstance(event, ringfence.Result):
                print(event.status)


asyncio.run(main())
