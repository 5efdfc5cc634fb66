/** Chooses which messages stay mounted when they are scrolled out of view. */
import { type RefObject, type SyntheticEvent, useCallback, useEffect, useMemo, useState } from 'react';
import type { Message } from '../../preload/contract.ts';

/**
 * An edit, an open menu, the focus or a text selection must survive scrolling. So messages that the person touched stay
 * mounted, and so do messages within a selection.
 * @param frame Element that contains the messages
 * @returns indexes in ascending order, and a listener that records touched messages
 */
export function useKept(
  frame: RefObject<HTMLElement | null>,
  messages: readonly Message[],
): { readonly kept: readonly number[]; readonly keepTouched: (event: SyntheticEvent) => void } {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<readonly [string, string]>();

  const keepTouched = useCallback(({ target }: SyntheticEvent) => {
    const id = target instanceof Node ? messageAt(target) : undefined;
    if (id !== undefined) setTouched((known) => (known.has(id) ? known : new Set([...known, id])));
  }, []);

  useEffect(() => {
    const onSelection = (): void => {
      const selection = document.getSelection();
      const inFrame = selection?.anchorNode && frame.current?.contains(selection.anchorNode);
      const from = inFrame && !selection.isCollapsed ? messageAt(selection.anchorNode) : undefined;
      const to = from === undefined || !selection?.focusNode ? undefined : messageAt(selection.focusNode);
      setSelected((known) => {
        if (from === undefined || to === undefined) return undefined;
        return known?.[0] === from && known[1] === to ? known : [from, to];
      });
    };
    document.addEventListener('selectionchange', onSelection);
    return () => document.removeEventListener('selectionchange', onSelection);
  }, [frame]);

  const kept = useMemo(() => {
    const ends = selected?.map((id) => messages.findIndex((message) => message.id === id)) ?? [];
    const [from, to] = [Math.min(...ends), Math.max(...ends)];
    return messages.flatMap(({ id }, index) => (touched.has(id) || (index >= from && index <= to) ? [index] : []));
  }, [messages, touched, selected]);
  return { kept, keepTouched };
}

function messageAt(node: Node): string | undefined {
  const element = node instanceof Element ? node : node.parentElement;
  return element?.closest<HTMLElement>('[data-message]')?.dataset['message'];
}
