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
  /** What is sought is not at the end: stays where it will be. */
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
      // Content that grows never moves the frame up, and one that turns out shorter than was thought only by so much:
      // the rest was a person.
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
