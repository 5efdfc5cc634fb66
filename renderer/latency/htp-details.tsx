import type { ReactNode } from 'react';
import type { LiveToken } from '../../preload/contract.ts';
import { strings } from '../strings.ts';
import { count, duration } from '../ui/format.ts';
import { Row, Section } from './rows.tsx';

/** Of the last step, at the detailed profile: cycles, waits and the slowest operators. */
export function HtpDetails({ htp }: { readonly htp: NonNullable<LiveToken['htp']> }): ReactNode {
  const { cycles, vtcmAcquireUs, powerOnUs, rpcUs, slowestOperators } = htp;
  const most = slowestOperators[0]?.cycles ?? 0;
  return (
    <>
      <Section title={strings.latency.details}>
        {cycles !== undefined && <Row label={strings.latency.cycles} value={count(cycles)} />}
        {vtcmAcquireUs !== undefined && <Row label={strings.latency.vtcm} value={duration(vtcmAcquireUs)} />}
        {powerOnUs !== undefined && <Row label={strings.latency.power} value={duration(powerOnUs)} />}
        {rpcUs !== undefined && <Row label={strings.latency.rpc} value={duration(rpcUs)} />}
      </Section>
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
                <meter
                  aria-hidden="true"
                  max={most}
                  value={taken}
                  className="block h-1 w-full appearance-none rounded-full [&::-webkit-meter-bar]:h-1 [&::-webkit-meter-bar]:rounded-full [&::-webkit-meter-bar]:border-0 [&::-webkit-meter-bar]:bg-selected [&::-webkit-meter-optimum-value]:rounded-full [&::-webkit-meter-optimum-value]:bg-plot-accelerator"
                />
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}
