import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { collectReport } from '../diagnostics/collect.ts';
import { reportMarkdown, type Report } from '../diagnostics/report.ts';
import { loadAddon } from '../engine/addon.ts';
import { asFailure } from '../engine/errors.ts';
import { resolveBundle, type BundleOptions } from '../models/bundle.ts';
import { modelOptions, parse, tokenizerOf } from './options.ts';
import { writeJson, writeText } from './output.ts';

/** `wyvern diagnose`: the report for somebody who helps to find a fault. It works even if nothing else does. */
export async function diagnose(args: readonly string[]): Promise<void> {
  const { values } = parse(
    args,
    { model: modelOptions.model, tokenizer: modelOptions.tokenizer, json: modelOptions.json },
    0,
  );
  const troubles: { readonly at: number; readonly level: string; readonly text: string }[] = [];
  const tried = async <T>(task: Promise<T>): Promise<T | undefined> =>
    await task.catch((error: unknown) => {
      const { code, message } = asFailure(error).toError();
      troubles.push({ at: Date.now(), level: 'error', text: `${code}: ${message}` });
      return undefined;
    });
  const addon = await tried(loadAddon());
  const model = await tried(describeModel(values.model, tokenizerOf(values)));
  const report = await collectReport({
    app: { version: packageJson.version, shell: 'command-line' },
    ...(addon === undefined ? {} : { runtime: addon.runtimeInfo() }),
    settings: {},
    models: model === undefined ? [] : [model],
    lastErrors: troubles,
  });
  if (values.json) writeJson(report);
  else writeText(reportMarkdown(report));
}

async function describeModel(path: string | undefined, options: BundleOptions): Promise<Report['models'][number]> {
  const { manifest, folder, paths, target } = await resolveBundle(path, process.env, options);
  const sizes = await Promise.all([paths.program, ...paths.data].map(async (file) => (await stat(file)).size));
  return {
    name: manifest?.name ?? basename(folder),
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    ...(target === undefined ? {} : { target: target.label }),
    state: 'not loaded',
  };
}
