/**
 * Downloads and unpacks Qualcomm's SDK, whose headers the QNN backend needs. Accept its licence first.
 *
 *   node scripts/windows/fetch-qairt.mjs --to C:\qairt --sha256 HASH
 *
 * Qualcomm publishes no hash: a run without a known hash prints the hash and fails, so that a person can check it.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { Failure, runMain } from '../lib/failure.mjs';
import { endChildrenOnExit, run } from '../lib/run.mjs';

/** The release that ExecuTorch 1.5.0 is made for. The headers must not be newer than the runtime's libraries. */
const version = '2.37.0.250724';
const address = `https://softwarecenter.qualcomm.com/api/download/software/sdks/Qualcomm_AI_Runtime_Community/All/${version}/v${version}.zip`;

await runMain(async () => {
  const { values } = parseArgs({ options: { to: { type: 'string' }, sha256: { type: 'string', default: '' } } });
  if (values.to === undefined) throw new Failure('--to must be given: the folder to unpack into.');
  endChildrenOnExit();
  const folder = resolve(values.to);
  const sdk = join(folder, 'qairt', version);
  if (existsSync(join(sdk, 'include', 'QNN', 'QnnInterface.h'))) {
    console.log(sdk);
    return;
  }
  mkdirSync(folder, { recursive: true });
  const archive = join(folder, `v${version}.zip`);
  const answer = await fetch(address);
  if (!answer.ok || answer.body === null) {
    throw new Failure(`${address} answered ${answer.status}.`, {
      hint: 'Check whether Qualcomm moved it, and change the address in scripts/windows/fetch-qairt.mjs.',
    });
  }
  await pipeline(
    Readable.fromWeb(/** @type {import('node:stream/web').ReadableStream} */ (answer.body)),
    createWriteStream(archive),
  );
  const hash = createHash('sha256');
  await pipeline(createReadStream(archive), hash);
  const found = hash.digest('hex');
  if (found !== values.sha256.toLowerCase()) {
    rmSync(archive);
    throw new Failure(
      values.sha256 === ''
        ? `The SDK has the SHA-256 ${found}, but no expected hash was given.`
        : `The SDK has the SHA-256 ${found}, not ${values.sha256}.`,
      { hint: 'If the hash is right, set the repository’s variable QAIRT_SHA256 to it (docs/release.md).' },
    );
  }
  // Windows' own tar unpacks zip files.
  await run('tar', ['-xf', archive, '-C', folder], { what: 'Unpacking the SDK' });
  rmSync(archive);
  if (!existsSync(join(sdk, 'include', 'QNN', 'QnnInterface.h'))) {
    throw new Failure(`The archive has no qairt/${version}/include/QNN.`);
  }
  console.log(sdk);
});
