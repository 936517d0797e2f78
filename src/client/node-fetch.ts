/** `fetch` by Node's own requests: unlike Node's `fetch` they take certificates, keys and agents. */
import { type IncomingMessage, request as httpRequest, type RequestOptions } from "node:http";
import { Agent, type AgentOptions, request as httpsRequest } from "node:https";
import type { Fetch, FetchResponse } from "./fetch.ts";
import type { NodeConnectionOptions } from "./options.ts";

/**
 * Makes requests as `options` say, over connections that are used again; those that are idle don't keep the process alive. Redirects are not
 * followed, and answers are not asked to be compressed.
 */
export function nodeFetch(connection: NodeConnectionOptions): Fetch {
  const options = connection as RequestOptions;
  const secureAgent = new Agent({ ...(connection as AgentOptions), keepAlive: true });
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const isSecure = url.startsWith("https:");
      const request = (isSecure ? httpsRequest : httpRequest)(url, {
        ...options,
        agent: options.agent ?? (isSecure ? secureAgent : undefined),
        method,
        headers: { ...(body !== undefined && { "Content-Type": "text/plain;charset=UTF-8" }), ...headers },
        signal,
      });
      request.on("error", reject);
      request.on("response", (answer) => resolve(responseOf(answer)));
      request.end(body);
    });
}

function responseOf(answer: IncomingMessage): FetchResponse {
  const pieces = answer[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const read = async (): Promise<{ done: boolean; value?: Uint8Array }> => {
    const { done = false, value } = await pieces.next();
    return { done, value };
  };
  return {
    status: answer.statusCode!,
    headers: { get: (name) => answer.headers[name]?.toString() ?? null },
    body: { getReader: () => ({ read }) },
    text: async () => (await answer.setEncoding("utf8").toArray()).join(""),
  };
}
