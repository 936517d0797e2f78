import type { DeflateParameters } from "./deflate.ts";

/** What a case wants agreed, in the words of the wire; `true` for a parameter without a value. */
export interface DeflateWish {
  serverNoContextTakeover?: true;
  clientNoContextTakeover?: true;
  serverMaxWindowBits?: number;
  clientMaxWindowBits?: number | true;
}

export interface Extension {
  name: string;
  parameters: [name: string, value: string | undefined][];
}

const WIRE_NAMES = {
  serverNoContextTakeover: "server_no_context_takeover",
  clientNoContextTakeover: "client_no_context_takeover",
  serverMaxWindowBits: "server_max_window_bits",
  clientMaxWindowBits: "client_max_window_bits",
} as const;

/** A wish as one element of Sec-WebSocket-Extensions. */
export function writeExtension(wish: DeflateWish): string {
  let text = "permessage-deflate";
  for (const [key, name] of Object.entries(WIRE_NAMES)) {
    const value = wish[key as keyof DeflateWish];
    if (value !== undefined) text += value === true ? `; ${name}` : `; ${name}=${value}`;
  }
  return text;
}

/** Splits a well-formed Sec-WebSocket-Extensions value. Quoted values may not hold commas or semicolons here. */
export function parseExtensions(text: string): Extension[] {
  return text.split(",").map((element) => {
    const [name = "", ...parameters] = element.split(";").map((part) => part.trim());
    return {
      name,
      parameters: parameters.map((parameter): [string, string | undefined] => {
        const [key = "", value] = parameter.split("=").map((part) => part.trim());
        return [key, value?.replace(/^"(.*)"$/, "$1")];
      }),
    };
  });
}

/** Reads the parameters of permessage-deflate, or says in words what is wrong with them (RFC 7692 §7.1). */
export function readParameters({ parameters }: Extension, inOffer: boolean): DeflateWish | string {
  const wish: DeflateWish = {};
  for (const [name, value] of parameters) {
    const key = (Object.keys(WIRE_NAMES) as (keyof DeflateWish)[]).find(
      (known) => WIRE_NAMES[known] === name,
    );
    if (!key) return `the unknown parameter "${name}"`;
    if (wish[key] !== undefined) return `"${name}" twice`;
    if (key === "serverNoContextTakeover" || key === "clientNoContextTakeover") {
      if (value !== undefined) return `a value for "${name}"`;
      wish[key] = true;
    } else if (value === undefined && key === "clientMaxWindowBits" && inOffer) {
      wish[key] = true;
    } else if (value === undefined || !/^([89]|1[0-5])$/.test(value)) {
      return `"${name}=${value ?? ""}", which is not a number from 8 to 15`;
    } else {
      wish[key] = Number(value);
    }
  }
  return wish;
}

/** What an answer means, given the offer it takes up; or in words why it may not answer that offer. */
export function agree(offer: DeflateWish, answer: DeflateWish): DeflateParameters | string {
  const { serverMaxWindowBits, clientMaxWindowBits } = answer;
  if (offer.serverNoContextTakeover && !answer.serverNoContextTakeover) {
    return "without the server_no_context_takeover that was asked for";
  }
  if (
    offer.serverMaxWindowBits &&
    !(serverMaxWindowBits && serverMaxWindowBits <= offer.serverMaxWindowBits)
  ) {
    return `without keeping to the server_max_window_bits=${offer.serverMaxWindowBits} that was asked for`;
  }
  if (clientMaxWindowBits && offer.clientMaxWindowBits === undefined) {
    return "with a client_max_window_bits that was not offered";
  }
  const offered = typeof offer.clientMaxWindowBits === "number" ? offer.clientMaxWindowBits : 15;
  const answered = typeof clientMaxWindowBits === "number" ? clientMaxWindowBits : 15;
  if (answered > offered && clientMaxWindowBits)
    return `with client_max_window_bits=${answered}, over the offered ${offered}`;
  return {
    serverNoContextTakeover: answer.serverNoContextTakeover ?? false,
    clientNoContextTakeover: (answer.clientNoContextTakeover ?? offer.clientNoContextTakeover) !== undefined,
    serverMaxWindowBits: serverMaxWindowBits ?? 15,
    clientMaxWindowBits: Math.min(offered, answered),
  };
}
