/** Checks the compiled parts of a program's delegates. Each backend has its own format. */
import { FlatBufferError } from './flat-buffer.ts';
import type { Payload, ProgramFacts } from './program.ts';
import { qnnBackend } from './qnn-options.ts';
import { qnnHeadBytes, requireContextBinary } from './qnn-context.ts';
import { checkXnnpackGraph, readXnnpackHead, xnnpackHeadBytes, type NamedNeeds } from './xnnpack.ts';

/** Reads up to `length` bytes of a segment. */
export type ReadPart = (segment: number, offset: number, length: number) => Promise<Uint8Array>;

/** Limit for all graphs together. A graph has nodes and values without constants and takes some kilobytes. */
const mostGraphBytes = 64 * 1024 * 1024;

/**
 * @returns The named data that delegates read and the program itself lacks.
 * @throws FlatBufferError
 */
export async function checkPayloads(facts: ProgramFacts, readSegment: ReadPart): Promise<NamedNeeds> {
  const needs = new Map<string, bigint>();
  let graphBytes = 0;
  for (const payload of facts.payloads) {
    const bytes =
      typeof payload.data === 'number' ? (facts.segments[payload.data]?.size ?? 0n) : BigInt(payload.data.length);
    const read = readerOf(payload, readSegment);
    if (payload.backend === qnnBackend) {
      requireContextBinary(await read(0, qnnHeadBytes), bytes);
    } else if (payload.backend === 'XnnpackBackend') {
      const layout = readXnnpackHead(await read(0, xnnpackHeadBytes), bytes);
      graphBytes += layout.graphBytes;
      if (graphBytes > mostGraphBytes) throw new FlatBufferError('its graphs for XNNPACK are too large to read.');
      const graph = await read(layout.graphAt, layout.graphBytes);
      for (const [key, wanted] of checkXnnpackGraph(graph, layout.constantBytes, payload.calls)) {
        if ((needs.get(key) ?? 0n) < wanted) needs.set(key, wanted);
      }
    }
  }
  for (const [key, wanted] of needs) {
    const held = facts.namedData.get(key);
    if (held === undefined) continue;
    if (held < wanted) throw new FlatBufferError(`its data “${key}” has ${held} bytes, and ${wanted} are read.`);
    needs.delete(key);
  }
  return needs;
}

function readerOf({ data }: Payload, readSegment: ReadPart): (offset: number, length: number) => Promise<Uint8Array> {
  if (typeof data === 'number') return async (offset, length) => await readSegment(data, offset, length);
  return (offset, length) => Promise.resolve(data.subarray(offset, offset + length));
}
