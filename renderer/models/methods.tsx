import type { ReactNode } from 'react';
import type { ModelDetails, ModelMethod } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Section } from './section.tsx';

/** Methods of a program with their inputs, outputs and operators. */
export function Methods({ details }: { readonly details: ModelDetails }): ReactNode {
  const { methods, operators, operatorCount } = details;
  return (
    <Section title={strings.library.methods}>
      <ul className="space-y-5">
        {methods.map((method) => (
          <Method key={method.name} method={method} />
        ))}
      </ul>
      {operatorCount > 0 && (
        <details className="mt-5 text-sm">
          <summary className="w-fit cursor-pointer rounded-md text-muted hover:text-ink">
            {strings.library.operators(operatorCount)}
          </summary>
          <ul className="mt-2 columns-2 gap-8 font-mono text-xs leading-5 text-muted max-[640px]:columns-1">
            {operators.map((operator) => (
              <li key={operator} className="wrap-anywhere">
                {operator}
              </li>
            ))}
            {operatorCount > operators.length && <li>{strings.library.more(operatorCount - operators.length)}</li>}
          </ul>
        </details>
      )}
    </Section>
  );
}

function Method({ method }: { readonly method: ModelMethod }): ReactNode {
  const { name, inputs, outputs, delegates } = method;
  const rows: readonly (readonly [string, readonly string[]])[] = [
    [strings.library.inputs, inputs],
    [strings.library.outputs, outputs],
    [
      strings.library.delegates,
      delegates.length === 0
        ? [strings.library.portable]
        : delegates.map(({ backend, parts, bytes }) => strings.library.delegate(backend, parts, bytes)),
    ],
  ];
  return (
    <li>
      <h3 className="font-mono text-xs font-medium wrap-anywhere">{name}</h3>
      <dl className="mt-1.5 grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 text-sm">
        {rows.map(([title, values]) => (
          <div key={title} className="contents">
            <dt className="text-muted">{title}</dt>
            <dd className="min-w-0 wrap-anywhere">{values.join(' · ')}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}
