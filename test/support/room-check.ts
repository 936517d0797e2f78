import assert from "node:assert/strict";
import type { RoomModel } from "./room-model.ts";
import { DYNAMIC_NAMESPACES, FIXED_NAMESPACES, type RoomWorld } from "./room-world.ts";

/** Throws unless the world is as the model says: what clients were told, how questions have ended, who is where, and nothing is left of the gone. */
export function checkRoomWorld(
  world: RoomWorld,
  model: RoomModel,
  outcomes: ReadonlyMap<number, string>,
): void {
  for (const { index, log } of model.clients) {
    assert.deepEqual(leveled(world.clients[index]!.log), leveled(log), `what client ${index} is told`);
  }
  const over = model.questions.filter(({ outcome }) => outcome !== undefined);
  const expected = over.map(({ number, outcome }) => [number, outcome]);
  const actual = [...outcomes].toSorted(([left], [right]) => left - right);
  assert.deepEqual(actual, expected, "how the questions have ended");
  const isThere = (name: string): boolean =>
    model.clients.some(({ members, joining }) => members.has(name) || joining.has(name));
  const children = [...world.parent.children].map(({ name }) => name);
  assert.deepEqual(children.toSorted(), DYNAMIC_NAMESPACES.filter(isThere), "the namespaces that are left");
  for (const name of [...FIXED_NAMESPACES, ...children]) checkNamespace(world, model, name);
}

function checkNamespace(world: RoomWorld, model: RoomModel, name: string): void {
  const { adapter, sockets } = world.namespace(name);
  const members = model.membersOf(name);
  const ids = members.map(({ id }) => id).toSorted();
  const expected = members.flatMap(({ id, rooms }) => [...rooms].map((room) => `${room}: ${id}`));
  const actual = [...adapter.rooms].flatMap(([room, each]) => [...each].map((id) => `${room}: ${id}`));
  assert.deepEqual(actual.toSorted(), expected.toSorted(), `the rooms of ${name}`);
  assert.deepEqual([...adapter.sids.keys()].toSorted(), ids, `the members of ${name}`);
  assert.deepEqual([...sockets.keys()].toSorted(), ids, `the sockets of ${name}`);
}

/** When a session is closed, its namespaces may be told in any order. */
function leveled(log: readonly string[]): string[] {
  const lines: string[] = [];
  let ends: string[] = [];
  for (const line of log) {
    if (line.endsWith(" disconnect")) ends.push(line);
    else {
      lines.push(...ends.toSorted(), line);
      ends = [];
    }
  }
  return [...lines, ...ends.toSorted()];
}
