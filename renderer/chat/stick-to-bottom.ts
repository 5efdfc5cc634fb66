import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

/** Distance from the end that still counts as the end, because a wheel's last notch rarely lands exactly. */
const slackPx = 32;

/**
 * Keeps a frame scrolled to its end while the content grows, until the person scrolls up. Scrolling to the end or
 * calling `toLatest` resumes this.
 */
export function useStickToBottom(): {
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly away: boolean;
  readonly toLatest: () => void;
  /** Stops following, because the target is not at the end. */
  readonly leave: () => void;
} {
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const [away, setAway] = useState(false);

  const toLatest = useCallback(() => {
    stuck.current = true;
    setAway(false);
    const element = frame.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  const leave = useCallback(() => {
    stuck.current = false;
  }, []);

  useEffect(() => {
    const element = frame.current;
    const inner = content.current;
    if (!element || !inner) return;
    let lastTop = element.scrollTop;
    let lastHeight = element.scrollHeight;

    const onScroll = (): void => {
      const top = element.scrollTop;
      const height = element.scrollHeight;
      const atEnd = height - element.clientHeight - top <= slackPx;
      // Growing content never moves the frame up, and shrinking content moves it by its own change only. Any other move
      // up is the person's.
      if (atEnd) stuck.current = true;
      else if (top < lastTop - Math.max(0, lastHeight - height)) stuck.current = false;
      lastTop = top;
      lastHeight = height;
      setAway(!stuck.current);
    };
    const follow = (): void => {
      if (stuck.current) element.scrollTop = element.scrollHeight;
    };
    const sizes = new ResizeObserver(follow);
    sizes.observe(inner);
    sizes.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    follow();
    return () => {
      sizes.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, []);

  return { frame, content, away, toLatest, leave };
}
