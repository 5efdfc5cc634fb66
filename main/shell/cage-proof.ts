/**
 * Whether the engine's cage was shown to leave the NPU usable. Nobody knows which rights a driver of Windows needs, so there the
 * cage is down until `--smoke-test` has answered with an NPU model inside it, on this machine and with this version.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const proofSchema = z.object({ appVersion: z.string().max(100) });

function proofFile(userData: string): string {
  return join(userData, 'cage-proof.json');
}

/** @throws if the file cannot be written */
export function rememberCageProof(userData: string, appVersion: string): void {
  writeFileSync(proofFile(userData), `${JSON.stringify({ appVersion } satisfies z.input<typeof proofSchema>)}\n`);
}

export function isCageProven(userData: string, appVersion: string): boolean {
  try {
    return proofSchema.parse(JSON.parse(readFileSync(proofFile(userData), 'utf8'))).appVersion === appVersion;
  } catch {
    // There is no file, or it is not ours: not proven.
    return false;
  }
}
