/** Figures of a run: from its tokens while it is live, from the engine after it. */
import type { RunPercentiles } from '../../preload/contract.ts';
import { decodedTokens, decodeSteps, percentiles, rateOf } from './parts.ts';
import type { ShownRun } from './store.ts';

export interface Summary {
  readonly decodeRate?: number;
  readonly prefillRate?: number;
  /** Tokens that prompt lookup drafted and the model accepted; absent if there are none. */
  readonly acceptedTokens?: number;
  readonly firstUs?: number;
  readonly stepUs?: RunPercentiles;
  readonly hvxThreads?: number;
  readonly contextUsed?: number;
  readonly residentBytes?: number;
}

/** Tokens in the window of the live rate. */
const rateWindow = 48;

export function summaryOf({ run, figures, live }: ShownRun): Summary {
  const { tokens, prefill } = run;
  const decoded = decodedTokens(tokens);
  const accepted = tokens.filter((token) => token.accepted).length;
  const computed = prefill && prefill.promptTokens - prefill.reusedTokens;
  const lastFirst = tokens.findLastIndex(({ timeToFirstTokenUs }) => timeToFirstTokenUs !== undefined);
  const values = {
    decodeRate: figures?.decodeRate ?? rateOf(live ? decoded.slice(-rateWindow) : decoded),
    prefillRate:
      figures?.prefillRate ??
      (prefill && computed && prefill.prefillUs > 0 ? (computed / prefill.prefillUs) * 1e6 : undefined),
    firstUs: figures?.timeToFirstTokenUs ?? tokens[lastFirst]?.timeToFirstTokenUs,
    acceptedTokens: accepted > 0 ? accepted : undefined,
    stepUs: percentiles(decodeSteps(tokens).map(({ stepUs }) => stepUs)),
    hvxThreads: tokens.findLast(({ hvxThreads }) => hvxThreads !== undefined)?.hvxThreads,
    // The last token enters the cache only when it is fed.
    contextUsed:
      figures?.contextUsed ??
      (prefill && lastFirst >= 0 ? prefill.promptTokens + tokens.length - lastFirst - 1 : undefined),
    residentBytes: figures?.residentBytes ?? prefill?.residentBytes,
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
