import { signal, type ReadonlySignal } from "@preact/signals";

/** The people beside the conversation would leave it too little room. The style sheet has the same widths. */
export const slim = matches("(max-width: 1039px)");

/** Nor is there room for the list of rooms. */
export const narrow = matches("(max-width: 759px)");

function matches(query: string): ReadonlySignal<boolean> {
  const media = window.matchMedia(query);
  const result = signal(media.matches);
  media.addEventListener("change", () => (result.value = media.matches));
  return result;
}
