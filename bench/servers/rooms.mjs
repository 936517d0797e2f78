/** Which rooms there are, alike for all servers. */
import { options } from "./options.mjs";

/** How many; 0: nobody is in one. */
export const rooms = Number(options.rooms);

let dealt = 0;
let state = 1;

/** The room of the next connection. */
export function dealRoom() {
  return dealt++ % rooms;
}

/** A room at random, in the same order in every run. */
export function randomRoom() {
  state = (state * 48271) % 0x7fffffff;
  return state % rooms;
}
