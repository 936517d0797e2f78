"""A server of Python's aiohttp that echoes; says on stdout which port it has."""
from aiohttp import WSMsgType, web

from aiohttp_serving import serve


async def echo(request):
    socket = web.WebSocketResponse(protocols=["v2"])
    await socket.prepare(request)
    async for message in socket:
        if message.type == WSMsgType.TEXT and message.data.startswith("close "):
            await socket.close(code=int(message.data[6:]), message=b"as you wish")
        elif message.type == WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


app = web.Application()
app.router.add_get("/", echo)
serve(app)
