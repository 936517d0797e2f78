import { LocalAdapter } from "../../src/sockets/local-adapter.ts";
import { adapterSuite } from "./adapter-suite.ts";

adapterSuite("LocalAdapter", () => new LocalAdapter());
