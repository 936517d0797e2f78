/** What an application tells. */
export interface AppSink {
  /** Something came from a client; nothing is done about it yet. */
  onSay(client: number, number: number): void;
  /** A socket has come while another with its id is still there. */
  onTwice(id: string): void;
}
