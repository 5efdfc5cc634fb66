/** Folders as publishers and downloaders leave them, with small programs. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { delegate, programFile } from '../models/program/testing/programs.ts';

const fixtures = join(import.meta.dirname, '../../e2e/fixtures');

/** A trained program for the CPU, with a context of 512 tokens. */
export const cpuProgram = (): Uint8Array => readFileSync(join(fixtures, 'tiny-llama/model.pte'));
export const tokenizer = (): Uint8Array => readFileSync(join(fixtures, 'tiny-llama/tokenizer.model'));
/** A program compiled for a phone: Snapdragon 8 Elite. */
export const phoneProgram = (): Uint8Array => readFileSync(join(fixtures, 'tiny-llama-qnn-v79/model.pte'));
/** A program that names another backend. */
export const programFor = (backend: string): Uint8Array =>
  programFile({
    delegates: [delegate({ 0: { text: backend } })],
    program: { 3: { tables: [{ table: { 0: { u8s: [1] } } }] } },
  });
/** What a clone without Git LFS has in the place of a large file. */
export const lfsPointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 1234567890\n';

export type Content = Uint8Array | string | { readonly linkTo: string };

/** Writes files and links at these paths below `folder`. */
export function write(folder: string, files: Readonly<Record<string, Content>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(path, content);
    else symlinkSync(content.linkTo, path);
  }
}

/** The `config.json` of one variant's folder, as react-native-executorch publishes it. */
export function layoutConfig(
  size: string,
  backend: string,
  files: readonly string[],
  tokenizer = '../tokenizer.json',
): string {
  return JSON.stringify({
    model: 'tiny',
    family: 'tiny',
    size,
    capabilities: ['text-generation'],
    backend,
    license: 'apache-2.0',
    tokenizer,
    tokenizer_config: tokenizer.replace(/tokenizer\.(json|model)$/, 'tokenizer_config.json'),
    variants: files.map((file) => ({
      file,
      precision: '8da4w',
      quantized: true,
      default: true,
      methods: { forward: { inputs: [], outputs: [] } },
    })),
  });
}

export const revision = 'a'.repeat(40);

/** A repository in the cache of Hugging Face's libraries: links in a snapshot, and the files in `blobs/`. */
export function writeCache(
  cache: string,
  repository: string,
  files: Readonly<Record<string, Uint8Array | string | undefined>>,
  sha = revision,
): string {
  const root = join(cache, `models--${repository.replace('/', '--')}`);
  for (const [index, [name, content]] of Object.entries(files).entries()) {
    const blob = join(root, 'blobs', `${sha.slice(0, 8)}${index}`);
    const link = join(root, 'snapshots', sha, name);
    mkdirSync(dirname(link), { recursive: true });
    mkdirSync(dirname(blob), { recursive: true });
    // Without content, the blob is missing.
    if (content !== undefined) writeFileSync(blob, content);
    symlinkSync(relative(dirname(link), blob), link);
  }
  write(root, { 'refs/main': sha });
  return root;
}
