/** The diagnostics report of the running app: shown, copied, saved. */
import type { AppInfo, ModelEntry, ModelState } from '../../preload/contract.ts';
import { collectReport, type Known } from './collect.ts';
import { reportMarkdown, type Report } from './report.ts';
import { type ChooseSave, saveFile } from '../exchange/save-file.ts';
import { lastTroubles } from '../log.ts';
import type { ModelLibrary } from '../library/model-library.ts';
import type { SettingsService } from '../chat/settings.ts';

export interface DiagnosticsDependencies {
  readonly models: ModelLibrary;
  readonly settings: SettingsService;
  readonly appInfo: () => AppInfo;
  readonly chooseFile: ChooseSave;
}

export class Diagnostics {
  readonly #with: DiagnosticsDependencies;

  constructor(dependencies: DiagnosticsDependencies) {
    this.#with = dependencies;
  }

  async get(): Promise<{ readonly markdown: string }> {
    return { markdown: reportMarkdown(await this.#report()) };
  }

  /** @throws AppFailure `file-not-written` */
  async save(form: 'md' | 'json'): Promise<{ readonly path: string } | undefined> {
    const report = await this.#report();
    const text = form === 'md' ? reportMarkdown(report) : `${JSON.stringify(report, undefined, 2)}\n`;
    const kind = { what: 'diagnostics', name: `wyvern-diagnostics.${form}`, extension: form } as const;
    const path = await saveFile(this.#with.chooseFile, kind, () => [text]);
    return path === undefined ? undefined : { path };
  }

  async #report(): Promise<Report> {
    const { models, settings, appInfo } = this.#with;
    const { state, runtime, cage } = models.current;
    const { version, shell } = appInfo();
    const { threads, performanceMode, profileLevel, theme, qnnFolder } = settings.get();
    const known: Known = {
      app: { version, shell },
      ...(runtime === undefined ? {} : { runtime }),
      ...(cage === undefined ? {} : { cage }),
      ...(state.status === 'ready' && state.npu !== undefined ? { libraries: librariesOf(state.npu) } : {}),
      settings: { threads, performanceMode, profileLevel, theme, ownQnnFolder: qnnFolder !== '' },
      models: (await models.catalogue.list()).map((entry) => describe(entry, state)),
      lastErrors: lastTroubles(),
    };
    return await collectReport(known);
  }
}

type Ready = Extract<ModelState, { status: 'ready' }>;

function librariesOf({ release, folder, dspPart }: NonNullable<Ready['npu']>): NonNullable<Report['npu']['libraries']> {
  return { ...(release === undefined ? {} : { build: release }), from: folder, dspPart };
}

function describe(entry: ModelEntry, state: ModelState): Report['models'][number] {
  const { id, name, bytes, target, available, quarantined } = entry;
  const own = 'modelId' in state && state.modelId === id ? state : undefined;
  const loaded = own?.status === 'ready' ? own : undefined;
  const idle = quarantined ? 'quarantined' : available ? 'not loaded' : 'files missing';
  return {
    name,
    bytes,
    ...(target === undefined ? {} : { target }),
    state: own === undefined ? idle : own.status === 'failed' ? `failed: ${own.error.code}` : own.status,
    ...(loaded === undefined
      ? {}
      : {
          backend: loaded.backend,
          contextLength: loaded.contextLength,
          vocabSize: loaded.vocabSize,
          chatTemplate: [loaded.chatTemplate.source, loaded.chatTemplate.family].filter(Boolean).join(', '),
        }),
  };
}
