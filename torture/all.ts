import { killedWriter } from './d1-killed-writer.ts';
import { damagedFiles } from './d3-damaged-files.ts';
import { damagedRows } from './d4-damaged-rows.ts';
import { olderVersions } from './d5-older-versions.ts';
import { fullDisk } from './d6-full-disk.ts';
import type { TriedPromise } from './promise.ts';

export const promises: readonly TriedPromise[] = [killedWriter, damagedFiles, damagedRows, olderVersions, fullDisk];
