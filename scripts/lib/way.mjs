import { Failure } from './failure.mjs';

/** The ways to start. */
export const ways = /** @type {const} */ (['electron', 'chromium', 'terminal']);

/**
 * Chooses the way to start; returns it with a sentence for the person.
 * @param {object} facts
 * @param {typeof ways[number] | undefined} facts.wanted
 * @param {boolean} facts.piped Whether standard input has prompts.
 * @param {boolean} facts.display
 * @param {string | undefined} facts.electron Executable.
 * @param {string | undefined} facts.chromium Executable.
 * @returns {{ way: typeof ways[number], because: string }}
 * @throws {Failure} If the wanted way is not available.
 */
export function chooseWay({ wanted, piped, display, electron, chromium }) {
  if (wanted === 'electron' && electron === undefined) {
    throw new Failure("Electron's binary is not installed here.", { hint: 'npm run setup -- --electron' });
  }
  if (wanted === 'chromium' && chromium === undefined) {
    throw new Failure('No Chromium, Chrome or Edge was found.', {
      hint: 'Install one, or name one: WYVERN_CHROMIUM=/path/to/chromium npm start',
    });
  }
  if (wanted !== undefined) return { way: wanted, because: `starting ${names[wanted]}` };
  if (piped) return { way: 'terminal', because: 'answering the lines on standard input' };
  if (!display) return { way: 'terminal', because: `no display, so this is ${names.terminal}` };
  if (electron !== undefined) return { way: 'electron', because: `starting ${names.electron}` };
  if (chromium !== undefined) return { way: 'chromium', because: `no Electron binary, so this is ${names.chromium}` };
  return { way: 'terminal', because: `neither Electron's binary nor Chromium is here, so this is ${names.terminal}` };
}

const names = { electron: 'the app in Electron', chromium: 'the app in Chromium', terminal: 'a chat in the terminal' };

/**
 * The command line's arguments for the terminal chat. Piped prompts take the most likely token, so that a script gets the
 * same answers each time; the model's other defaults stay.
 *
 * @param {boolean} piped
 */
export function chatArguments(piped) {
  return ['chat', ...(piped ? ['--temperature', '0'] : [])];
}
