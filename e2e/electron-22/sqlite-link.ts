/** The messages between `node:sqlite` in Electron 22 and the Node that runs it: a length, then JSON of `createCodec`. */
import { readSync, writeSync } from 'node:fs';
import { createCodec } from '../host/codec.ts';

const codec = createCodec();

/** A call; `target` is a database or a statement of an earlier reply. */
export type SqliteRequest =
  | { readonly type: 'open'; readonly path: string; readonly isUrl: boolean; readonly options: object }
  | { readonly type: 'call'; readonly target: number; readonly method: string; readonly values: readonly unknown[] }
  | { readonly type: 'get'; readonly target: number; readonly property: string }
  | { readonly type: 'backup'; readonly target: number; readonly path: string; readonly options: object };

export type SqliteReply =
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'object'; readonly id: number }
  | { readonly type: 'error'; readonly message: string; readonly fields: object };

const lengthBytes = 4;

/** Reads exactly `size` bytes; undefined at the end of the pipe. */
function read(pipe: number, size: number): Buffer | undefined {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size;) {
    const count = readSync(pipe, bytes, at, size - at, null);
    if (count === 0) return undefined;
    at += count;
  }
  return bytes;
}

export function receive(pipe: number): unknown {
  const length = read(pipe, lengthBytes)?.readUInt32LE();
  const text = length === undefined ? undefined : read(pipe, length);
  return text && codec.decode(text.toString());
}

export function send(pipe: number, message: SqliteRequest | SqliteReply): void {
  const text = Buffer.from(codec.encode(message));
  const bytes = Buffer.alloc(lengthBytes + text.length);
  bytes.writeUInt32LE(text.length);
  text.copy(bytes, lengthBytes);
  for (let at = 0; at < bytes.length;) at += writeSync(pipe, bytes, at);
}
