/**
 * The report that helps others to find a fault: machine, versions, models, last errors. It has no chat text and no personal
 * data.
 */
import { z } from 'zod';

const short = z.string().max(2000);

/** The JSON form; `version` changes when a reader would have to. */
export const reportSchema = z.object({
  version: z.literal(1),
  /** ISO 8601, UTC. */
  createdAt: short,
  app: z.object({
    version: short,
    /** `electron`, `chromium-host` or `command-line`. */
    shell: short,
    electron: short.optional(),
    chromium: short.optional(),
    node: short,
    executorch: short.optional(),
    backends: z.array(short).max(100),
    /** Of the engine that loaded the last model: what it can no longer do. */
    cage: z
      .object({
        reads: z.boolean(),
        writes: z.boolean(),
        connections: z.boolean(),
        processes: z.boolean(),
        missing: z.array(short).max(10),
      })
      .optional(),
  }),
  system: z.object({
    platform: short,
    /** E.g. `10.0.26100`. */
    release: short,
    arch: short,
    processor: short,
    /** The machine as Wyvern sees it: `Snapdragon X Elite (V73)`, `HTP emulator`, `CPU`. */
    kind: short,
    /** An x64 process on an Arm machine. */
    emulated: z.boolean(),
    cores: z.number().int(),
    memoryBytes: z.number(),
    freeMemoryBytes: z.number(),
  }),
  npu: z.object({
    driver: z.object({ device: short, version: short.optional(), date: short.optional() }).optional(),
    /** Qualcomm's libraries, if they are loaded. */
    libraries: z.object({ build: short.optional(), from: short, dspPart: short }).optional(),
  }),
  settings: z.record(short, z.union([short, z.number(), z.boolean()])),
  models: z
    .array(
      z.object({
        name: short,
        bytes: z.number(),
        target: short.optional(),
        state: short,
        backend: short.optional(),
        contextLength: z.number().optional(),
        vocabSize: z.number().optional(),
        chatTemplate: short.optional(),
      }),
    )
    .max(1000),
  /** Oldest first. */
  lastErrors: z.array(z.object({ at: short, level: short, text: short })).max(200),
});
export type Report = z.infer<typeof reportSchema>;

/** The report as Markdown, for an issue. */
export function reportMarkdown(report: Report): string {
  const { app, system, npu, settings, models, lastErrors } = report;
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Wyvern', `${app.version} (${app.shell})`],
    ['Electron', app.electron],
    ['Chromium', app.chromium],
    ['Node', app.node],
    ['ExecuTorch', app.executorch && `${app.executorch}: ${app.backends.join(', ')}`],
    ['Engine’s cage', app.cage && cageLine(app.cage)],
    ['System', `${system.platform} ${system.release}, ${system.arch}${system.emulated ? ' emulated on Arm' : ''}`],
    ['Processor', `${system.processor} (${system.cores} cores)`],
    ['For models', system.kind],
    ['Memory', `${gigabytes(system.memoryBytes)}, ${gigabytes(system.freeMemoryBytes)} free`],
    [
      'NPU driver',
      npu.driver ? [npu.driver.device, npu.driver.version, npu.driver.date].filter(Boolean).join(', ') : 'none found',
    ],
    ['QNN libraries', npu.libraries && Object.values(npu.libraries).join(', ')],
    [
      'Settings',
      Object.entries(settings)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ],
  ];
  return [
    `# Wyvern diagnostics, ${report.createdAt}`,
    '',
    '| | |',
    '|---|---|',
    ...rows.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`| ${name} | ${cell(value)} |`])),
    '',
    '## Models',
    '',
    ...(models.length === 0 ? ['None.'] : models.map((model) => `- ${cell(modelLine(model))}`)),
    '',
    '## Last errors',
    '',
    ...(lastErrors.length === 0
      ? ['None.']
      : ['```', ...lastErrors.map(({ at, level, text }) => `${at} ${level} ${text.replaceAll('```', "'''")}`), '```']),
    '',
  ].join('\n');
}

function cageLine({ reads, writes, connections, processes, missing }: NonNullable<Report['app']['cage']>): string {
  const closed = [
    reads ? 'reading other files' : undefined,
    writes ? 'writing files' : undefined,
    connections ? 'connections' : undefined,
    processes ? 'other programs' : undefined,
  ].filter((part) => part !== undefined);
  return [closed.length === 0 ? 'open' : `closed: ${closed.join(', ')}`, ...missing].join('. ');
}

function modelLine({
  name,
  bytes,
  target,
  state,
  backend,
  contextLength,
  vocabSize,
  chatTemplate,
}: Report['models'][number]): string {
  const facts = [
    `${(bytes / 1e6).toFixed(1)} MB`,
    target,
    state,
    backend,
    contextLength && `context ${contextLength}`,
    vocabSize && `vocabulary ${vocabSize}`,
    chatTemplate && `chat template: ${chatTemplate}`,
  ];
  return `${name}: ${facts.filter(Boolean).join(', ')}`;
}

/** One table cell, for any text. */
function cell(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/([\\|`<*_[\]])/g, '\\$1');
}
