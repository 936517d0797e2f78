import { randomUUID } from "node:crypto";
import type { Visit } from "../engine/visit.ts";
import type { Transport } from "./carrier.ts";
import { Client } from "./client.ts";
import type { Settings } from "./settings.ts";

/** One case before the server: its clients, which all come over the transport under test. */
export class Scene {
  readonly transport: Transport;
  readonly settings: Settings;
  /** A name that no other case uses, for a room. */
  readonly room: string = `room-${randomUUID()}`;
  readonly #visit: Visit;

  constructor(visit: Visit, transport: Transport, settings: Settings) {
    this.#visit = visit;
    this.transport = transport;
    this.settings = settings;
  }

  /** A session that has joined no namespace. */
  open(transport: Transport = this.transport): Promise<Client> {
    return Client.open(this.#visit, transport);
  }

  /** A session that has joined a namespace. */
  async join(namespace = "/", auth?: Readonly<Record<string, unknown>>): Promise<Client> {
    const client = await this.open();
    await client.connect(namespace, auth);
    return client;
  }

  /** Leaves a namespace. Resolves when the server has read it: it has answered a request that came after. */
  async leave(client: Client, namespace = "/"): Promise<void> {
    await client.send(`1${namespace === "/" ? "" : `${namespace},`}`);
    await this.#visit.barrier();
  }

  /** Three sessions that have joined a namespace. */
  async joinThree(namespace = "/"): Promise<[Client, Client, Client]> {
    return [await this.join(namespace), await this.join(namespace), await this.join(namespace)];
  }
}
