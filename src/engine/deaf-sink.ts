import type { PacketError } from "../packets/index.ts";
import type { TransportSink } from "./transport.ts";

/** Hears nothing of a transport; those extend it who hear a part. */
export abstract class DeafSink implements TransportSink {
  receivePacket(_digitCode: number, _data: string): void {}

  receiveBinary(_data: Uint8Array): void {}

  fail(_error: PacketError): void {}

  receiveAck(_count: number | undefined): number {
    return 0;
  }

  onRenewed(): void {}

  receiveSequence(_first: number): number {
    return 0;
  }

  onTransportLost(): void {}

  onTransportClose(_clean: boolean, _detail: string): void {}

  onTransportError(_error: Error): void {}
}
