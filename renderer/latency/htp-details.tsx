import type { ReactNode } from 'react';
import type { LiveToken } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { count, duration } from '../ui/format.ts';
import { Bar, Row, Section } from './rows.tsx';

/** Figures of one step at the detailed profile level: cycles, waits, time of each part, and slowest operators. */
export function HtpDetails({
  htp,
  title,
}: {
  readonly htp: NonNullable<LiveToken['htp']>;
  readonly title: string;
}): ReactNode {
  const { cycles, vtcmAcquireUs, powerOnUs, rpcUs, partsUs = [], slowestOperators } = htp;
  const most = slowestOperators[0]?.cycles ?? 0;
  return (
    <>
      <Section title={title}>
        {cycles !== undefined && <Row label={strings.latency.cycles} value={count(cycles)} />}
        {vtcmAcquireUs !== undefined && <Row label={strings.latency.vtcm} value={duration(vtcmAcquireUs)} />}
        {powerOnUs !== undefined && <Row label={strings.latency.power} value={duration(powerOnUs)} />}
        {rpcUs !== undefined && <Row label={strings.latency.rpc} value={duration(rpcUs)} />}
      </Section>
      {partsUs.length > 0 && (
        <section className="mt-5" data-testid="parts">
          <h3 className="mb-1.5 text-xs font-medium text-muted">{strings.latency.npuParts}</h3>
          <ol className="space-y-1.5 text-xs tabular-nums">
            {partsUs.map((partUs, index) => (
              <li key={index}>
                <div className="flex justify-between gap-3">
                  <span>{strings.latency.npuPart(index + 1)}</span>
                  <span className="text-muted">{duration(partUs)}</span>
                </div>
                <Bar value={partUs} most={Math.max(...partsUs)} />
              </li>
            ))}
          </ol>
        </section>
      )}
      {slowestOperators.length > 0 && (
        <section className="mt-5">
          <h3 className="mb-1.5 text-xs font-medium text-muted">{strings.latency.slowest}</h3>
          <ol className="space-y-1.5 text-xs tabular-nums">
            {slowestOperators.map(({ name, cycles: taken }) => (
              <li key={name}>
                <div className="flex justify-between gap-3">
                  <span className="truncate" title={name}>
                    {name}
                  </span>
                  <span className="text-muted">{count(taken)}</span>
                </div>
                <Bar value={taken} most={most} />
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}
