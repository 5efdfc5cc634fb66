/**
 * Turns the chat of another program into one of Wyvern's file. Nodes without a message leave the tree, and the nodes below
 * them follow the message above. Parents come before their children; one version of each message is shown.
 */
import { createHash } from 'node:crypto';
import type { Attachment, ChatFormat, Thought } from '../../../preload/contract.ts';
import { titleOf } from '../../store/first-title.ts';
import { type FileChat, type FileMessage, toFileChat } from '../chat-file.ts';
import { joinAsides } from './asides.ts';
import type { LeftOutTally } from './left-out.ts';
import { joinThoughts } from './thoughts.ts';

export interface ForeignMessage extends Pick<FileMessage, 'role' | 'text' | 'attachments'> {
  readonly thought?: Thought | undefined;
  readonly createdAt?: number | undefined;
  readonly state?: FileMessage['state'] | undefined;
}

/** A place in the tree of messages. */
export interface ForeignNode {
  readonly key: string;
  /** A key that no node has makes the node a beginning. */
  readonly parentKey?: string | undefined;
  readonly message?: ForeignMessage | undefined;
  /** Of a node without a message: they go to the messages below it, else to the one above. */
  readonly asides?: readonly Attachment[] | undefined;
}

export interface ForeignChat {
  /** The chat's id in the other program, if the file has it. */
  readonly sourceId?: string | undefined;
  readonly title?: string | undefined;
  readonly createdAt?: number | undefined;
  readonly updatedAt?: number | undefined;
  readonly pinned?: boolean | undefined;
  readonly settings: FileChat['settings'];
  /** The end of the path that the other program shows; absent: the last message in the file. */
  readonly leafKey?: string | undefined;
  readonly nodes: readonly ForeignNode[];
}

/** A chat that is ready for the store. */
export interface IncomingChat {
  readonly chat: FileChat;
  /** Whether its ids stay. If not, they are positions in the list. */
  readonly ownIds: boolean;
  /** Equal for equal chats. */
  readonly fingerprint: string;
}

/** The result of a format's reader. */
export interface ReadChat {
  readonly chat: ForeignChat;
  readonly leftOut: LeftOutTally;
}

const maxTitle = 200;
const untitled = 'New chat';

/**
 * @param time used if the file has no times, Unix ms
 * @throws Error with a sentence on what is wrong with the chat
 */
export function toIncoming(format: ChatFormat, foreign: ForeignChat, time: number): IncomingChat {
  const { sourceId, settings, pinned = false } = foreign;
  const kept = keep(foreign);
  const times = kept.flatMap(({ message }) => message.createdAt ?? []);
  const earliest = times.length > 0 ? times.reduce((one, other) => Math.min(one, other)) : undefined;
  const latest = times.length > 0 ? times.reduce((one, other) => Math.max(one, other)) : undefined;
  const createdAt = foreign.createdAt ?? earliest ?? foreign.updatedAt ?? time;
  const shown = shownOf(kept, foreign.leafKey);
  const messages: FileMessage[] = [];
  for (const { message, parent, index } of kept) {
    const at = message.createdAt ?? (parent === undefined ? createdAt : messages[parent]?.createdAt) ?? createdAt;
    messages.push({
      id: idAt(index),
      ...(parent !== undefined && { parentId: idAt(parent) }),
      active: shown.active.has(index),
      role: message.role,
      text: message.text,
      ...(message.thought && { thought: message.thought }),
      state: message.state ?? 'complete',
      createdAt: at,
      ...(message.attachments && message.attachments.length > 0 && { attachments: joinAsides(message.attachments) }),
    });
  }
  const title = titleFor(foreign.title, messages);
  const chat = toFileChat({
    id: 'chat',
    title,
    createdAt,
    updatedAt: Math.max(createdAt, foreign.updatedAt ?? latest ?? createdAt),
    pinned,
    settings,
    ...(shown.leaf !== undefined && { leafId: idAt(shown.leaf) }),
    messages,
  });
  // Without the time of the last change and, if it has an id, without the title: a chat stays the same when these change.
  // Where nothing was thought, as before chats had thoughts: so a chat that was imported then is still found.
  const same = messages.map(({ role, text, thought, parentId, attachments }) => [
    ...[role, text, parentId, attachments],
    ...(thought ? [thought.text] : []),
  ]);
  const named = sourceId ?? [title, foreign.createdAt];
  return { chat, ownIds: false, fingerprint: fingerprintOf([format, named, same]) };
}

export function fingerprintOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}

const idAt = (index: number): string => `m${index}`;

interface Kept {
  readonly index: number;
  readonly message: ForeignMessage;
  /** Index of its parent among the kept messages. */
  readonly parent: number | undefined;
  /** Keys of the nodes that it contains. */
  readonly keys: string[];
}

