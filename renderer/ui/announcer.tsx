/** Announces short sentences to screen readers: the start and end of an answer, never its tokens. */
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
      {/* A new element each time, so that a repeated sentence is read again. */}
      <span key={turn}>{text}</span>
    </div>
  );
}
