import { Failure } from './failure.mjs';

/**
 * Which runners `npm test` starts.
 * @param {readonly string[]} all Names, in order.
 * @param {readonly string[]} args Names of the wanted ones (none: all), and `--without NAME` for each that is left out.
 * @returns {{ chosen: readonly string[], without: readonly string[] }}
 * @throws {Failure}
 */
export function chooseRunners(all, args) {
  /** @type {string[]} */
  const wanted = [];
  /** @type {string[]} */
  const without = [];
  for (let i = 0; i < args.length; i++) {
    const leaveOut = args[i] === '--without';
    if (leaveOut) i++;
    const name = args[i] ?? '';
    if (!all.includes(name)) {
      throw new Failure(`${name === '' ? 'Nothing' : name} is not a test runner.`, {
        hint: `npm test runs all. Some: npm test -- ${all.join(' ')}. All but one: npm test -- --without arm64`,
      });
    }
    (leaveOut ? without : wanted).push(name);
  }
  const chosen = all.filter((name) => (wanted.length === 0 || wanted.includes(name)) && !without.includes(name));
  if (chosen.length === 0) throw new Failure('No test runner is left.');
  return { chosen, without };
}