/** The kept messages, each after its parent. */
function keep({ nodes }: ForeignChat): readonly Kept[] {
  const order = inOrder(nodes);
  // The nearest message at or above each node.
  const nearest = new Map<string, string | undefined>();
  const children = new Map<string, number>();
  for (const { key, parentKey, message } of order) {
    const above = parentKey === undefined ? undefined : nearest.get(parentKey);
    if (message && above !== undefined) children.set(above, (children.get(above) ?? 0) + 1);
    nearest.set(key, message ? key : above);
  }
  const kept: (Omit<Kept, 'message'> & { message: ForeignMessage })[] = [];
  const placeOf = new Map<string, number>();
  const carried = new CarriedAsides();
  for (const { key, parentKey, message: own, asides } of order) {
    const above = parentKey === undefined ? undefined : nearest.get(parentKey);
    const parent = above === undefined ? undefined : placeOf.get(above);
    const before = parent === undefined ? undefined : kept[parent];
    const fromAbove = carried.pass(parentKey, key, own === undefined, asides ?? []);
    if (!own) {
      before?.keys.push(key);
      continue;
    }
    const message = fromAbove.length > 0 ? { ...own, attachments: [...fromAbove, ...(own.attachments ?? [])] } : own;
    // An answer goes on after a tool call.
    const goesOn =
      message.role === 'assistant' && before?.message.role === 'assistant' && children.get(above ?? '') === 1;
    if (goesOn) {
      before.message = joined(before.message, message);
      before.keys.push(key);
      placeOf.set(key, before.index);
      continue;
    }
    placeOf.set(key, kept.length);
    kept.push({ index: kept.length, message, parent, keys: [key] });
  }
  for (const { key, asides } of carried.left()) {
    const above = nearest.get(key);
    const place = above === undefined ? undefined : placeOf.get(above);
    const last = place === undefined ? undefined : kept[place];
    if (last) last.message = joined(last.message, { ...last.message, text: '', attachments: asides });
    else {
      const message = { role: 'assistant', text: '', attachments: asides } as const;
      kept.push({ index: kept.length, message, parent: undefined, keys: [key] });
    }
  }
  return kept;
}

function joined(before: ForeignMessage, message: ForeignMessage): ForeignMessage {
  const text = [before.text, message.text].filter((one) => one !== '').join('\n\n');
  const attachments = [...(before.attachments ?? []), ...(message.attachments ?? [])];
  const thought = joinThoughts(before.thought, message.thought);
  return { ...before, ...message, createdAt: message.createdAt ?? before.createdAt, text, thought, attachments };
}

/** Asides of nodes without a message, on their way to the messages below. */
class CarriedAsides {
  readonly #waiting = new Map<string, { readonly asides: readonly Attachment[]; isTaken: boolean }>();

  /** @returns the asides that a message takes over; none where the node carries them on */
  pass(
    parentKey: string | undefined,
    key: string,
    carriesOn: boolean,
    own: readonly Attachment[],
  ): readonly Attachment[] {
    const above = parentKey === undefined ? undefined : this.#waiting.get(parentKey);
    const asides = [...(above?.asides ?? []), ...own];
    if (above) above.isTaken = true;
    if (carriesOn && asides.length > 0) this.#waiting.set(key, { asides, isTaken: false });
    return carriesOn ? [] : asides;
  }

  /** Asides that no message is below. */
  left(): readonly { readonly key: string; readonly asides: readonly Attachment[] }[] {
    return [...this.#waiting].flatMap(([key, { asides, isTaken }]) => (isTaken ? [] : [{ key, asides }]));
  }
}

/** Nodes sorted so that each follows its parent; versions keep their order. @throws Error if that is impossible */
function inOrder(nodes: readonly ForeignNode[]): readonly ForeignNode[] {
  const keys = new Set(nodes.map(({ key }) => key));
  if (keys.size < nodes.length) throw new Error('two of its messages have the same id.');
  const below = new Map<string, ForeignNode[]>();
  const beginnings: ForeignNode[] = [];
  for (const node of nodes) {
    const { parentKey } = node;
    if (parentKey === undefined || !keys.has(parentKey)) beginnings.push(node);
    else if (below.has(parentKey)) below.get(parentKey)?.push(node);
    else below.set(parentKey, [node]);
  }
  const order: ForeignNode[] = [];
  const waiting = beginnings.reverse();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    order.push(node);
    for (const child of (below.get(node.key) ?? []).reverse()) waiting.push(child);
  }
  if (order.length < nodes.length) throw new Error('its messages follow each other in a circle.');
  return order;
}

/** The leaf of the shown path, and the shown version of each message. */
function shownOf(kept: readonly Kept[], leafKey: string | undefined): { leaf?: number; active: ReadonlySet<number> } {
  const last = new Map<number | undefined, number>();
  for (const { index, parent } of kept) last.set(parent, index);
  const wanted = leafKey === undefined ? undefined : kept.find(({ keys }) => keys.includes(leafKey))?.index;
  const path = new Map<number | undefined, number>();
  const end = wanted ?? kept.at(-1)?.index;
  for (let at = end; at !== undefined; at = kept[at]?.parent) path.set(kept[at]?.parent, at);
  const active = new Set([...last].map(([parent, index]) => path.get(parent) ?? index));
  // The path continues below the end.
  let leaf = end;
  for (let next = leaf; next !== undefined; next = last.get(next)) leaf = next;
  return { ...(leaf !== undefined && { leaf }), active };
}

function titleFor(title: string | undefined, messages: readonly FileMessage[]): string {
  const own = title
    ?.replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, maxTitle);
  if (own) return own.toWellFormed().trim();
  const first = messages.find(({ role, text }) => role === 'user' && text.trim() !== '')?.text;
  return (first === undefined ? '' : titleOf(first.trim().slice(0, maxTitle))) || untitled;
}
