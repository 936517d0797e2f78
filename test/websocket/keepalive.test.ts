import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Clock, Timer } from "../../src/shared/clock.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { Keepalive, type KeptAlive } from "../../src/websocket/keepalive.ts";
import { client, nextOf, openClient, openRaw, serve } from "../support/web-sockets.ts";
import { OPCODE } from "../support/wire-frames.ts";

class Patient implements KeptAlive {
  readonly #clock: Clock;
  isPaused = false;
  hasRead = false;
  readonly said: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  takeHasRead(): boolean {
    const { hasRead } = this;
    this.hasRead = false;
    return hasRead;
  }

  ping(): void {
    this.said.push(`ping ${this.#clock.now()}`);
  }

  giveUp(quietMs: number): void {
    this.said.push(`gone ${this.#clock.now()} ${quietMs}`);
  }
}

const TIMES = { pingIntervalMs: 1000, pingTimeoutMs: 400 };

function ward(count = 1): { clock: FakeClock; keepalive: Keepalive; patients: Patient[] } {
  const clock = new FakeClock();
  const keepalive = new Keepalive({ ...TIMES, clock });
  const patients = Array.from({ length: count }, () => new Patient(clock));
  for (const patient of patients) keepalive.add(patient);
  return { clock, keepalive, patients };
}

describe("a connection", () => {
  test("that is silent is pinged once, and then given up", () => {
    const { clock, keepalive, patients } = ward();
    clock.advance(999);
    assert.deepEqual(patients[0]!.said, []);
    clock.advance(1);
    assert.deepEqual(patients[0]!.said, ["ping 1000"]);
    clock.advance(399);
    assert.equal(patients[0]!.said.length, 1);
    clock.advance(1);
    assert.deepEqual(patients[0]!.said, ["ping 1000", "gone 1400 1400"]);
    keepalive.remove(patients[0]!);
    assert.equal(clock.pending, 0);
  });

  test("that answers stays, and is pinged again after the next silence", () => {
    const { clock, patients } = ward();
    for (let count = 1; count <= 20; count += 1) {
      clock.advance(1000);
      assert.equal(patients[0]!.said.length, count);
      patients[0]!.hasRead = true;
      clock.advance(100);
    }
    assert.ok(patients[0]!.said.every((line) => line.startsWith("ping")));
  });

  test("that talks is not pinged", () => {
    const { clock, patients } = ward();
    for (let count = 0; count < 100; count += 1) {
      patients[0]!.hasRead = true;
      clock.advance(500);
    }
    assert.deepEqual(patients[0]!.said, []);
  });

  test("that the application has paused is not given up: its silence is ours", () => {
    const { clock, patients } = ward();
    patients[0]!.isPaused = true;
    clock.advance(100_000);
    assert.deepEqual(patients[0]!.said, []);
    patients[0]!.isPaused = false;
    clock.advance(1400);
    assert.deepEqual(patients[0]!.said, ["ping 101000", "gone 101400 1400"]);
  });

  test("is pinged before it is given up, also by a process that was stopped for a long time", () => {
    let now = 0;
    let alarm: (() => void) | undefined;
    const clock: Clock = {
      now: () => now,
      setTimeout: (callback): Timer => {
        alarm = callback;
        return { cancel: () => (alarm = undefined) };
      },
    };
    const keepalive = new Keepalive({ ...TIMES, clock });
    const patient = new Patient(clock);
    keepalive.add(patient);
    now = 60_000;
    alarm!();
    assert.deepEqual(patient.said, ["ping 60000"]);
    now = 60_100;
    alarm!();
    assert.equal(patient.said.length, 1);
    patient.hasRead = true;
    now = 60_400;
    alarm!();
    assert.equal(patient.said.length, 1);
    keepalive.remove(patient);
    assert.equal(alarm, undefined);
  });
});

test("a thousand connections have one timer, and none have none", () => {
  const { clock, keepalive, patients } = ward(1000);
  assert.equal(clock.pending, 1);
  clock.advance(1000);
  assert.equal(clock.pending, 1);
  assert.ok(patients.every(({ said }) => said.length === 1));
  for (const patient of patients) keepalive.remove(patient);
  assert.equal(clock.pending, 0);
  keepalive.add(patients[0]!);
  assert.equal(clock.pending, 1);
});

describe("over the wire", () => {
  test("a server pings a silent client and terminates it with a reason", async (t) => {
    const clock = new FakeClock();
    const served = await serve(t, { pingInterval: 1000, pingTimeout: 500, clock });
    const { raw, socket } = await openRaw(t, served);
    const error = nextOf(socket, "error");
    const closed = nextOf(socket, "close");
    clock.advance(1000);
    assert.equal((await raw.nextFrame()).opcode, OPCODE.ping);
    clock.advance(500);
    assert.equal(((await error)[0] as { code?: string }).code, "WS_ERR_IDLE_TIMEOUT");
    assert.equal((await closed)[0], 1006);
    assert.equal(served.wss.clients.size, 0);
    assert.equal(clock.pending, 0);
  });

  test("a client that answers stays, also while the server has paused it", async (t) => {
    const clock = new FakeClock();
    const { wss, url } = await serve(t, { pingInterval: 1000, clock });
    const connection = nextOf(wss, "connection");
    const socket = await openClient(t, url);
    const [served] = (await connection) as [typeof socket];
    for (let count = 0; count < 3; count += 1) {
      const pong = nextOf(served, "pong");
      clock.advance(1000);
      await pong;
      clock.advance(300);
    }
    served.pause();
    clock.advance(60_000);
    served.resume();
    const message = nextOf(served, "message");
    socket.send("still here");
    assert.equal(String((await message)[0]), "still here");
  });

  test("a client does the same", async (t) => {
    const clock = new FakeClock();
    const { wss, url } = await serve(t, { autoPong: false });
    const connection = nextOf(wss, "connection");
    const socket = client(t, url, { pingInterval: 1000, clock });
    const [served] = (await connection) as [object];
    await nextOf(socket, "open");
    const ping = nextOf(served, "ping");
    const error = nextOf(socket, "error");
    clock.advance(1000);
    await ping;
    clock.advance(1000);
    assert.equal(((await error)[0] as { code?: string }).code, "WS_ERR_IDLE_TIMEOUT");
    await nextOf(socket, "close");
    assert.equal(clock.pending, 0);
  });
});
