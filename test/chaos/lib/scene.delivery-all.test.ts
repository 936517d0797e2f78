import { test } from "node:test";
import { assertKept } from "../kept.ts";

test("with delivery over all transports, nothing is lost, doubled or reordered by cuts and silent networks", () =>
  assertKept("switchboard-delivery-eager", "delivery-all", "small", 20_263));
