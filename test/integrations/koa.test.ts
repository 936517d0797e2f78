import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { describe, test, type TestContext } from "node:test";
import Koa from "koa";
import session from "koa-session";
import type { Server } from "../../src/index.ts";
import { attach, handshake } from "../../src/integrations/koa.ts";
import { contexts, logIn, open, refusal, server } from "./visit.ts";

interface Running {
  readonly io: Server;
  readonly app: Koa;
  readonly sessions: Koa.Middleware;
  readonly url: string;
}

async function start(t: TestContext, options: { rolling?: boolean } = {}): Promise<Running> {
  const app = new Koa();
  app.keys = ["k"];
  const sessions = session(options, app);
  app.use(sessions);
  app.use(async (ctx) => {
    if (ctx.path === "/login") ctx.session!["user"] = new URLSearchParams(await text(ctx.req)).get("user");
    ctx.body = "the app's";
  });
  const io = server(t);
  return { io, app, sessions, url: await open(attach(io, app)) };
}

const user = (ctx: Koa.Context): unknown => ({ user: ctx.session?.["user"] });

test("a Koa app and its sessions", async (t) => {
  const { io, app, sessions, url } = await start(t);
  io.engine.use(handshake(app, [sessions], user));
  assert.equal(await (await fetch(url)).text(), "the app's");
  assert.deepEqual(await contexts(t, io, url, ""), [{ user: undefined }, { user: undefined }]);
  assert.deepEqual(await contexts(t, io, url, await logIn(url, "ada")), [{ user: "ada" }, { user: "ada" }]);
});

describe("a handshake", () => {
  test("carries the cookies that middleware sets", async (t) => {
    const { io, app, sessions, url } = await start(t, { rolling: true });
    io.engine.use(handshake(app, [sessions], user));
    const Cookie = await logIn(url, "ada");
    const answer = await fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers: { Cookie } });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.getSetCookie().join("; "), /koa\.sess=/);
  });

  test("is refused with the status that a middleware throws, and its sentence if that may be shown", async (t) => {
    const { io, app, url } = await start(t);
    let toThrow: (ctx: Koa.Context) => void = (ctx) => ctx.throw(401, "Who are you?");
    io.engine.use(handshake(app, [(ctx: Koa.Context) => toThrow(ctx)], user));
    assert.deepEqual(await refusal(url), [401, "Who are you?"]);
    toThrow = (ctx) => ctx.throw(503, "The vault is open.");
    assert.deepEqual(await refusal(url), [503, ""]);
    toThrow = () => {
      throw new Error("secret");
    };
    const [status, body] = await refusal(url);
    assert.equal(status, 400);
    assert.doesNotMatch(body, /secret/);
  });

  test("is refused by a middleware that does not go on", async (t) => {
    const { io, app, url } = await start(t);
    let stop: (ctx: Koa.Context) => void = (ctx) => {
      ctx.status = 401;
      ctx.body = "Who are you?";
    };
    io.engine.use(handshake(app, [(ctx: Koa.Context) => stop(ctx)], user));
    assert.deepEqual(await refusal(url), [401, "Who are you?"]);
    stop = (ctx) => void (ctx.body = { secret: true });
    assert.deepEqual(await refusal(url), [403, ""]);
    stop = () => {};
    assert.deepEqual(await refusal(url), [403, ""]);
    stop = (ctx) => ctx.redirect("/login");
    assert.equal((await refusal(url))[0], 403);
  });

  test("runs the middleware in order, around each other, and only once for a session", async (t) => {
    const { io, app, url } = await start(t);
    const log: string[] = [];
    const step =
      (name: string): Koa.Middleware =>
      async (_ctx, next) => {
        log.push(name);
        await next();
        log.push(`/${name}`);
      };
    io.engine.use(handshake(app, [step("a"), step("b")], () => void log.push("pick")));
    await contexts(t, io, url, "");
    assert.deepEqual(log.slice(0, 5), ["a", "b", "pick", "/b", "/a"]);
    assert.equal(log.length, 10);
  });
});
