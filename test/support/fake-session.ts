import { Endpoint } from "../../src/client/endpoint.ts";
import { EngineSession } from "../../src/client/engine-session.ts";
import type { ManagerOptions } from "../../src/client/options.ts";
import { Preference } from "../../src/client/preference.ts";
import { settle } from "./fake-client.ts";
import { FakePlatform, openPacket } from "./fake-platform.ts";
import { RecordingSession } from "./recording-session.ts";

/** A session of the client in a world made for tests; it has begun to open. */
export async function fakeSession(options: ManagerOptions = {}, remembered?: string) {
  const platform = new FakePlatform();
  if (remembered !== undefined) platform.remember("switchboard:transport:http://localhost", remembered);
  const handler = new RecordingSession();
  const session = new EngineSession(
    new Endpoint("http://localhost", options, platform),
    new Preference(platform, "http://localhost", options),
    options,
    handler,
  );
  /** Time passes, and what follows from it happens. */
  const advance = async (ms: number): Promise<void> => {
    await settle();
    platform.clock.advance(ms);
    await settle();
  };
  await settle();
  return { platform, clock: platform.clock, handler, session, advance };
}

/** The same, open as a link over WebSocket, with the usual intervals: 25 s and 20 s. */
export async function webSocketLink(options: ManagerOptions = {}) {
  const made = await fakeSession(options);
  made.platform.webSocket.openLink({ pingInterval: 25_000, pingTimeout: 20_000, upgrades: ["websocket"] });
  await settle();
  return made;
}

/** The same over polling. Unless there is a list of transports, WebSocket has failed, and event streams will not be tried. */
export async function pollingLink(options: ManagerOptions = {}) {
  const made = await fakeSession({ transports: ["polling"], ...options });
  const packet = openPacket({ link: 1, pingInterval: 25_000, pingTimeout: 20_000 });
  made.platform.request("GET").answer(packet);
  await settle();
  return made;
}
