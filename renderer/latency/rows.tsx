import type { ReactNode } from 'react';

export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section className="mt-5">
      <h3 className="mb-1.5 text-xs font-medium text-muted">{title}</h3>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm tabular-nums">{children}</dl>
    </section>
  );
}

export function Row({ label, value }: { readonly label: string; readonly value: string }): ReactNode {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="text-right">{value}</dd>
    </>
  );
}
