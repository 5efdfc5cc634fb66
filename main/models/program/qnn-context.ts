/**
 * Checks the compiled part of a QNN delegate: a header of upstream's `QnnCustomProtocol` and a context binary. Only Qualcomm's
 * libraries can read the context binary. Header (little-endian): 0x5678ABCD u32, a signature u64, the size of the binary in
 * bytes u64. The binary begins at byte 256.
 */
import { FlatBufferError } from './flat-buffer.ts';

export const qnnHeadBytes = 20;
const magic = 0x56_78_ab_cd;
const binaryAt = 256n;

/** @param bytes of the whole part @throws FlatBufferError */
export function requireContextBinary(head: Uint8Array, bytes: bigint): void {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < qnnHeadBytes || view.getUint32(0, true) !== magic) {
    throw new FlatBufferError('one of its parts for the NPU is no context binary.');
  }
  const binary = view.getBigUint64(12, true);
  if (binary === 0n || binaryAt + binary > bytes)
    throw new FlatBufferError('one of its context binaries is cut short.');
}
