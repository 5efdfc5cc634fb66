/** Scroll behaviour of a chat: its end on opening, a message that the person jumps to, and earlier messages on demand. */
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import { arrived, openAll, openMore } from './store.ts';

/** Frames to wait for the target message; measuring never takes that long. */
const framesToWait = 60;

/**
 * Whether the end of the chat has been drawn. Until then the frame still scrolls to it: nothing reads earlier messages,
 * and no message unmounts.
 */
export function useOpened(): boolean {
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    // The first frame measures messages; in the second, the chat is at its end.
    let next = requestAnimationFrame(() => {
      next = requestAnimationFrame(() => setOpened(true));
    });
    return () => cancelAnimationFrame(next);
  }, []);
  return opened;
}

/**
 * Scrolls to the message that the person jumped to, and focuses it.
 * @param index Index of that message; negative: none
 * @param leave Stops following the end of the chat
 */
export function useJump(
  frame: RefObject<HTMLElement | null>,
  list: RefObject<VirtualizerHandle | null>,
  target: string | undefined,
  index: number,
  leave: () => void,
): void {
  useEffect(() => {
    if (index < 0) return;
    leave();
    list.current?.scrollToIndex(index, { align: 'center' });
    // The message is hidden until its height is known, and cannot take the focus before that.
    let frames = 0;
    let next = 0;
    const focus = (): void => {
      const found = frame.current?.querySelector<HTMLElement>(`[data-message="${target}"] :is(button, [tabindex])`);
      found?.focus({ preventScroll: true });
      if ((found && document.activeElement === found) || frames++ === framesToWait) arrived();
      else next = requestAnimationFrame(focus);
    };
    focus();
    return () => cancelAnimationFrame(next);
  }, [target, index, frame, list, leave]);
}

/**
 * Reads earlier messages when the person scrolls near the first one, and all of them on Home.
 * @param earlier Number of messages that are not read yet
 * @param onEnd Follows the end of the chat
 */
export function useEarlier(
  frameRef: RefObject<HTMLElement | null>,
  list: RefObject<VirtualizerHandle | null>,
  conversationId: string,
  { opened, earlier, messages }: { readonly opened: boolean; readonly earlier: number; readonly messages: unknown },
  onEnd: () => void,
): { readonly onScroll: () => void; readonly onKeyDown: (event: KeyboardEvent) => void } {
  const onScroll = useCallback(() => {
    const element = frameRef.current;
    if (element && opened && earlier > 0 && element.scrollTop < 2 * element.clientHeight) void openMore(conversationId);
  }, [frameRef, opened, earlier, conversationId]);
  // If nothing can be scrolled yet, the person cannot ask for more.
  useEffect(() => {
    const element = frameRef.current;
    if (element && element.scrollHeight <= element.clientHeight) onScroll();
  }, [frameRef, messages, onScroll]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    // The height known by now is an estimate, so follow it until the real end.
    if (event.key === 'End') onEnd();
    if (event.key !== 'Home' || earlier === 0) return;
    event.preventDefault();
    void openAll(conversationId).then(() => list.current?.scrollToIndex(0));
  };
  return { onScroll, onKeyDown };
}
