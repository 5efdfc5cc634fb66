/**
 * Checks a program or weights file before native code reads it: its format, its completeness and its contents. Formats
 * (little-endian): a `.pte` is a FlatBuffer with identifier `ET12` at byte 4 and, at byte 8, an extended header `eh00` (length
 * u32, program size u64, segment base u64, segment data size u64); a `.ptd` has `FT01` and `FH01` (length u32, FlatBuffer
 * offset and size u64, segment base and data size u64) in the same places.
 */
import type { FileHandle } from 'node:fs/promises';
import { EngineFailure, failure, unreadable } from '../engine/errors.ts';
import { openToRead } from '../files/reading.ts';
import { checkGenie, isGenie } from './genie.ts';
import { foreignBackend } from './program/backends.ts';
import { FlatBufferError, ForeignPart } from './program/flat-buffer.ts';
import { readFlatTensor, type FlatTensorFacts } from './program/flat-tensor.ts';
import { encodersOf } from './program/media.ts';
import { isAllowed } from './program/operators.ts';
import { checkPayloads, type ReadPart } from './program/payloads.ts';
import { operatorsOf, readProgram, type Method, type ProgramFacts, type Segment } from './program/program.ts';
import { qnnBackend } from './program/qnn-options.ts';
import type { NamedNeeds } from './program/xnnpack.ts';

const headBytes = 64;
/** Programs keep weights and compiled graphs in segments, so their FlatBuffers take a few megabytes at most. */
const largestFlatBuffer = 64 * 1024 * 1024;
/** Maximum number of operators that a sentence names. */
const mostNamed = 8;
export interface ProgramOptions {
  /** For developers: allows programs with operators that language models do not use. */
  readonly allowOperators?: boolean;
}

export interface CheckedProgram extends ProgramFacts {
  /** The delegates' data that other files must have, with the number of bytes that are read. */
  readonly delegateData: NamedNeeds;
}

/**
 * Checks a program and reads its facts.
 * @throws EngineFailure `model-unreadable`, `model-invalid`, `model-unsupported`, `backend-missing`
 */
export async function checkProgramFile(path: string, options: ProgramOptions = {}): Promise<CheckedProgram> {
  if (isGenie(path)) return await checkGenie(path);
  return await check(path, async (file, head, size) => {
    refusePackage(path, head);
    const layout = checkProgramHead(head, size);
    const facts = readProgram(await readFlatBuffer(file, layout));
    checkSegments(facts.segments, layout.segmentBase, size);
    const encoders = encodersOf(facts);
    if (encoders.length > 0) {
      throw new PreflightError(sayEncoders(encoders), 'model-unsupported', 'Choose the program of a language model.');
    }
    refuseExternalCache(facts);
    // Native code never gets the name of a backend that this app does not have.
    const foreign = foreignBackend(facts.payloads.map(({ backend }) => backend));
    if (foreign !== undefined) throw failure('backend-missing', { path, reason: `it was made for ${foreign}.` });
    const refused = options.allowOperators === true ? [] : operatorsOf(facts).filter((name) => !isAllowed(name));
    if (refused.length > 0) throw new PreflightError(sayRefused(refused), 'model-unsupported');
    return { ...facts, delegateData: await checkPayloads(facts, segmentReader(file, layout, facts.segments)) };
  });
}

/**
 * Reads a program's facts, also those of a program that Wyvern cannot run. Native code must not get it without
 * {@link checkProgramFile}.
 * @param mostBytes of its FlatBuffer
 * @returns undefined if the FlatBuffer has more bytes
 * @throws EngineFailure `model-unreadable`, `model-invalid`, `model-unsupported`
 */
export async function readProgramFacts(path: string, mostBytes: number): Promise<ProgramFacts | undefined> {
  if (isGenie(path)) return await checkGenie(path);
  return await check(path, async (file, head, size) => {
    const layout = checkProgramHead(head, size);
    return layout.flatBufferBytes > BigInt(mostBytes) ? undefined : readProgram(await readFlatBuffer(file, layout));
  });
}

/**
 * The format for upstream's native runtime is new, and nothing here reads it: a zip archive with the entry `program.ptg`, whose
 * FlatBuffer has the identifier `NPTG` (ExecuTorch 1.5, `exir/_serialize/_ptn.py`).
 */
