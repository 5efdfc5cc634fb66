/**
 * The release of QNN that compiled a context binary. Only Qualcomm's library reads the format, but the description at the
 * beginning of the file has the release as text, e.g. `v2.49.40.260810104044` (seen with QAIRT 2.49.40). So it is known
 * without the library and before a load.
 */
import { openToRead } from '../files/reading.ts';

/** Descriptions are shorter. */
const headBytes = 1024 * 1024;
const buildId = /v(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{6,14}/;

/** E.g. `2.49.40`; undefined if the file does not say, or cannot be read. */
export async function releaseOf(path: string): Promise<string | undefined> {
  const [, ...numbers] = buildId.exec(await head(path).catch(() => '')) ?? [];
  return numbers.length === 0 ? undefined : numbers.map(Number).join('.');
}

/** The newest of several releases. */
export function newestRelease(releases: readonly string[]): string | undefined {
  const parts = (release: string): number[] => release.split('.').map(Number);
  return releases.toSorted((one, other) => {
    const [a, b] = [parts(one), parts(other)];
    const at = a.findIndex((number, index) => number !== b[index]);
    return at < 0 ? 0 : (b[at] ?? 0) - (a[at] ?? 0);
  })[0];
}

async function head(path: string): Promise<string> {
  const file = await openToRead(path);
  try {
    const bytes = Buffer.alloc(headBytes);
    const { bytesRead } = await file.read(bytes, 0, headBytes, 0);
    return bytes.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}
