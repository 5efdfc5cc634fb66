/** Checks whether a packaged app is ready to publish: `node scripts/check-package.mjs dist/win-arm64-unpacked`. */
import { Failure, runMain } from './lib/failure.mjs';
import { checkPackage } from './packaging/check-package.mjs';

await runMain(async () => {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Failure('No folder was given. Name one, such as dist/win-arm64-unpacked.');
  const problems = await checkPackage(folder);
  for (const problem of problems) console.log(`✗ ${problem}`);
  console.log(problems.length === 0 ? `${folder} is ready to publish` : `${problems.length} problems`);
  return problems.length === 0 ? 0 : 1;
});
