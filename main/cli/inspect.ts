import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { verifyBundle, type Verification } from '../models/verify.ts';
import { modelOptions, parse } from './options.ts';
import { writeJson, writeText } from './output.ts';
import { backendOf, openSession } from './session.ts';

/** `wyvern inspect`: what a bundle is made of and what its program says about itself. */
export async function inspect(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(
    args,
    { json: modelOptions.json, verify: { type: 'boolean', default: false } },
    1,
  );
  const { engine, model, bundle } = await openSession({ model: positionals[0], warmUp: false });
  await engine.unload();
  const { program, data, ...others } = bundle.paths;
  const files = await Promise.all(
    [program, ...data, ...Object.values(others)].map(async (path) => ({
      name: basename(path),
      bytes: (await stat(path)).size,
    })),
  );
  const verified = values.verify ? await verifyBundle(bundle) : undefined;
  const { name, license, facts, runtime, tokenizer, chatTemplate } = model;
  const backend = backendOf(model);
  if (values.json) {
    writeJson({
      type: 'model',
      name,
      folder: bundle.folder,
      ...(license === undefined ? {} : { license }),
      ...(bundle.manifest?.target === undefined ? {} : { target: bundle.manifest.target }),
      backend,
      files,
      facts,
      tokenizer,
      chatTemplate,
      runtime,
      ...(verified === undefined ? {} : { verified }),
    });
  } else {
    const rows: [string, string][] = [
      ['model', name],
      ['folder', bundle.folder],
      ['licence', license ?? 'not stated'],
      ['files', files.map((file) => `${file.name} (${bytes(file.bytes)})`).join(', ')],
      ['backend', backend],
      ['contract', facts.contract],
      ['context', `${facts.contextLength} tokens, ${facts.prefillLength} a prefill call`],
      ['vocabulary', `${facts.vocabSize} (tokenizer: ${tokenizer.vocabSize}, ${tokenizer.kind})`],
      ['logits', `${facts.logits.dtype}, ${facts.logits.positions === 'last' ? 'last position' : 'all positions'}`],
      ['KV cache', facts.kvCache ? `yes, ${bytes(facts.stateBytes)} of state` : 'no'],
      ['chat template', chatTemplate.source],
      ['loading', `${(facts.loadUs / 1000).toFixed(0)} ms`],
      ['runtime', `ExecuTorch ${runtime.executorch}: ${runtime.backends.join(', ')}`],
      ...(verified === undefined ? [] : [['SHA-256', verdict(verified)] satisfies [string, string]]),
    ];
    for (const [label, value] of rows) writeText(`${label.padEnd(15)}${value}\n`);
  }
  if (verified?.some(({ matches }) => !matches) === true) process.exitCode = 1;
}

function verdict(verified: readonly Verification[]): string {
  const wrong = verified.filter(({ matches }) => !matches).map(({ file }) => file);
  if (verified.length === 0) return 'wyvern.json has no hashes to compare with';
  return wrong.length === 0 ? `${verified.length} files match` : `DIFFERENT: ${wrong.join(', ')}`;
}

function bytes(count: number): string {
  if (count < 1000) return `${count} bytes`;
  const units = ['kB', 'MB', 'GB'] as const;
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toPrecision(3)} ${units[power - 1] ?? ''}`;
}
