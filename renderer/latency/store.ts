/** Contents of the latency panel, and the choices made in it. */
import { create } from 'zustand';
import type { AnswerFigures, Run } from '../../preload/contract.ts';

export interface ShownRun {
  readonly run: Run;
  /** Set after the answer. */
  readonly figures?: AnswerFigures;
  /** The answer is in progress. */
  readonly live: boolean;
}

interface LatencyState {
  /** Filled only while the panel is open. */
  readonly shown: ShownRun | undefined;
  /** A copy that updates slowly enough to read, for tables. */
  readonly settled: ShownRun | undefined;
  /** The answer that the person chose; absent: the newest. */
  readonly chosen: { readonly conversationId: string; readonly messageId: string } | undefined;
  /** Drawn over every other run. */
  readonly pinned: ShownRun | undefined;
  /** The answer's text is tinted by token time. */
  readonly heat: boolean;
  /** Index of the selected token, from 0. */
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

/** The run for tinting an answer; undefined for every other answer. */
export function useHeat(messageId: string): Run | undefined {
  return useLatency(({ heat, shown }) =>
    heat && shown && !shown.live && shown.run.messageId === messageId ? shown.run : undefined,
  );
}
