import clsx from 'clsx';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { strings } from '../strings/index.ts';

/** A section counts as current when its heading is within this distance of the top. */
const readingLinePx = 80;

/**
 * Long content in sections, with a list of links next to it where there is room.
 * @param start title of the section that is shown first
 */
export function Sectioned({
  start,
  children,
}: {
  readonly start?: string | undefined;
  readonly children: ReactNode;
}): ReactNode {
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (start === undefined) return;
    const sections = [...(content.current?.querySelectorAll<HTMLElement>(':scope > section[aria-label]') ?? [])];
    const section = sections.find(({ ariaLabel }) => ariaLabel === start);
    section?.scrollIntoView({ block: 'start' });
    section?.querySelector('h3')?.focus({ preventScroll: true });
  }, [start]);
  return (
    <div className="flex min-h-0 flex-1">
      <List content={content} />
      <div ref={content} className="min-w-0 flex-1 space-y-8 overflow-y-auto px-6 pt-2 pb-7">
        {children}
      </div>
    </div>
  );
}

/** Each entry scrolls to its section. The pressed one is marked, else the one in view. */
function List({ content }: { readonly content: RefObject<HTMLElement | null> }): ReactNode {
  const [sections, setSections] = useState<readonly HTMLElement[]>([]);
  const [current, setCurrent] = useState(0);
  /** Scroll position after the last press: the last sections cannot reach the top. */
  const pressed = useRef<number>(undefined);
  useEffect(() => {
    const element = content.current;
    if (!element) return;
    const found = [...element.querySelectorAll<HTMLElement>(':scope > section[aria-label]')];
    const follow = (): void => {
      if (element.scrollTop === pressed.current) return;
      pressed.current = undefined;
      const top = element.getBoundingClientRect().top + readingLinePx;
      setCurrent(Math.max(0, found.filter((section) => section.getBoundingClientRect().top <= top).length - 1));
    };
    const frame = requestAnimationFrame(() => setSections(found));
    element.addEventListener('scroll', follow, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener('scroll', follow);
    };
  }, [content]);

  const go = (section: HTMLElement, index: number): void => {
    section.scrollIntoView({ block: 'start' });
    pressed.current = content.current?.scrollTop;
    section.querySelector('h3')?.focus({ preventScroll: true });
    setCurrent(index);
  };
  return (
    <nav aria-label={strings.settings.sections} className="w-44 shrink-0 overflow-y-auto pb-6 pl-4 max-[760px]:hidden">
      <ul className="space-y-px">
        {sections.map((section, index) => (
          <li key={index}>
            <button
              type="button"
              aria-current={index === current ? 'true' : undefined}
              className={clsx(
                'h-8 w-full truncate rounded-lg px-2 text-left text-sm transition-colors',
                index === current ? 'bg-selected font-medium' : 'text-muted hover:bg-hover hover:text-ink',
              )}
              onClick={() => go(section, index)}
            >
              {section.ariaLabel}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
