/** Chats selected for an action on all of them, such as pin or delete. */
import { create } from 'zustand';
import { useConversations } from './store.ts';

interface Selection {
  readonly ids: ReadonlySet<string>;
  /** Start of a range: the last chat that was selected alone. */
  readonly anchor: string | undefined;
}

const nothing: Selection = { ids: new Set(), anchor: undefined };

export const useSelection = create<Selection>(() => nothing);

export function clearSelection(): void {
  useSelection.setState(nothing);
}

export function toggleSelected(id: string): void {
  useSelection.setState(({ ids }) => {
    const changed = new Set(ids);
    if (!changed.delete(id)) changed.add(id);
    return { ids: changed, anchor: id };
  });
}

/** Selects every listed chat from the anchor, or the open chat, to this one. */
export function selectThrough(id: string): void {
  const { list = [], activeId } = useConversations.getState();
  const order = list.map((conversation) => conversation.id);
  const anchor = useSelection.getState().anchor ?? activeId ?? id;
  const [from = 0, to = 0] = [order.indexOf(anchor), order.indexOf(id)].toSorted((one, other) => one - other);
  useSelection.setState(({ ids }) => ({
    ids: new Set([...ids, ...order.slice(Math.max(0, from), to + 1)]),
    anchor,
  }));
}

export function selectAll(): void {
  const { list = [] } = useConversations.getState();
  useSelection.setState({ ids: new Set(list.map(({ id }) => id)) });
}
