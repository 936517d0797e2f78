/** What the servers that this suite is proved against are started with. */
export const CONNECT_TIMEOUT_MS = 3000;
/** How long `ask-briefly` waits for an answer. */
export const BRIEF_MS = 50;
