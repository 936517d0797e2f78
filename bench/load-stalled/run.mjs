/**
 * A thousand readers, of whom some stop reading, as a load: what becomes of the time in which the others get what is sent. Prints one line of JSON, as wsload does.
 * The server sends all of them a small event, and those some a large one, twenty times a second.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { parseArgs } from "node:util";

const READERS = 990;
const STALLED = 10;
const WARM_UP_MS = 2000;
/** Until what the operating system keeps for those who have stopped is full, and more. */
const FILL_MS = 6000;
const TICK = /\["tick","(\d+)"/;
const PAGE_KB = 4;

const { values } = parseArgs({
  options: {
    p: { type: "string", short: "p", default: "" },
    i: { type: "string", short: "i", default: "" },
    d: { type: "string", short: "d", default: "3" },
  },
});
/** So many seconds each are looked at, one by one: in all of them together one pause of the machine would be the p99. */
const seconds = Number(values.d) * 3;
/** While a second lasts: how long each event took, in microseconds. */
let taken;
let ended = 0;

const readers = await Promise.all(Array.from({ length: READERS }, () => open(false)));
const stalled = await Promise.all(Array.from({ length: STALLED }, () => open(true)));
await after(WARM_UP_MS);
const before = await measure();
const kbBefore = residentKb();
for (const stream of stalled) stream.pause();
await after(FILL_MS);
const during = await measure();
const figures = {
  stalled_ratio: during.p99 / before.p99,
  stalled_kb: Math.max(0, residentKb() - kbBefore) / STALLED,
  rate: during.count,
  p50_us: during.p50,
  p99_us: during.p99,
  p99_before_us: before.p99,
  ended,
};
console.log(JSON.stringify(figures));
for (const stream of [...readers, ...stalled]) stream.destroy();

/** @param {boolean} isFlooded whether it is sent large events as well */
function open(isFlooded) {
  const stream = connect(Number(values.p), "127.0.0.1");
  stream.setNoDelay(true);
  const path = "/socket.io/?EIO=4&transport=websocket&delivery=1";
  stream.write(
    `GET ${path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  return new Promise((resolve, reject) => {
    stream.once("error", reject);
    stream.once("close", () => (ended += 1));
    stream.on("data", (chunk) => {
      const now = process.hrtime.bigint();
      const text = chunk.toString("latin1");
      if (text.startsWith("HTTP/1.1 101")) send(stream, "40");
      if (text.includes('{"sid"') && text.includes("40{")) {
        if (isFlooded) {
          send(stream, '42["flood me"]');
          // Nobody looks at what it is sent: that would cost more than all the others.
          stream.removeAllListeners("data").resume();
        }
        stream.off("error", reject).on("error", () => {});
        resolve(stream);
      }
      // A ping, as all that an unmasked frame of one byte can be.
      if (chunk.length === 3 && chunk[2] === 0x32) send(stream, "3");
      if (taken === undefined) return;
      const found = TICK.exec(text);
      if (found !== null) taken.push(Number(now - BigInt(found[1])) / 1000);
    });
  });
}

/**
 * A short text in a frame, masked with zeros.
 * @param {import("node:net").Socket} stream
 * @param {string} text
 */
function send(stream, text) {
  stream.write(Buffer.concat([Buffer.of(0x81, 0x80 | text.length, 0, 0, 0, 0), Buffer.from(text)]));
}

/** How many events come in a second, and their times: of the second in the middle, for each figure. */
async function measure() {
  const all = [];
  for (let second = 0; second < seconds; second += 1) {
    taken = [];
    await after(1000);
    const sorted = taken.toSorted((a, b) => a - b);
    const at = (/** @type {number} */ part) => Math.round(sorted[Math.floor(sorted.length * part)] ?? 0);
    all.push({ count: sorted.length, p50: at(0.5), p99: at(0.99) });
  }
  taken = undefined;
  const middle = (/** @type {"count" | "p50" | "p99"} */ figure) =>
    all.map((one) => one[figure]).toSorted((a, b) => a - b)[Math.floor(all.length / 2)];
  return { count: middle("count"), p50: middle("p50"), p99: middle("p99") };
}

function residentKb() {
  return Number(readFileSync(`/proc/${values.i}/statm`, "utf8").split(" ")[1]) * PAGE_KB;
}

/** @param {number} ms */
function after(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
