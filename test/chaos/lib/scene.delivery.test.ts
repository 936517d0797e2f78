import { test } from "node:test";
import { assertKept } from "../kept.ts";

test("with delivery over WebSocket, nothing is lost, doubled or reordered by cuts and silent networks", () =>
  assertKept("switchboard-delivery-eager", "delivery", "small", 20_262));
