import type { ReactNode } from 'react';
import type { Run } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Row, Section } from './rows.tsx';
import type { Summary } from './summary.ts';

/** Where the run was made, and which resources it used. */
export function Machine({ run, summary }: { readonly run: Run; readonly summary: Summary }): ReactNode {
  const { hvxThreads, contextUsed, residentBytes } = summary;
  const { performanceMode: mode } = run;
  const modes: Readonly<Record<string, string>> = strings.settings.performanceModes;
  return (
    <Section title={strings.latency.machine}>
      <Row label={strings.latency.model} value={run.model} />
      <Row label={strings.latency.backend} value={run.backend} />
      {mode !== undefined && <Row label={strings.settings.performanceMode} value={modes[mode] ?? mode} />}
      {hvxThreads !== undefined && <Row label={strings.latency.hvxThreads} value={String(hvxThreads)} />}
      {contextUsed !== undefined && (
        <Row label={strings.latency.context} value={strings.latency.contextOf(contextUsed, run.contextLength)} />
      )}
      {residentBytes !== undefined && (
        <Row label={strings.latency.memory} value={strings.latency.bytes(residentBytes)} />
      )}
    </Section>
  );
}
