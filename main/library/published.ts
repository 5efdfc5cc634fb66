/**
 * The page "Get models": published models that the app knows by a list in its resources, in the order of what suits this
 * machine. Nothing is downloaded.
 */
import { totalmem } from 'node:os';
import { z } from 'zod';
import type { FitReason, PublishedModel, PublishedModels } from '../../preload/contract.ts';
import { fitGroups, type FitGroup } from '../../preload/contract/values.ts';
import list from '../../resources/published-models.json' with { type: 'json' };
import { chipBySoc, chipLabel } from '../models/program/chips.ts';
import { laptopLabel, machineOf, thisHardware, type Machine } from '../models/program/machine.ts';

const name = z.string().min(1).max(120);
const count = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
/** A file of the repository, relative to its root. */
const file = z
  .string()
  .max(200)
  .regex(/^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[\w./ -]+$/);

export const publishedModel = z.strictObject({
  id: z.string().regex(/^[a-z0-9.-]{1,80}$/),
  name,
  publisher: name,
  page: z.url({ protocol: /^https$/, hostname: /^huggingface\.co$/ }),
  files: z.array(file).min(1).max(12).optional(),
  /** The number of weights that the model's name gives. */
  parameters: count.optional(),
  /** Size of the program. */
  bytes: count.optional(),
  /** Memory that the publisher measured, also on another machine. */
  memoryBytes: count.optional(),
  /** KV cache in addition to the program, if the publisher states it. */
  kvCacheBytes: count.optional(),
  contextLength: count.optional(),
  license: name.optional(),
  backend: z.enum(['xnnpack', 'qnn']),
  /** Of an NPU program: upstream's names, e.g. `SM8750`. */
  chips: z
    .array(z.string().regex(/^[A-Z0-9]{4,12}$/))
    .min(1)
    .optional(),
  /** A program of a fixed shape: one token a step, also for the prompt. */
  prefill: z.literal('single').optional(),
  /** The interface of the program. A `stateful` one has state that a position does not restore. */
  kind: z.enum(['standard', 'optimum', 'stateful', 'static']),
  how: z.enum(['model-card', 'publisher-list']),
});

export const publishedList = z.strictObject({ readOn: z.iso.date(), models: z.array(publishedModel).min(1).max(200) });

type Entry = z.output<typeof publishedModel>;

/** A model may take this share of the memory, beside the system and other programs. */
const shares = { fits: 0.5, tight: 0.8 } as const;

/** What decides about the order. */
export interface Place {
  readonly memoryBytes: number;
  readonly machine: Machine;
}

/** `WYVERN_MEMORY` sets another size of the memory. */
export function thisPlace(environment: NodeJS.ProcessEnv = process.env): Place {
  const pretended = Number(environment['WYVERN_MEMORY']);
  const memoryBytes = environment['WYVERN_MEMORY'] && pretended > 0 ? pretended : totalmem();
  return { memoryBytes, machine: machineOf(thisHardware(environment)) };
}

export function publishedModels(place: Place = thisPlace()): PublishedModels {
  const { readOn, models } = publishedList.parse(list);
  const { machine, memoryBytes } = place;
  return {
    readOn,
    memoryBytes,
    ...(machine.kind === 'device' ? { chip: laptopLabel(machine.chip) } : {}),
    models: models.map((model) => judged(model, place)).sort(bySuitability),
  };
}

function judged(entry: Entry, place: Place): PublishedModel {
  const {
    id,
    name: title,
    publisher,
    page,
    files,
    parameters,
    bytes,
    contextLength,
    license,
    backend,
    how,
    prefill,
    kind,
  } = entry;
  const reason = reasonOf(entry, place);
  return {
    ...{ id, name: title, publisher, page, backend, how, group: groups[reason.why], reason },
    ...(files === undefined ? {} : { files }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(license === undefined ? {} : { license }),
    ...(prefill === undefined ? {} : { prefill }),
    ...(kind === 'stateful' ? { stateful: true } : {}),
  };
}

const groups: Readonly<Record<FitReason['why'], FitGroup>> = {
  fits: 'fits',
  tight: 'tight',
  'size-unknown': 'unknown',
  'too-large': 'not-here',
  'other-chip': 'not-here',
};

function reasonOf({ chips, bytes, kvCacheBytes = 0, memoryBytes }: Entry, place: Place): FitReason {
  if (chips !== undefined && !fitsChip(chips, place.machine)) {
    return { why: 'other-chip', chips: chips.map((soc) => chipLabel(chipBySoc(soc) ?? { soc, htpArch: 0 })) };
  }
  const neededBytes = memoryBytes ?? (bytes === undefined ? undefined : bytes + kvCacheBytes);
  if (neededBytes === undefined) return { why: 'size-unknown' };
  const share = neededBytes / place.memoryBytes;
  return { why: share <= shares.fits ? 'fits' : share <= shares.tight ? 'tight' : 'too-large', neededBytes };
}

/** A device runs programs for its HTP architecture. */
function fitsChip(chips: readonly string[], machine: Machine): boolean {
  return machine.kind === 'device' && chips.some((soc) => chipBySoc(soc)?.htpArch === machine.chip.htpArch);
}

/** Larger models answer better. Of equal ones, prompts in chunks count, then the longer context, then the smaller need. */
function bySuitability(one: PublishedModel, other: PublishedModel): number {
  const group = (model: PublishedModel): number => fitGroups.indexOf(model.group);
  const need = ({ reason }: PublishedModel): number => ('neededBytes' in reason ? reason.neededBytes : 0);
  return (
    group(one) - group(other) ||
    (other.parameters ?? 0) - (one.parameters ?? 0) ||
    Number(one.prefill !== undefined) - Number(other.prefill !== undefined) ||
    (other.contextLength ?? 0) - (one.contextLength ?? 0) ||
    need(one) - need(other)
  );
}
