/** Says what a program keeps from call to call, as far as its file tells. */
import type { KeptState } from '../../engine/protocol.ts';
import { operatorsOf, type ProgramFacts } from './program.ts';

/** Operators that return a new state, which the program keeps. */
const recurrences = ['llama::gated_delta_rule', 'llama::channelwise_gated_delta_rule'];
/** An exporter's note on state that is cleared at position 0. The value does not matter: the state is there. */
const resetNote = 'get_state_reset_at_zero';

/**
 * `unclear`: a tensor besides the KV caches keeps its values, but the file does not say whether later results depend on the order
 * of calls.
 */
export function keptStateOf(facts: Facts): KeptState {
  const { methods } = facts;
  const carries = methods.some(({ carriesTensors }) => carriesTensors);
  // Releases of transformers before 4.54 move the slots of a window along. A few tokens, far inside of the window, would not show it.
  const moves = carries && windowOf(facts) !== undefined;
  const isKnown =
    moves ||
    methods.some(({ name }) => name === resetNote) ||
    operatorsOf(facts).some((operator) => recurrences.some((name) => operator.startsWith(name)));
  if (isKnown) return 'more';
  return carries ? 'unclear' : 'caches';
}

/**
 * The tokens that a program can hold, as its exporter states them. optimum-executorch gives a cache in plain operators as many
 * slots as the window, and a step at the next position fails.
 */
export function contextLengthOf(facts: Facts): number | undefined {
  const { numbers } = facts;
  const stated = numbers.get('get_max_context_len') ?? numbers.get('get_max_seq_len');
  if (stated === undefined || stated <= 0) return undefined;
  const window = windowOf(facts);
  return window !== undefined && keptStateOf(facts) === 'caches' ? Math.min(stated, window) : stated;
}

type Facts = Pick<ProgramFacts, 'methods' | 'numbers'>;

/** The window of a cache that is no ring. */
function windowOf(facts: Facts): number | undefined {
  const window = facts.numbers.get('sliding_window') ?? 0;
  const isRing = operatorsOf(facts).some((name) => name.startsWith('llama::update_cache_with_indices'));
  return window > 0 && !isRing ? window : undefined;
}
