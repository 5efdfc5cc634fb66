import { type ReactNode, useEffect, useRef, useState } from 'react';
import { openFormulas } from './katex.ts';

/** Draws a formula. Shows its source as code while it streams, until KaTeX is loaded, and if KaTeX cannot draw it. */
export function Formula({
  source,
  display,
  open,
}: {
  readonly source: string;
  readonly display: boolean;
  /** The closing mark has not arrived yet. */
  readonly open: boolean;
}): ReactNode {
  const place = useRef<HTMLSpanElement>(null);
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (open || !element) return;
    let left = false;
    void openFormulas().then((draw) => {
      if (!left) setDrawn(draw(source, element, display));
    });
    return () => {
      left = true;
    };
  }, [source, display, open]);
  const shown = drawn && !open;
  return (
    <span data-testid="formula" className={display ? 'formula-display' : undefined} tabIndex={display ? 0 : undefined}>
      <span ref={place} hidden={!shown} />
      {!shown && <code className={display ? 'block whitespace-pre-wrap' : undefined}>{source}</code>}
    </span>
  );
}