function refusePackage(path: string, head: Uint8Array): void {
  const text = Buffer.from(head).toString('latin1');
  const isPackage = text.startsWith('PK\x03\x04') && text.slice(30).startsWith('program.');
  if (!path.toLowerCase().endsWith('.ptn') && !isPackage && text.slice(4, 8) !== 'NPTG') return;
  throw new PreflightError(
    'it is a package (.ptn) for ExecuTorch’s native runtime. Export a .pte.',
    'model-unsupported',
  );
}

/** A form that upstream discusses and has not settled: the caller keeps the KV cache, and gives it to each call. */
function refuseExternalCache({ methods }: ProgramFacts): void {
  const forward = methods.find(({ name }) => name === 'forward');
  if (forward === undefined || !takesCaches(forward) || followsStaticLlama(forward)) return;
  throw new PreflightError(
    `it keeps no KV cache and takes it as inputs, of which it has ${forward.inputs.length}. Upstream has not settled that form yet.`,
    'model-unsupported',
  );
}

function takesCaches({ inputs }: Method): boolean {
  return inputs.length > 2 && inputs.slice(1).some((input) => (input?.sizes.length ?? 0) > 2);
}

/**
 * Older programs of upstream's QNN flow take caches in a method `forward` too, but also a mask `[…, A, C]` for their A tokens, and
 * return only the new keys and values. The native part (`find_static_methods`) decides by the same facts.
 */
function followsStaticLlama({ inputs, outputs, delegates }: Method): boolean {
  if (delegates.some(({ backend }) => backend === qnnBackend)) return true;
  const [tokens, mask, ...others] = inputs;
  if (tokens?.sizes[1] === undefined || (mask?.sizes.length ?? 0) < 3 || outputs.length < 3) return false;
  const whole = others.map((input) => input?.sizes.join());
  return (
    mask?.sizes.at(-2) === tokens.sizes[1] && !outputs.slice(1).some((output) => whole.includes(output?.sizes.join()))
  );
}

function sayEncoders(methods: readonly string[]): string {
  return `it is no chat model but one of speech or images, such as Whisper: its methods are ${methods.slice(0, mostNamed).join(', ')}.`;
}

function sayRefused(operators: readonly string[]): string {
  const named = operators.slice(0, mostNamed).join(', ');
  const rest = operators.length > mostNamed ? ` and ${operators.length - mostNamed} more` : '';
  return `it calls ${named}${rest}, which no language model needs. The command line takes it with --allow-operators.`;
}

function segmentReader(file: FileHandle, { segmentBase }: Layout, segments: readonly Segment[]): ReadPart {
  return async (index, offset, length) => {
    const { offset: start = 0n, size = 0n } = segments[index] ?? {};
    const bytes = Buffer.alloc(Number(size - BigInt(offset) < BigInt(length) ? size - BigInt(offset) : length));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, Number(segmentBase + start) + offset);
    return bytes.subarray(0, bytesRead);
  };
}

/** Checks a weights file. @throws EngineFailure `model-unreadable`, `model-invalid`, `model-unsupported` */
export async function checkDataFile(path: string): Promise<FlatTensorFacts> {
  return await check(path, async (file, head, size) => {
    const layout = checkDataHead(head, size);
    const facts = readFlatTensor(await readFlatBuffer(file, layout));
    checkSegments(facts.segments, layout.segmentBase, size);
    return facts;
  });
}

/** Reads the FlatBuffer in front of the segments. @throws PreflightError if it is too large for a description */
async function readFlatBuffer(file: FileHandle, { flatBufferBytes }: Layout): Promise<Uint8Array> {
  if (flatBufferBytes > BigInt(largestFlatBuffer)) {
    throw new PreflightError('it keeps its data where no current exporter puts it.', 'model-unsupported');
  }
  const flatBuffer = Buffer.alloc(Number(flatBufferBytes));
  const { bytesRead } = await file.read(flatBuffer, 0, flatBuffer.length, 0);
  return flatBuffer.subarray(0, bytesRead);
}

async function check<T>(
  path: string,
  look: (file: FileHandle, head: Uint8Array, size: bigint) => T | Promise<T>,
): Promise<T> {
  try {
    const file = await openToRead(path);
    try {
      const { size } = await file.stat({ bigint: true });
      const head = new Uint8Array(headBytes);
      await file.read(head, 0, headBytes, 0);
      return await look(file, head, size);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof EngineFailure) throw error;
    if (error instanceof PreflightError) {
      const { code, message: reason, hint } = error;
      throw failure(code, { path, reason, ...(hint === undefined ? {} : { hint }) });
    }
    if (error instanceof ForeignPart) throw failure('model-unsupported', { path, reason: error.message });
    if (error instanceof FlatBufferError) throw failure('model-invalid', { path, reason: error.message });
    throw (
      unreadable(path, error) ??
      failure('model-unreadable', { path, reason: error instanceof Error ? `${error.message}.` : String(error) })
    );
  }
}

