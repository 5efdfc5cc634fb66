import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

/** Nearer than this to the end counts as at the end: a wheel's last notch rarely lands exactly. */
const slackPx = 32;

/**
 * Keeps a scrolling frame at its end while its content grows, until the person scrolls up; reaching the end again, or
 * `toLatest`, sticks it again.
 */
export function useStickToBottom(): {
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly away: boolean;
  readonly toLatest: () => void;
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

  useEffect(() => {
    const element = frame.current;
    const inner = content.current;
    if (!element || !inner) return;
    let lastTop = element.scrollTop;

    const onScroll = (): void => {
      const top = element.scrollTop;
      const atEnd = element.scrollHeight - element.clientHeight - top <= slackPx;
      // Growing content never moves the frame up: only a person does.
      if (atEnd) stuck.current = true;
      else if (top < lastTop) stuck.current = false;
      lastTop = top;
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

  return { frame, content, away, toLatest };
}
