import { countBreaches, LatencyHistogram } from "switchboard/testing";
import type { Promises } from "../promises.ts";
import type { SceneResult } from "./scene.ts";

/** Says which promises a scene broke, in words; nothing if all were kept. */
export function judge(result: SceneResult, promises: Promises): string[] {
  const { toClients, toServer, said, acknowledged, twice, replacement } = result;
  const broken: string[] = [];
  if (twice > 0) broken.push(`${twice} sockets that came while another with their id was there`);
  for (const kind of promises.toClients) {
    const count = countBreaches(toClients, [kind]);
    if (count > 0) broken.push(`to clients: ${count} ${kind}`);
  }
  for (const kind of promises.toServer) {
    const count = countBreaches(toServer, [kind]);
    if (count > 0) broken.push(`to the server: ${count} ${kind}`);
  }
  if (promises.isLossless === true) {
    const { inFlight, excused } = toClients;
    if (inFlight > 0) broken.push(`to clients: ${inFlight} still in flight, as not all came back`);
    if (excused > 0) broken.push(`to clients: ${excused} missing without need, though a gap told of them`);
  }
  if (result.outbox !== undefined) broken.push(...result.outbox.errors);
  if (result.leftOut === 0) broken.push("no old value was left out: nobody was slow");
  if (promises.acknowledges === true && acknowledged !== said) {
    broken.push(`${acknowledged} acknowledgements for ${said} that were asked for`);
  }
  if (promises.caughtUpMs !== undefined) {
    const histogram = new LatencyHistogram();
    histogram.merge(toClients.catchUp);
    const p99 = Math.round(histogram.percentile(0.99));
    if (p99 > promises.caughtUpMs) broken.push(`caught up after ${p99} ms (p99), not ${promises.caughtUpMs}`);
  }
  for (const [seconds, share] of promises.back ?? []) {
    const { backMs, clients } = replacement ?? { backMs: [], clients: 1 };
    const came = backMs.filter((ms) => ms <= seconds * 1000).length / clients;
    if (came < share) broken.push(`${percent(came)} back after ${seconds} s, not ${percent(share)}`);
  }
  return broken;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