/** A fault of a file, as a sentence without the file's name. */
export class PreflightError extends Error {
  readonly code: 'model-invalid' | 'model-unsupported';
  /** Replaces the code's own next step. */
  readonly hint: string | undefined;

  constructor(message: string, code: PreflightError['code'] = 'model-invalid', hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** The places of a file's parts. */
interface Layout {
  /** Counted from the start of the file. */
  readonly flatBufferBytes: bigint;
  readonly segmentBase: bigint;
}

/**
 * @param head the first 64 bytes of the file, zero-filled if it is shorter
 * @param size bytes in the file
 * @throws PreflightError
 */
export function checkProgramHead(head: Uint8Array, size: bigint): Layout {
  const view = viewOf(head, size);
  const identifier = ascii(head, 4);
  if (/^ET\d\d$/.test(identifier) && identifier !== 'ET12') {
    throw new PreflightError(`it is an ExecuTorch program of format ${identifier}, not ET12.`, 'model-unsupported');
  }
  if (identifier !== 'ET12') throw new PreflightError('it is not an ExecuTorch program.');
  let programSize = size;
  let segmentBase = 0n;
  if (ascii(head, 8) === 'eh00') {
    const length = view.getUint32(12, true);
    if (length < 24) throw new PreflightError('its header is damaged.');
    programSize = view.getBigUint64(16, true);
    segmentBase = view.getBigUint64(24, true);
    const segmentSize = length >= 32 ? view.getBigUint64(32, true) : 0n;
    requireInside(programSize, size);
    requireInside(segmentBase + segmentSize, size);
    if (segmentBase !== 0n && segmentBase < programSize) throw new PreflightError('its header is damaged.');
  }
  requireRoot(view, programSize);
  return { flatBufferBytes: programSize, segmentBase };
}

/**
 * Checks that each segment is inside the file and that none overlap.
 * @throws PreflightError
 */
function checkSegments(segments: readonly Segment[], segmentBase: bigint, size: bigint): void {
  let end = 0n;
  for (const segment of segments.toSorted((one, other) => (one.offset < other.offset ? -1 : 1))) {
    if (segment.size === 0n) continue;
    if (segment.offset < end) throw new PreflightError('two of its parts lie over each other.');
    end = segment.offset + segment.size;
    requireInside(segmentBase + end, size);
  }
}

/** Checks the head of a weights file. @throws PreflightError */
export function checkDataHead(head: Uint8Array, size: bigint): Layout {
  const view = viewOf(head, size);
  if (ascii(head, 4) !== 'FT01' || ascii(head, 8) !== 'FH01') {
    throw new PreflightError('it is not an ExecuTorch weights file.');
  }
  if (view.getUint32(12, true) < 40) throw new PreflightError('its header is damaged.');
  const flatBufferBytes = view.getBigUint64(16, true) + view.getBigUint64(24, true);
  const segmentBase = view.getBigUint64(32, true);
  requireInside(flatBufferBytes, size);
  requireInside(segmentBase + view.getBigUint64(40, true), size);
  requireRoot(view, flatBufferBytes);
  if (segmentBase < flatBufferBytes) throw new PreflightError('its header is damaged.');
  return { flatBufferBytes, segmentBase };
}

function viewOf(head: Uint8Array, size: bigint): DataView {
  if (size === 0n) throw new PreflightError('it is empty.');
  if (size < BigInt(headBytes)) throw new PreflightError(`it has only ${size.toString()} bytes.`);
  return new DataView(head.buffer, head.byteOffset, head.byteLength);
}

function requireInside(end: bigint, size: bigint): void {
  if (end > size) {
    throw new PreflightError(
      `it is cut short: its header asks for ${end.toString()} bytes, it has ${size.toString()}.`,
    );
  }
}

/** The first word of a FlatBuffer is the offset of its root table. */
function requireRoot(view: DataView, size: bigint): void {
  const root = BigInt(view.getUint32(0, true));
  if (root < 8n || root >= size) throw new PreflightError('its header is damaged.');
}

function ascii(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
