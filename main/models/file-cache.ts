/** Caches the results of reading files by path, size and time of the last change. */
import { stat } from 'node:fs/promises';

/** More files than a library has programs. Above that, the least recently used result is dropped. */
const mostFiles = 500;

interface Known<T> {
  readonly stamp: string;
  readonly value: Promise<T>;
}

export class FileCache<T> {
  readonly #read: (path: string) => Promise<T>;
  readonly #known = new Map<string, Known<T>>();

  constructor(read: (path: string) => Promise<T>) {
    this.#read = read;
  }

  /** The result of `read` for the current file. Failures are not cached. */
  async get(path: string): Promise<T> {
    const stamp = await stampOf(path);
    const known = this.#known.get(path);
    this.#known.delete(path);
    const entry = known?.stamp === stamp ? known : { stamp, value: this.#read(path) };
    this.#known.set(path, entry);
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostFiles && oldest !== undefined) this.#known.delete(oldest);
    try {
      return await entry.value;
    } catch (error) {
      if (this.#known.get(path) === entry) this.#known.delete(path);
      throw error;
    }
  }
}

/** Differs for a changed file, as far as the system reports it. */
export async function stampOf(path: string): Promise<string> {
  const { size, mtimeNs } = await stat(path, { bigint: true });
  return `${size.toString()}:${mtimeNs.toString()}`;
}
