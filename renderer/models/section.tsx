import { type ReactNode, useId } from 'react';

/** A part of a model's details, under its own heading. */
export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="mb-3 border-b border-line pb-2 text-sm font-semibold">
        {title}
      </h2>
      {children}
    </section>
  );
}
