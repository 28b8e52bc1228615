"""The store of a stateful mock: atomic, in order, by key, and bounded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import pytest

from mock_server.model.state_store import MemoryStore, StateStore

Claim: TypeAlias = Callable[[StateStore], Coroutine[Any, Any, None]]


async def ids(store: StateStore, key: str = "", collection: str = "/a") -> list[str]:
    """The ids of a collection, in its order."""
    return [one.id for one in await store.documents(key, collection)]


async def one_collection(store: StateStore) -> None:
    """What is put is got and listed in the order in which it first came, until it is deleted."""
    for id_ in ("2", "1", "3"):
        await store.put("", "/a", id_, {"n": id_})
    await store.put("", "/a", "2", {"n": "changed"})

    assert await ids(store) == ["2", "1", "3"]
    found = await store.get("", "/a", "2")
    assert found is not None
    assert found.value == {"n": "changed"}
    assert await store.delete("", "/a", "2")
    assert not await store.delete("", "/a", "2")
    assert await store.get("", "/a", "2") is None
    assert await ids(store) == ["1", "3"]


async def versions(store: StateStore) -> None:
    """A change that was made for another version is not made, also after delete and create."""
    first = await store.put("", "/a", "1", 1, version=0)
    assert first is not None
    assert await store.put("", "/a", "1", 2, version=0) is None
    second = await store.put("", "/a", "1", 2, version=first.version)
    assert second is not None
    assert await store.put("", "/a", "1", 3, version=first.version) is None
    assert not await store.delete("", "/a", "1", version=first.version)
    assert await store.delete("", "/a", "1", version=second.version)
    await store.put("", "/a", "1", 4)

    assert await store.put("", "/a", "1", 5, version=second.version) is None


async def keys_and_collections(store: StateStore) -> None:
    """Each key has its own, and what is cleared is what was meant."""
    for key in ("", "k"):
        for collection in ("/a", "/a/1/b", "/ab"):
            await store.put(key, collection, "1", key)
            await store.number(key, collection)
    store.clear("k", under="/a")

    assert await ids(store, "k") == []
    assert await ids(store, "k", "/a/1/b") == []
    assert await ids(store, "k", "/ab") == ["1"]
    assert await ids(store) == ["1"]
    assert await store.number("k", "/a") == 1
    assert await store.number("", "/a") == 2
    store.clear("k")
    assert await ids(store, "k", "/ab") == []
    assert await ids(store, "", "/ab") == ["1"]
    store.clear()
    assert await ids(store, "", "/ab") == []


@pytest.mark.parametrize("claim", [one_collection, versions, keys_and_collections])
def test_what_every_store_keeps(claim: Claim) -> None:
    """The claims that any store has to keep, be it shared or not."""
    asyncio.run(claim(MemoryStore()))


def test_the_oldest_leave_and_it_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Neither number nor size can grow for good; what was changed last stays longest."""

    async def fill() -> None:
        store = MemoryStore(most_documents=3, most_bytes=1000)
        for number in range(3):
            await store.put("", "/a", str(number), "")
        await store.put("", "/a", "0", "again")
        await store.put("", "/a", "3", "")
        assert await ids(store) == ["0", "2", "3"]
        await store.put("", "/a", "4", "x" * 998)
        assert await ids(store) == ["4"]
        await store.put("", "/a", "5", "x" * 2000)
        assert await ids(store) == []
        assert store.left == 6

    with caplog.at_level(logging.WARNING, "mock_server"):
        asyncio.run(fill())

    assert len(caplog.records) == 1


def test_threads_lose_nothing() -> None:
    """Counting up with versions, from eight threads: each change is made exactly once."""
    store = MemoryStore()

    async def count_up() -> None:
        for _ in range(50):
            while True:
                found = await store.get("", "/a", "1")
                value, version = (found.value, found.version) if found else (0, 0)
                if await store.put("", "/a", "1", value + 1, version=version):
                    break
            await store.number("", "/a")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: asyncio.run(count_up()), range(8)))

    async def end() -> None:
        found = await store.get("", "/a", "1")
        assert found is not None
        assert found.value == 400
        assert await store.number("", "/a") == 401

    asyncio.run(end())
