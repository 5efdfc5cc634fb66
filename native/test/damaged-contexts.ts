/**
 * Loads damaged models of Qualcomm's AI Hub, one after another, and prints one line for each: what was damaged, and the code of
 * the failure or the text that the model then says. `node damaged-contexts.ts SEED FIRST LAST`; a crash ends it early.
 */
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAddon } from '../../main/engine/addon.ts';
import { Engine } from '../../main/engine/engine.ts';
import { EngineFailure } from '../../main/engine/errors.ts';
import { nativeRunners } from '../../main/engine/native-runner.ts';
import { resolveBundle } from '../../main/models/bundle.ts';
import { greedySampling } from '../../main/models/default-sampling.ts';
import { backendsOf } from '../../main/models/program/program.ts';
import { contextFile } from './contexts.ts';
import { diceOf, type Dice } from './random.ts';

const good = contextFile('tiny-llama-genie', '.');
const others = ['tiny-llama-genie-fp16', 'tiny-llama-genie-device'];
const nameOf = (part: number): string => `tiny_llama_part_${part}_of_4.bin`;

type Damage = (folder: string, random: Dice) => string;

const onPart =
  (change: (bytes: Buffer, random: Dice) => Buffer): Damage =>
  (folder, random) => {
    const name = nameOf(1 + random.below(4));
    writeFileSync(join(folder, name), change(readFileSync(join(good, name)), random));
    return name;
  };

function flip(bytes: Buffer, random: Dice, from: number, to: number): Buffer {
  for (let flips = 1 + random.below(8); flips > 0; flips--) {
    const at = from + random.below(to - from);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
}

const config = readFileSync(join(good, 'genie_config.json'), 'utf8');

const damages: readonly [readonly [string, Damage], ...(readonly [string, Damage])[]] = [
  ['ends early', onPart((bytes, random) => bytes.subarray(0, random.below(bytes.length)))],
  ['has other bits', onPart((bytes, random) => flip(bytes, random, 0, bytes.length))],
  ['has other bits at its head', onPart((bytes, random) => flip(bytes, random, 0, 4096))],
  ['has other bits at its end', onPart((bytes, random) => flip(bytes, random, bytes.length - 8192, bytes.length))],
  [
    'has a count beyond all bounds',
    onPart((bytes, random) => {
      bytes.writeUInt32LE(random.pick([0xffffffff, 0x7fffffff, 0x10000000, 0xffff]), 4 * random.below(4096));
      return bytes;
    }),
  ],
  [
    'is a piece of itself twice',
    onPart((bytes, random) => Buffer.concat([bytes.subarray(0, random.below(65_536)), bytes])),
  ],
  [
    'is another part',
    (folder, random) => {
      const to = nameOf(1 + random.below(4));
      copyFileSync(join(good, nameOf(1 + random.below(4))), join(folder, to));
      return to;
    },
  ],
  [
    'is of another model',
    (folder, random) => {
      const part = nameOf(1 + random.below(4));
      copyFileSync(contextFile(random.pick(others), part), join(folder, part));
      return part;
    },
  ],
  [
    'has other bits in its text',
    (folder, random) => {
      writeFileSync(join(folder, 'genie_config.json'), flip(Buffer.from(config), random, 0, config.length));
      return 'genie_config.json';
    },
  ],
  [
    'is 100,000 deep',
    (folder, random) => {
      const deep = random.pick(['[', '{"a":']).repeat(100_000);
      writeFileSync(join(folder, 'genie_config.json'), config.replace('"version": 1', `"version": ${deep}`));
      return 'genie_config.json';
    },
  ],
  [
    'names paths outside',
    (folder, random) => {
      const outside = random.pick(['../', '/etc/', '..\\\\..\\\\', 'C:\\\\']);
      writeFileSync(join(folder, 'genie_config.json'), config.replaceAll('"tiny_llama', `"${outside}tiny_llama`));
      return 'genie_config.json';
    },
  ],
];

async function say(folder: string): Promise<string> {
  const bundle = await resolveBundle(folder);
  const addon = await loadAddon();
  const engine = new Engine(nativeRunners(addon));
  try {
    await engine.load(bundle.paths, { backends: backendsOf(bundle.facts), warmUp: false });
    let text = '';
    const prompt = { kind: 'messages', messages: [{ role: 'user', content: 'Say yes.' }] } as const;
    for await (const event of engine.generate({ prompt, sampling: greedySampling, maxTokens: 8 })) {
      if (event.type === 'done') text = event.text;
    }
    return text;
  } finally {
    await engine.unload();
  }
}

const [seed = 0, first = 0, last = 0] = process.argv.slice(2).map(Number);
for (let index = first; index < last; index++) {
  const random = diceOf(seed, index);
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-damaged-'));
  cpSync(good, folder, { recursive: true });
  const [what, damage] = damages[index % damages.length] ?? damages[0];
  const file = damage(folder, random);
  const result = await say(folder).then(
    (text) => ({ text }),
    (error: unknown) => (error instanceof EngineFailure ? { code: error.code } : { thrown: String(error) }),
  );
  console.log(JSON.stringify({ index, file, what, ...result }));
  rmSync(folder, { recursive: true });
}
