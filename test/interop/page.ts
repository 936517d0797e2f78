/** What a page is asked to do with a WebSocket: echo, then say, then close; without `close` it waits for the server's. */
export interface PageVisit {
  readonly protocols?: string[];
  /** Sends a text and a binary message of each of these lengths, and expects them back. */
  readonly echo?: number[];
  /** Sends these texts and collects an answer to each. */
  readonly say?: string[];
  readonly close?: { readonly code?: number; readonly reason?: string };
}

/** What the page saw. */
export interface PageReport {
  readonly protocol: string;
  readonly extensions: string;
  /** `text 5`: a message came back unchanged; else `text 5 differs`. */
  readonly echoed: string[];
  readonly answers: string[];
  readonly closed: { code: number; reason: string; wasClean: boolean };
}

/** Runs in the page, so it must not refer to anything outside of it. */
export async function inPage(visit: PageVisit & { readonly url: string }): Promise<PageReport> {
  const socket = new WebSocket(visit.url, visit.protocols ?? []);
  socket.binaryType = "arraybuffer";
  const received: (string | ArrayBuffer)[] = [];
  let wake = (): void => {};
  socket.addEventListener("message", ({ data }) => {
    received.push(data as string | ArrayBuffer);
    wake();
  });
  const closing = new Promise<CloseEvent>((resolve) => {
    socket.addEventListener("close", resolve);
  });
  const next = async (): Promise<string | ArrayBuffer> => {
    while (received.length === 0) {
      await new Promise<void>((resolve, reject) => {
        wake = resolve;
        void closing.then(({ code, reason }) => reject(new Error(`Closed with ${code} ${reason}.`)));
      });
    }
    return received.shift()!;
  };
  await new Promise<void>((resolve) => {
    socket.addEventListener("open", () => resolve());
    void closing.then(() => resolve());
  });
  const { protocol, extensions } = socket;

  const echoed: string[] = [];
  for (const size of visit.echo ?? []) {
    const text = "é€x".repeat(Math.ceil(size / 3)).slice(0, size);
    const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
    socket.send(text);
    socket.send(bytes);
    echoed.push((await next()) === text ? `text ${size}` : `text ${size} differs`);
    const back = new Uint8Array((await next()) as ArrayBuffer);
    const isSame = back.length === size && bytes.every((byte, index) => byte === back[index]);
    echoed.push(isSame ? `binary ${size}` : `binary ${size} differs`);
  }
  const answers: string[] = [];
  for (const text of visit.say ?? []) {
    socket.send(text);
    answers.push((await next()) as string);
  }

  if (visit.close !== undefined) socket.close(visit.close.code, visit.close.reason);
  const { code, reason, wasClean } = await closing;
  return { protocol, extensions, echoed, answers, closed: { code, reason, wasClean } };
}
