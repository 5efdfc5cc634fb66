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
export function keptStateOf(facts: Pick<ProgramFacts, 'methods' | 'numbers'>): KeptState {
  const { methods, numbers } = facts;
  const operators = operatorsOf(facts);
  // The cache of a window in transformers moves its slots along. A few tokens, far inside of the window, would not show it.
  const isRing = operators.some((name) => name.startsWith('llama::update_cache_with_indices'));
  const moves = !isRing && (numbers.get('sliding_window') ?? 0) > 0;
  const isKnown =
    moves ||
    methods.some(({ name }) => name === resetNote) ||
    operators.some((operator) => recurrences.some((name) => operator.startsWith(name)));
  if (isKnown) return 'more';
  return methods.some(({ carriesTensors }) => carriesTensors) ? 'unclear' : 'caches';
}
