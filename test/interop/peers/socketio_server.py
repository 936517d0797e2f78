"""A server of Python's socketio that echoes, asks and refuses; says on stdout which port it has."""
import asyncio

import socketio
from aiohttp import web

from aiohttp_serving import serve

server = socketio.AsyncServer(async_mode="aiohttp", ping_interval=0.3, ping_timeout=5, max_http_buffer_size=2000000)


@server.on("connect")
async def connect(sid, environ, auth):
    await server.emit("auth", auth, to=sid)


@server.on("connect", namespace="/admin")
async def connect_admin(sid, environ, auth):
    pass


@server.on("connect", namespace="/refusing")
async def refuse(sid, environ, auth):
    raise socketio.exceptions.ConnectionRefusedError("no entry", {"code": 7})


@server.on("echo")
async def echo(sid, *args):
    await server.emit("echo", args, to=sid)


@server.on("echo", namespace="/admin")
async def echo_admin(sid, *args):
    await server.emit("admin-echo", args, to=sid, namespace="/admin")


@server.on("double")
async def double(sid, number):
    return number * 2


@server.on("bytes")
async def reverse(sid, data):
    return data[::-1]


@server.on("ask-me")
async def ask(sid):
    answered = asyncio.get_running_loop().create_future()
    await server.emit("sum", (2, 3), to=sid, callback=lambda value: answered.set_result(value))
    return await asyncio.wait_for(answered, 10)


@server.on("goodbye")
async def goodbye(sid):
    await server.disconnect(sid)


app = web.Application(client_max_size=2000000)
server.attach(app)
serve(app)
