import { killedWriter } from './d1-killed-writer.ts';
import { damagedFiles } from './d3-damaged-files.ts';
import { damagedRows } from './d4-damaged-rows.ts';
import { olderVersions } from './d5-older-versions.ts';
import { fullDisk } from './d6-full-disk.ts';
import { simulatedLives } from './d7-simulated-lives.ts';
import { simulatedDays } from './d8-simulated-days.ts';
import { badModels } from './e1-bad-models.ts';
import { preflight } from './e2-preflight.ts';
import { killedEngine } from './e5-killed-engine.ts';
import { restartLoop } from './e6-restart-loop.ts';
import { sleepAndHang } from './e7-sleep-and-hang.ts';
import { npuFailures } from './e8-npu-failures.ts';
import { switchingModels } from './e9-switching-models.ts';
import { stop } from './e10-stop.ts';
import { craftedTokenizers } from './e11-crafted-tokenizers.ts';
import { fields } from './e12-fields.ts';
import { damagedGguf } from './e13-gguf.ts';
import type { TriedPromise } from './promise.ts';

export const promises: readonly TriedPromise[] = [
  killedWriter,
  damagedFiles,
  damagedRows,
  olderVersions,
  fullDisk,
  simulatedLives,
  simulatedDays,
  badModels,
  preflight,
  killedEngine,
  restartLoop,
  sleepAndHang,
  npuFailures,
  switchingModels,
  stop,
  craftedTokenizers,
  fields,
  damagedGguf,
];
