/** Bun's built-in server, which is uWebSockets: C++. */
import { broadcasts, news, options, ready } from "./options.mjs";

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request, self) {
    return self.upgrade(request) ? undefined : new Response("An upgrade is required.", { status: 426 });
  },
  websocket: {
    perMessageDeflate: options.deflate ? { compress: "dedicated", decompress: "dedicated" } : false,
    open(ws) {
      if (broadcasts > 0) ws.subscribe("news");
    },
    message(ws, message) {
      if (broadcasts === 0) ws.send(message, options.deflate);
      for (let i = 0; i < broadcasts; i += 1) server.publish("news", news);
    },
  },
});
ready(server.port);
