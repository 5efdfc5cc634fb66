/**
 * Folder and file names of published models: `<size>/<backend>/x.pte` as react-native-executorch's model specification says,
 * `<backend>/<chip>/x.pte`, and the cache of Hugging Face's libraries (`models--<owner>--<name>/snapshots/<revision>/`,
 * huggingface.co/docs/hub/local-cache). Names are hints: the program decides.
 */
import { basename, dirname, join } from 'node:path';

const variantWords =
  /^(xnnpack|cpu|portable|qnn|npu|htp|mlx|vulkan|webgpu|coreml|mps|metal|mediatek|neuropilot|openvino|cuda|quantized|original|8da4w|8da8w|spinquant|qlora|bf16|fp16|fp32)$/i;
const chipName = /^(sm|sc|sa|qcs|qcm|mt)\d{3,4}[a-z]{0,3}$/i;
const sizeFolder = /^(?:vl_)?(\d{1,3})(?:[._](\d{1,2}))?([bm])$/i;
const sizeWord = /(?:^|[-_ ])(\d{1,3}(?:\.\d{1,2})?)([bm])(?=$|[-_. ])/i;
/** `qwen_2_5_3b` and `qwen_3_1_7b`: nobody can say where the version ends. */
const unclearSize = /\d_\d{1,3}[bm](?=$|[-_. ])/i;
const precisionWord =
  /(?:^|[-_. ])(int8-int4|8da4w|8da8w|spinquant|qlora|bf16|fp16|fp32|int8|int4|16a4w|16a8w)(?=$|[-_. ])/i;
const windowWord = /(?:^|[-_. ])(\d{1,3})k(?=$|[-_. ])/i;
const cacheFolder = /^models--[^/\\]+$/;

/** The highest number of folders that a variant of a repository lies below its tokenizer. */
const mostAbove = 3;

/**
 * Folders above `folder` that may have the tokenizer of the same repository, nearest first. None if the folder is not named
 * like a variant: a tokenizer in somebody's folder of downloads belongs to another model.
 */
export function foldersAbove(folder: string): readonly string[] {
  const above: string[] = [];
  let at = folder;
  while (above.length < mostAbove && isVariant(basename(at), above.length > 0) && dirname(at) !== at) {
    at = dirname(at);
    above.push(at);
  }
  return above;
}

/** Above a variant, a folder named after the model and its size is one too: `qwen-3-0.6B/quantized/`. */
function isVariant(name: string, isAbove: boolean): boolean {
  return variantWords.test(name) || chipName.test(name) || sizeFolder.test(name) || (isAbove && sizeWord.test(name));
}

/** The folder of a repository in Hugging Face's cache, e.g. `…/models--Qwen--Qwen3-0.6B`; undefined outside of a snapshot. */
export function cacheRepository(path: string): string | undefined {
  for (let at = path; dirname(at) !== at; at = dirname(at)) {
    const repository = dirname(at);
    if (basename(at) === 'snapshots' && isCacheRepository(basename(repository))) return repository;
  }
  return undefined;
}

export function isCacheRepository(folderName: string): boolean {
  return cacheFolder.test(folderName);
}

/** The name of a model whose program has a name like `model.pte`: of its folder, or of its repository. */
export function folderTitle(folder: string): string {
  const repository = cacheRepository(join(folder, 'x'));
  if (repository !== undefined) return basename(repository).split('--').at(-1) ?? basename(repository);
  return basename(foldersAbove(folder).at(-1) ?? folder);
}

export interface NameHints {
  /** The number of weights as the publisher writes it, e.g. `0.6B`. */
  readonly size?: string;
  /** E.g. `8da4w`. */
  readonly precision?: string;
  /** Tokens. */
  readonly contextLength?: number;
}

/** Facts in the names of a program and of its folders. */
export function hintsOf(program: string): NameHints {
  const stem = basename(program).replace(/\.pte$/i, '');
  const folders = [dirname(program), ...foldersAbove(dirname(program))].map((folder) => basename(folder));
  const size = sizeIn(stem, folders);
  const precision = [stem, ...folders].map((name) => precisionWord.exec(name)?.[1]).find((word) => word !== undefined);
  const window = windowWord.exec(stem)?.[1];
  return {
    ...(size === undefined ? {} : { size }),
    ...(precision === undefined ? {} : { precision }),
    ...(window === undefined ? {} : { contextLength: Number(window) * 1024 }),
  };
}

function sizeIn(stem: string, folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const [, whole, part, unit] = sizeFolder.exec(folder) ?? [];
    if (whole !== undefined && unit !== undefined) {
      return `${part === undefined ? whole : `${whole}.${part}`}${unit.toUpperCase()}`;
    }
  }
  for (const name of [stem, ...folders]) {
    const [, number, unit] = unclearSize.test(name) ? [] : (sizeWord.exec(name) ?? []);
    if (number !== undefined && unit !== undefined) return `${number}${unit.toUpperCase()}`;
  }
  return undefined;
}
