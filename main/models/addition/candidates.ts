/** Decides which of several programs the person may choose, and describes each: size, precision, backend, context. */
import type { ProgramSketch } from '../../../preload/contract.ts';
import { hintsOf } from '../../engine/published-layout.ts';
import { backendsOf } from '../program/program.ts';
import { foreignBackend } from '../program/backends.ts';
import { readProgramFacts } from '../preflight.ts';
import { summaryOf } from '../summary.ts';
import { faulty, type FaultyFile } from './faults.ts';
import type { Layout } from './layout.ts';
import type { FoundFile } from './parts.ts';

/** Programs that are read. A longer list is asked with the facts in the names. */
export const mostRead = 40;
/** Above the FlatBuffer of any published language model. */
const mostBytes = 16 * 2 ** 20;

/** The program's own facts about where it runs. */
export interface Peek {
  readonly backend?: string;
  readonly contextLength?: number;
  /** Bytes of the file. */
  readonly bytes?: number;
  readonly fault?: Pick<FaultyFile, 'fault' | 'detail'>;
}

/** Reads the facts without the weights. Never throws: a damaged program has a fault. */
export async function peek(path: string, sizeOf: (path: string) => Promise<number>): Promise<Peek> {
  try {
    const [facts, bytes] = await Promise.all([readProgramFacts(path, mostBytes), sizeOf(path)]);
    if (facts === undefined) return { bytes };
    const foreign = foreignBackend(backendsOf(facts));
    if (foreign !== undefined) return { bytes, fault: { fault: 'foreign-backend', detail: foreign } };
    const { backends, contextLength, fit, target } = summaryOf(facts);
    if (!fit.runs)
      return { bytes, fault: { fault: 'other-chip', ...(target === undefined ? {} : { detail: target }) } };
    return {
      bytes,
      backend: labelOf(backends),
      ...(contextLength === undefined ? {} : { contextLength }),
    };
  } catch {
    return { fault: { fault: 'unreadable' } };
  }
}

function labelOf(backends: readonly string[]): string {
  if (backends.includes('QnnBackend')) return 'NPU (QNN)';
  return backends.includes('XnnpackBackend') ? 'CPU (XNNPACK)' : 'CPU';
}

export interface Candidate {
  readonly file: FoundFile;
  readonly sketch: ProgramSketch;
}

export interface Judged {
  readonly offered: readonly Candidate[];
  readonly unusable: readonly FaultyFile[];
}

/** Reads the first programs, and judges the rest by name alone. */
export async function judge(
  programs: readonly FoundFile[],
  read: { readonly peek: (path: string) => Promise<Peek> },
  layoutOf: (program: FoundFile) => Promise<Layout | undefined>,
): Promise<Judged> {
  const offered: Candidate[] = [];
  const unusable: FaultyFile[] = [];
  for (const [index, file] of programs.entries()) {
    const isRead = index < mostRead;
    const { fault, ...facts }: Peek = isRead ? await read.peek(file.path) : {};
    if (fault !== undefined) unusable.push(faulty(file.path, fault.fault, fault.detail));
    else offered.push({ file, sketch: sketchOf(file, facts, isRead ? await layoutOf(file) : undefined) });
  }
  return { offered, unusable };
}

/** The program's facts first, then the publisher's, then those in the names. */
function sketchOf(file: FoundFile, facts: Omit<Peek, 'fault'>, layout: Layout | undefined): ProgramSketch {
  const hints = hintsOf(file.path);
  const size = layout?.size ?? hints.size;
  const precision = layout?.precisions.get(file.name) ?? hints.precision;
  const contextLength = facts.contextLength ?? hints.contextLength;
  return {
    ...(size === undefined ? {} : { size }),
    ...(precision === undefined ? {} : { precision }),
    ...(facts.backend === undefined ? {} : { backend: facts.backend }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(facts.bytes === undefined ? {} : { bytes: facts.bytes }),
  };
}
