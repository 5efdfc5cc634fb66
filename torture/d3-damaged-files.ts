/** D3: a damaged store opens with its readable rows, and the original is kept. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrations } from '../main/store/migrations.ts';
import { readPageImage } from '../main/store/salvage/page-image.ts';
import { rowsOfFile } from '../main/store/salvage/rows-of-file.ts';
import type { Dice } from '../native/test/random.ts';
import { tryCases } from './promise.ts';
import type { Outcome, Trial, TriedPromise } from './promise.ts';
import { inFolder, makeSampleFiles, readEverything, useOn, using, writeFiles } from './sample-store.ts';
import type { StoreFiles } from './sample-store.ts';

export const damagedFiles: TriedPromise = {
  id: 'D3',
  says: 'a damaged store opens with what is left',
  cases: 500,
  attempt: tryDamagedFiles,
};

type FileName = keyof StoreFiles;

interface Damage {
  readonly what: string;
  readonly file: FileName;
  /** The changed bytes. */
  readonly from: number;
  readonly to: number;
  readonly apply: (bytes: Buffer) => Buffer;
}

const frameBytes = 24 + 4096;

function damageTo(file: FileName, length: number, random: Dice): Damage {
  const at = random.below(length);
  const some = 1 + random.below(random.pick([8, 600, 20_000]));
  const to = Math.min(length, at + some);
  switch (random.pick(['flip', 'zero', 'noise', 'truncate'] as const)) {
    case 'flip': {
      const bit = 1 << random.below(8);
      return {
        what: `flip ${at}`,
        file,
        from: at,
        to: at + 1,
        apply: (bytes) => changed(bytes, at, at + 1, (byte) => byte ^ bit),
      };
    }
    case 'zero':
      return { what: `zero ${at}-${to}`, file, from: at, to, apply: (bytes) => changed(bytes, at, to, () => 0) };
    case 'noise':
      return {
        what: `noise ${at}-${to}`,
        file,
        from: at,
        to,
        apply: (bytes) => changed(bytes, at, to, () => random.below(256)),
      };
    case 'truncate':
      return { what: `truncate ${at}`, file, from: at, to: length, apply: (bytes) => bytes.subarray(0, at) };
  }
}

function changed(bytes: Buffer, from: number, to: number, change: (byte: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = from; at < to; at++) copy[at] = change(copy[at] ?? 0);
  return copy;
}

/** Messages of an intact file, each with the positions of its bytes. */
function placesOf(files: StoreFiles): ReadonlyMap<string, readonly (readonly [FileName, number])[]> {
  const image = readPageImage(files.db, files.wal);
  const places = new Map<string, readonly (readonly [FileName, number])[]>();
  for (const { table, values, pages } of rowsOfFile(image, migrations).rows) {
    if (table.name !== 'messages') continue;
    const found = pages.flatMap((page) => {
      const place = image.place(page);
      return place ? [[place.file, place.offset] as const] : [];
    });
    places.set(String(values[0]), found);
  }
  return places;
}

/** End of the valid part of a truncated log: the last commit before the cut. */
function lastCommitBefore(wal: Buffer, cut: number): number {
  let end = 32;
  for (let start = 32; start + frameBytes <= cut; start += frameBytes) {
    if (wal.readUInt32BE(start + 4) !== 0) end = start + frameBytes;
  }
  return end;
}

/** Damage in a log's last transaction looks like a power cut: the whole transaction may be lost. */
function lastTransaction(wal: Buffer): number {
  return lastCommitBefore(wal, wal.length - frameBytes);
}

async function tryDamagedFiles(trial: Trial): Promise<Outcome> {
  const files = makeSampleFiles();
  const places = placesOf(files);
  const before = inFolder((folder) => {
    const path = join(folder, 'wyvern.sqlite');
    writeFiles(path, files);
    return using(path, readEverything);
  });
  if ([...before.messages.keys()].some((id) => !places.has(id)))
    throw new Error('The reader of pages does not see every message');

  let hit = 0;
  const outcome = await tryCases(trial, (random) =>
    inFolder((folder) => {
      const path = join(folder, 'wyvern.sqlite');
      const file = random.pick(['db', 'db', 'db', 'wal', 'wal', 'shm'] as const);
      const damage = damageTo(file, files[file].length, random);
      const damaged = { ...files, [file]: damage.apply(files[file]) };
      writeFiles(path, damaged);
      try {
        const after = using(path, (store) => {
          const contents = readEverything(store);
          useOn(store);
          return contents;
        });
        using(path, (store) => {
          if (store.tree.path('after').length !== 1) throw new Error('What was written after the repair is gone');
        });
        requireOriginal(folder, damaged);
        const gone = [...before.messages].filter(([id, text]) => after.messages.get(id) !== text);
        const from =
          file === 'wal'
            ? Math.min(
                damage.from,
                damage.what.startsWith('truncate') ? lastCommitBefore(files.wal, damage.from) : damage.from,
              )
            : damage.from;
        const isHit = ([name, offset]: readonly [FileName, number]): boolean =>
          name === file &&
          ((offset - 24 < damage.to && offset + 4096 > from) ||
            (file === 'wal' && damage.to > lastTransaction(files.wal) && offset > lastTransaction(files.wal)));
        const needless = gone.filter(([id]) => !(places.get(id) ?? []).some(isHit)).map(([id]) => id);
        if (needless.length > 0)
          throw new Error(`Messages that the damage did not hit are gone: ${needless.join(', ')}`);
        hit += gone.length;
        return 0;
      } catch (cause) {
        throw new Error(`${file}: ${damage.what}`, { cause });
      }
    }),
  );
  return { ...outcome, note: `${hit} messages hit by the damage itself` };
}

/** A kept damaged file must have its original bytes. */
function requireOriginal(folder: string, { db }: StoreFiles): void {
  const aside = readdirSync(folder).find((name) => /\.damaged-[^.]*Z$/.test(name));
  if (
    aside !== undefined &&
    !readFileSync(join(folder, aside)).equals(db) &&
    readFileSync(join(folder, aside)).length < db.length
  )
    throw new Error('The original is not as it was');
}
