/** Assembles the report. The caller passes the facts that only the app or the command line knows. */
import { cpus, freemem, release, totalmem } from 'node:os';
import type { Cage, RuntimeInfo } from '../../native/index.d.ts';
import { npuDriver } from './machine/npu-driver.ts';
import { laptopLabel, machineOf, thisHardware, type Machine } from '../models/program/machine.ts';
import { redact, thisPerson, type Person } from './redact.ts';
import { reportSchema, type Report } from './report.ts';

export interface Known {
  readonly app: Pick<Report['app'], 'version' | 'shell'>;
  /** Of the engine; absent before a model was loaded. */
  readonly runtime?: RuntimeInfo;
  /** Of the engine that loaded the last model; absent if it is in none. */
  readonly cage?: Cage;
  readonly libraries?: Report['npu']['libraries'];
  readonly settings: Report['settings'];
  readonly models: Report['models'];
  readonly lastErrors: readonly { readonly at: number; readonly level: string; readonly text: string }[];
}

/** Takes a moment on Windows, because it reads the NPU driver from the registry. */
export async function collectReport(known: Known, person: Person = thisPerson()): Promise<Report> {
  const hardware = thisHardware();
  const machine = machineOf(hardware);
  const driver = await npuDriver();
  const { runtime, libraries } = known;
  const { electron, chrome, node } = process.versions as Readonly<Record<string, string | undefined>>;
  const report: Report = {
    version: 1,
    createdAt: new Date().toISOString(),
    app: {
      ...known.app,
      ...(electron === undefined ? {} : { electron }),
      ...(chrome === undefined ? {} : { chromium: chrome }),
      node: node ?? '',
      ...(runtime === undefined ? {} : { executorch: runtime.executorch }),
      backends: [...(runtime?.backends ?? [])],
      ...(known.cage === undefined ? {} : { cage: { ...known.cage, missing: [...known.cage.missing] } }),
    },
    system: {
      platform: process.platform,
      release: release(),
      arch: process.arch,
      processor: hardware.processor || 'unknown',
      kind: kindOf(machine),
      emulated: machine.kind === 'cpu' && machine.emulated,
      cores: cpus().length,
      memoryBytes: totalmem(),
      freeMemoryBytes: freemem(),
    },
    npu: {
      ...(driver === undefined ? {} : { driver }),
      ...(libraries === undefined ? {} : { libraries }),
    },
    settings: known.settings,
    models: known.models,
    lastErrors: known.lastErrors.map(({ at, level, text }) => ({ at: new Date(at).toISOString(), level, text })),
  };
  return reportSchema.parse(redactAll(report, person));
}

function kindOf(machine: Machine): string {
  if (machine.kind === 'device') return laptopLabel(machine.chip);
  return machine.kind === 'emulator' ? 'HTP emulator' : 'CPU';
}

/** Redacts every text at any depth, so that later fields are covered too. */
function redactAll(value: unknown, person: Person): unknown {
  if (typeof value === 'string') return redact(value, person).slice(0, 2000);
  if (Array.isArray(value)) return value.map((item) => redactAll(item, person));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redactAll(item, person)]));
}
