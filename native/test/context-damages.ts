/**
 * Damage to a model of Qualcomm's AI Hub: each case replaces one file of a good model. The same case and seed give the same
 * bytes.
 */
import { readFileSync } from 'node:fs';
import { contextFile } from './contexts.ts';
import type { Dice } from './random.ts';

export interface DamagedFile {
  readonly what: string;
  readonly name: string;
  readonly content: Buffer | string;
}

/** A good model, and models whose parts have the same names. */
interface Models {
  readonly good: string;
  readonly others: readonly [string, ...string[]];
}

type Damage = (models: Models, random: Dice) => Omit<DamagedFile, 'what'>;

const configName = 'genie_config.json';
const partName = (random: Dice): string => `tiny_llama_part_${1 + random.below(4)}_of_4.bin`;
const read = (bundle: string, name: string): Buffer => readFileSync(contextFile(bundle, name));

const onPart =
  (change: (bytes: Buffer, random: Dice) => Buffer): Damage =>
  ({ good }, random) => {
    const name = partName(random);
    return { name, content: change(read(good, name), random) };
  };

const onConfig =
  (change: (text: string, random: Dice) => Buffer | string): Damage =>
  ({ good }, random) => ({ name: configName, content: change(read(good, configName).toString(), random) });

function flip(bytes: Buffer, random: Dice, from: number, to: number): Buffer {
  for (let flips = 1 + random.below(8); flips > 0; flips--) {
    const at = from + random.below(to - from);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
}

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
    ({ good }, random) => {
      const name = partName(random);
      return { name, content: read(good, partName(random)) };
    },
  ],
  [
    'is of another model',
    ({ others }, random) => {
      const name = partName(random);
      return { name, content: read(random.pick(others), name) };
    },
  ],
  ['has other bits in its text', onConfig((text, random) => flip(Buffer.from(text), random, 0, text.length))],
  [
    'is 100,000 deep',
    onConfig((text, random) => {
      const deep = random.pick(['[', '{"a":']).repeat(100_000);
      return text.replace('"version": 1', `"version": ${deep}`);
    }),
  ],
  [
    'names paths outside',
    onConfig((text, random) => {
      const outside = random.pick(['../', '/etc/', '..\\\\..\\\\', 'C:\\\\']);
      return text.replaceAll('"tiny_llama', `"${outside}tiny_llama`);
    }),
  ],
];

/** @param index chooses the kind of damage, each in turn */
export function damagedFile(models: Models, random: Dice, index: number): DamagedFile {
  const [what, damage] = damages[index % damages.length] ?? damages[0];
  return { what, ...damage(models, random) };
}
