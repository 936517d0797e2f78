/** The name of a room; any text. */
export type Room = string;
