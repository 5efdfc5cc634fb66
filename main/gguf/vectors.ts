/** Reads tensors of one dimension as float32. */
import { closeSync, openSync, readSync } from 'node:fs';
import { GgufFault } from './cursor.ts';
import type { TensorInfo } from './header.ts';

/** @throws GgufFault, or an Error of the file system */
export function readVector({ name, type, width, rowBytes, place }: TensorInfo): Float32Array {
  const bytes = Buffer.alloc(rowBytes);
  const file = openSync(place.path, 'r');
  try {
    for (let at = 0; at < rowBytes;) {
      const read = readSync(file, bytes, at, rowBytes - at, place.offset + at);
      if (read === 0) throw new GgufFault(`it ends inside its weights “${name}”.`, 'cut-short');
      at += read;
    }
  } finally {
    closeSync(file);
  }
  const value = decoders[type.name];
  if (value === undefined) throw new GgufFault(`its weights “${name}” are ${type.name}, not numbers.`, 'unsupported');
  return Float32Array.from({ length: width }, (_, index) => value(bytes, index));
}

const decoders: Readonly<Record<string, (bytes: Buffer, index: number) => number>> = {
  F32: (bytes, index) => bytes.readFloatLE(4 * index),
  F16: (bytes, index) => half(bytes.readUInt16LE(2 * index)),
  BF16: (bytes, index) => new DataView(Uint32Array.of(bytes.readUInt16LE(2 * index) << 16).buffer).getFloat32(0, true),
};

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits >> 15 === 1 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
