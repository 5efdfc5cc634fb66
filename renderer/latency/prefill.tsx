import type { ReactNode } from 'react';
import type { Run } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { duration } from '../ui/format.ts';
import { Bar, Row, Section } from './rows.tsx';
import type { Summary } from './summary.ts';

/** Chunks to list one by one. */
const listed = 6;

/** Prefill of the prompt, chunk by chunk, and its rate next to the decode rate. */
export function Prefill({
  run: { prefill, tokens },
  summary,
}: {
  readonly run: Run;
  readonly summary: Summary;
}): ReactNode {
  const { prefillRate, decodeRate, acceptedTokens } = summary;
  return (
    <>
      <Section title={strings.latency.prompt}>
        {prefill && (
          <>
            <Row
              label={strings.latency.prefilled}
              value={strings.latency.promptTokens(prefill.promptTokens - prefill.reusedTokens, prefill.reusedTokens)}
            />
            <Row label={strings.latency.prefillTime} value={duration(prefill.prefillUs)} />
          </>
        )}
        {prefillRate !== undefined && <Row label={strings.latency.prefill} value={strings.figures.rate(prefillRate)} />}
        {decodeRate !== undefined && <Row label={strings.latency.decode} value={strings.figures.rate(decodeRate)} />}
        {acceptedTokens !== undefined && (
          <Row label={strings.latency.accepted} value={strings.latency.acceptedOf(acceptedTokens, tokens.length)} />
        )}
      </Section>
      {prefill && prefill.chunks.length > 0 && <Chunks chunks={prefill.chunks} />}
    </>
  );
}

function Chunks({ chunks }: { readonly chunks: NonNullable<Run['prefill']>['chunks'] }): ReactNode {
  const most = Math.max(...chunks.map(({ wallUs }) => wallUs));
  return (
    <section className="mt-5">
      <h3 className="mb-1.5 text-xs font-medium text-muted">{strings.latency.chunks}</h3>
      <ol className="space-y-1.5 text-xs tabular-nums" data-testid="latency-chunks">
        {chunks.slice(0, listed).map(({ tokens, wallUs }, index) => (
          <li key={index}>
            <div className="flex justify-between gap-3">
              <span>{strings.latency.chunk(tokens)}</span>
              <span className="text-muted">{duration(wallUs)}</span>
            </div>
            <Bar value={wallUs} most={most} />
          </li>
        ))}
      </ol>
      {chunks.length > listed && (
        <p className="mt-1.5 text-xs text-muted">{strings.latency.moreChunks(chunks.length - listed)}</p>
      )}
    </section>
  );
}
