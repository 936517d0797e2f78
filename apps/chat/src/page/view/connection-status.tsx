import type { Connection, ConnectionState } from "../connection.ts";

/** What the line is doing, in words. The countdown is for the eye only: read aloud, it would never stop. */
export function ConnectionStatus({ connection }: { connection: Connection }) {
  const state = connection.state.value;
  const seconds = connection.secondsLeft.value;
  return (
    <div class="status" data-state={state.kind}>
      <span class="status-text" aria-hidden="true">
        <span class="status-dot" />
        <span class="status-words">
          {state.kind === "waiting" ? `Reconnecting in ${seconds} s` : describe(state)}
        </span>
      </span>
      <span class="visually-hidden" role="status">
        {describe(state)}
      </span>
      {(state.kind === "waiting" || state.kind === "offline") && (
        <button type="button" class="small-button" onClick={() => connection.retry()}>
          Retry now
        </button>
      )}
    </div>
  );
}

function describe(state: ConnectionState): string {
  if (state.kind === "connected") return "Connected";
  if (state.kind === "offline") return "Offline";
  return state.kind === "connecting" && state.first ? "Connecting…" : "Reconnecting…";
}
