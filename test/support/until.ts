/** Waits, turn by turn of the event loop, until something is so; for what another process or the network brings about. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
}
