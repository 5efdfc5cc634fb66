/** What the latency panel shows, and what the person has chosen there. */
import { create } from 'zustand';
import type { AnswerFigures, Run } from '../../preload/contract.ts';

export interface ShownRun {
  readonly run: Run;
  /** Once the answer is done. */
  readonly figures?: AnswerFigures;
  /** The answer is being written. */
  readonly live: boolean;
}

interface LatencyState {
  /** Filled while the panel is open only. */
  readonly shown: ShownRun | undefined;
  /** The same, renewed seldom enough to be read: for tables. */
  readonly settled: ShownRun | undefined;
  /** The answer that the person wants to see, in its chat; else the newest. */
  readonly chosen: { readonly conversationId: string; readonly messageId: string } | undefined;
  /** Drawn over every other run. */
  readonly pinned: ShownRun | undefined;
  /** The answer's text is tinted by the time of its tokens. */
  readonly heat: boolean;
  /** Place of the token that is pointed at, from 0. */
  readonly pointed: number | undefined;
}

export const useLatency = create<LatencyState>(() => ({
  shown: undefined,
  settled: undefined,
  chosen: undefined,
  pinned: undefined,
  heat: false,
  pointed: undefined,
}));

export function choose(chosen: LatencyState['chosen']): void {
  useLatency.setState({ chosen, pointed: undefined });
}

export function point(pointed: number | undefined): void {
  if (useLatency.getState().pointed !== pointed) useLatency.setState({ pointed });
}

/** The run of an answer whose text is to be tinted; undefined for every other answer. */
export function useHeat(messageId: string): Run | undefined {
  return useLatency(({ heat, shown }) =>
    heat && shown && !shown.live && shown.run.messageId === messageId ? shown.run : undefined,
  );
}
