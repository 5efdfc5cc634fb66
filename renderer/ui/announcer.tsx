/** Says short sentences to screen readers: an answer's beginning and end, never its tokens. */
import type { ReactNode } from 'react';
import { create } from 'zustand';

const useAnnouncement = create<{ readonly text: string; readonly turn: number }>(() => ({ text: '', turn: 0 }));

export function announce(text: string): void {
  useAnnouncement.setState(({ turn }) => ({ text, turn: turn + 1 }));
}

export function Announcer(): ReactNode {
  const { text, turn } = useAnnouncement();
  return (
    <div role="status" aria-live="polite" className="sr-only" data-testid="announcement">
      {/* A new element each time: the same sentence said twice is read twice. */}
      <span key={turn}>{text}</span>
    </div>
  );
}
