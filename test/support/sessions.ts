import type { Session } from "../../src/engine/index.ts";
import { type OpenRequest, type SessionOptions, Sessions } from "../../src/engine/sessions.ts";
import type { SessionRequest, TransportSession } from "../../src/engine/session.ts";
import type { Transport } from "../../src/engine/transport.ts";
import type { RequestTransportOptions } from "../../src/engine/transports/request-based.ts";
import { type Message, PacketError } from "../../src/packets/index.ts";
import { randomId } from "../../src/shared/random.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

const REQUEST: SessionRequest = { url: "/", headers: {}, address: "", secure: false, issuedAtMs: 0 };

/** A session that was opened, and what its handler was told. */
export interface Opened {
  readonly session: Session;
  readonly received: Message[];
  /** Everything but messages. */
  readonly told: unknown[][];
}

/** Sessions on a clock that stands still; the message "breach" breaks the rules of the layer above. */
export function sessionsFor(
  options: Partial<SessionOptions> = {},
  onOpened?: (opened: Opened) => void,
): {
  sessions: Sessions;
  clock: FakeClock;
  opened: Opened[];
  /** What handlers threw and was no breach. */
  failures: unknown[];
  open: (transport: Transport, request?: Partial<OpenRequest>) => TransportSession;
} {
  const clock = new FakeClock();
  const opened: Opened[] = [];
  const failures: unknown[] = [];
  const random = new SeededRandom(1);
  const sessions = new Sessions(
    {
      pingIntervalMs: 300,
      pingTimeoutMs: 200,
      maxMessageBytes: 1000,
      maxBufferedBytes: 0,
      maxTotalBufferedBytes: 0,
      overflow: "terminate",
      upgradeTimeoutMs: 1000,
      shutdownTimeoutMs: 1000,
      closeGraceMs: 500,
      clock,
      random,
      ...options,
    },
    (session) => {
      const one: Opened = { session, received: [], told: [] };
      opened.push(one);
      session.handle({
        receiveText(text) {
          if (text === "breach") throw new PacketError("breach");
          one.received.push(text);
        },
        receiveBinary(data) {
          if (Buffer.from(data).equals(Buffer.from("breach"))) throw new PacketError("breach");
          one.received.push(data);
        },
        onTransportChange: (name) => void one.told.push(["transport", name]),
        onClose: (...args) => void one.told.push(["close", ...args]),
      });
      onOpened?.(one);
    },
    (error) => void failures.push(error),
  );
  const open = (transport: Transport, request: Partial<OpenRequest> = {}): TransportSession =>
    sessions.open(transport, {
      id: randomId(random),
      request: REQUEST,
      link: false,
      upgrades: [],
      ...request,
    });
  return { sessions, clock, opened, failures, open };
}

/** The options of a transport that lives on requests. */
export function requestOptions(
  clock: FakeClock,
  options: Partial<RequestTransportOptions> = {},
): RequestTransportOptions {
  return {
    link: false,
    clock,
    maxBufferedBytes: 0,
    overflow: "terminate",
    closeGraceMs: 500,
    maxHoldMs: 500,
    onRemains: () => {},
    ...options,
  };
}
