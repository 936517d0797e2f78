/** What an address counts as: itself for IPv4, the first half for IPv6, of which one host has as many as it likes. */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [left = "", right] = address.split("%")[0]!.split("::");
  const head = left === "" ? [] : left.split(":");
  if (right !== undefined) {
    const tail = right === "" ? [] : right.split(":");
    while (head.length + tail.length < 8) head.push("0");
    head.push(...tail);
  }
  return head.slice(0, 4).join(":");
}
