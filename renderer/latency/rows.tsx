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
      <dd className="min-w-0 truncate text-right" title={value}>
        {value}
      </dd>
    </>
  );
}

/** Share of the largest value. It draws a bar below the figure and is not read aloud. */
export function Bar({ value, most }: { readonly value: number; readonly most: number }): ReactNode {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 100 1"
      preserveAspectRatio="none"
      className="mt-0.5 block h-1 w-full overflow-hidden rounded-full bg-selected fill-current text-plot-accelerator"
    >
      <rect width={most > 0 ? (100 * value) / most : 0} height={1} />
    </svg>
  );
}
