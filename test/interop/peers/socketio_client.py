"""A client of Python's socketio: tries every transport on the server at argv[1], and says on stdout what it has done."""
import asyncio
import sys

import socketio

COUNT = 50


async def talk(url, transports):
    client = socketio.AsyncClient(reconnection=False)
    inbox = asyncio.Queue()
    ended = asyncio.Event()
    joined = {"/": asyncio.Event(), "/admin": asyncio.Event()}

    @client.on("connect")
    async def connected():
        joined["/"].set()

    @client.on("connect", namespace="/admin")
    async def connected_admin():
        joined["/admin"].set()

    @client.on("disconnect")
    async def disconnected():
        ended.set()

    @client.on("echo")
    async def echo(*args):
        inbox.put_nowait(args)

    @client.on("sum")
    async def add(first, second):
        return first + second

    @client.on("admin-echo", namespace="/admin")
    async def admin_echo(*args):
        inbox.put_nowait(("admin", *args))

    await client.connect(url, transports=transports, namespaces=["/", "/admin"], auth={"token": "t"})
    await asyncio.wait_for(joined["/"].wait(), 10)
    await asyncio.wait_for(joined["/admin"].wait(), 10)
    values = [
        "text", "é€😀", 1, -1.5, True, [], {}, [1, [2, {"a": None}]], {"__proto": 1, "a": {"b": [1]}},
        b"", b"\x00\xff", {"data": b"abc", "list": [b"1", "x", b"2"]}, "x" * 10000,
    ]
    for value in values:
        await client.emit("echo", value)
        assert await asyncio.wait_for(inbox.get(), 10) == (value,), value
    await client.emit("echo", ("two", b"args"))
    assert await asyncio.wait_for(inbox.get(), 10) == ("two", b"args")
    for index in range(COUNT):
        await client.emit("echo", index)
    for index in range(COUNT):
        assert await asyncio.wait_for(inbox.get(), 10) == (index,)
    # The server acknowledges, and asks back.
    assert await client.call("double", 21) == 42
    assert await client.call("bytes", b"\x01\x02") == b"\x02\x01"
    assert await client.call("ask-me", timeout=10) == 5
    assert await client.call("auth") == {"token": "t"}
    await client.emit("echo", "there", namespace="/admin")
    assert await asyncio.wait_for(inbox.get(), 10) == ("admin", "there")
    # A room of both, then only of the others.
    await client.call("join", "room")
    await client.emit("to-room", "room")
    assert await asyncio.wait_for(inbox.get(), 10) == ("to room",)
    # Longer than a heartbeat, which is short here.
    await asyncio.sleep(0.7)
    assert await client.call("double", 2) == 4
    refused = socketio.AsyncClient(reconnection=False)
    refusals = []
    refused.on("connect_error", refusals.append, namespace="/refusing")
    try:
        await refused.connect(url, transports=transports, namespaces=["/refusing"])
        raise AssertionError("it was let in")
    except socketio.exceptions.ConnectionError:
        assert refusals == [{"message": "no entry", "data": {"code": 7}}], refusals
    finally:
        await refused.disconnect()
    print(transports, "talked")
    await client.emit("goodbye")
    await asyncio.wait_for(ended.wait(), 10)
    await client.disconnect()


async def main(url):
    for transports in (["polling"], ["websocket"], ["polling", "websocket"]):
        await talk(url, transports)
    print("ok")


asyncio.run(main(sys.argv[1]))
