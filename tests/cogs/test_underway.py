import asyncio

import pytest

from bot.cogs.underway import Underway

LONG = 60.0
NOT_AT_ALL = 0.0


async def test_what_has_begun_is_waited_for() -> None:
    underway, began, go_on, done = Underway(), asyncio.Event(), asyncio.Event(), list[str]()

    async def work() -> None:
        with underway.noted():
            began.set()
            await go_on.wait()
            done.append("worked")

    working = asyncio.create_task(work())
    await began.wait()
    waiting = asyncio.create_task(underway.wait(LONG))
    await asyncio.sleep(0)
    assert not waiting.done()
    go_on.set()
    await waiting
    assert done == ["worked"]
    await working


async def test_nobody_waits_for_ever_for_nothing_or_for_himself() -> None:
    underway, began = Underway(), asyncio.Event()
    await underway.wait(LONG)
    with underway.noted():
        await underway.wait(LONG)

    async def hang() -> None:
        with underway.noted():
            began.set()
            await asyncio.Event().wait()

    hanging = asyncio.create_task(hang())
    await began.wait()
    await underway.wait(NOT_AT_ALL)
    assert not hanging.done()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    # What failed or was cancelled is no longer underway.
    await underway.wait(LONG)


def test_only_a_task_can_be_in_the_middle_of_something() -> None:
    async def nothing() -> None: ...

    loop = asyncio.new_event_loop()
    try:
        refused = list[str]()

        def note() -> None:
            try:
                with Underway().noted():
                    pass
            except RuntimeError as error:
                refused.append(str(error))

        loop.call_soon(note)
        loop.run_until_complete(nothing())
    finally:
        loop.close()
    assert refused == ["only a task can be in the middle of something"]
