/**
 * Runs a bundle in Wyvern's addon for `python -m export measure`: `node logits.mjs FOLDER`. Writes the size of the
 * vocabulary (uint32). Then it takes lines of `{ "tokens": [...], "first": N }`. For each line it feeds the tokens before
 * index N in one call and the others one a call, and writes the logits after each of the others, float32.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const { Model } = createRequire(import.meta.url)(process.env['WYVERN_ADDON'] ?? '../../resources/native/wyvern.node');

/** @param {NodeJS.ArrayBufferView} view */
const write = (view) =>
  new Promise((done) => process.stdout.write(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), done));

const folder = resolve(process.argv[2] ?? '.');
const model = await Model.load({ programPath: join(folder, 'model.pte'), dataPaths: [join(folder, 'model.ptd')] });
await write(Uint32Array.of(model.facts.vocabSize));
for await (const line of createInterface({ input: process.stdin })) {
  const { tokens, first } = JSON.parse(line);
  model.seek(0);
  if (first > 0) await model.prefill(Int32Array.from(tokens.slice(0, first)));
  for (const token of tokens.slice(first)) {
    await model.prefill(Int32Array.of(token));
    await write(model.logits());
  }
}
await model.close();
