/** Repairs the links between the messages of a conversation. */
import { randomUUID } from 'node:crypto';
import type { Connection } from './connection.ts';
import { idForm } from './mend-conversations.ts';
import { messageDamaged, safeInteger } from './message-row.ts';

interface Node {
  readonly id: string;
  readonly parentId: string | null;
  readonly depth: number;
  readonly position: number;
  readonly role: string;
  readonly active: boolean;
}

export interface Linker {
  /**
   * Repairs the links in the conversation of a message. A damaged message takes the place of a missing one, so that the thread
   * shows the gap. Where links and depths contradict each other, the choice hides as little as possible.
   */
  around(messageId: string): void;
  /** Puts a damaged message below `parentId` in place of a missing leaf. */
  leaf(conversationId: string, missing: string, parentId: string | undefined): void;
}

/** Whether this can be the id of a message. */
export function canStandFor(id: string): boolean {
  return idForm.test(id);
}

export function linker(database: Connection): Linker {
  const conversation = database.prepare('SELECT conversation_id FROM messages WHERE id = ?');
  const all = database.prepare(`
    SELECT id, parent_id, role, active = 1 AS active, ${safeInteger('depth')}, ${safeInteger('position')} FROM messages
    WHERE conversation_id = ? AND typeof(id) = 'text' ORDER BY messages.position`);
  const isKnown = database.prepare('SELECT 1 FROM messages WHERE id = ?');
  const update = database.prepare('UPDATE messages SET parent_id = ?, depth = ? WHERE id = ?');
  const insert = database.prepare(`
    INSERT INTO messages (id, conversation_id, position, parent_id, depth, role, text, state, created_at, error)
    VALUES (?, ?, ?, ?, ?, ?, '', 'failed', ?, ?)`);
  const last = database.prepare(`
    SELECT ${safeInteger('max(position)', 'position')}, ${safeInteger('max(created_at)', 'created_at')},
      (SELECT ${safeInteger('depth')} FROM messages WHERE id = ?2) AS depth
    FROM messages WHERE conversation_id = ?1`);

  const relink = (messageId: string): void => {
    const conversationId = conversation.get(messageId)?.['conversation_id'];
    if (conversationId === undefined) return;
    const nodes = all.all(conversationId).map((row): Node => ({
      id: String(row['id']),
      parentId: typeof row['parent_id'] === 'string' ? row['parent_id'] : null,
      depth: Number(row['depth']),
      position: Number(row['position']),
      role: String(row['role']),
      active: row['active'] === 1,
    }));
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const followed = new Set(nodes.map(({ parentId }) => parentId));
    const positions = new Set(nodes.map(({ position }) => position));
    const parents = new Map<string, string | null>();
    /** Inserts a damaged message for a missing one. @returns its id: the missing one's, unless another message has it */
    const stand = (node: Node, missing: string): string => {
      const id = canStandFor(missing) && !isKnown.get(missing) ? missing : randomUUID();
      let position = node.position - 1;
      while (positions.has(position)) position -= 1;
      positions.add(position);
      const above = latestBefore(nodes, node, node.depth - 2) ?? latestBefore(nodes, node);
      const role = node.role === 'user' ? 'assistant' : 'user';
      insert.run(id, conversationId, position, above?.id ?? null, 0, role, 0, JSON.stringify(messageDamaged));
      parents.set(id, above?.id ?? null);
      return id;
    };
    const stands = new Map<string, string>();
    for (const node of nodes) {
      const { id, parentId } = node;
      const stated = parentId === null || parentId === id ? undefined : byId.get(parentId);
      // If the expected message exists and nothing else follows it, the link is damaged.
      const before = latestBefore(nodes, node, node.depth - 1);
      const isLost = parentId !== null && parentId !== id && !stated && !(before?.active && !followed.has(before.id));
      if (isLost && !stands.has(parentId)) stands.set(parentId, stand(node, parentId));
      parents.set(id, stands.get(parentId ?? '') ?? parentOf(node, stated, nodes)?.id ?? null);
    }
    const depths = new Map<string, number>();
    for (const id of parents.keys()) depthOf(id, parents, depths);
    for (const [id, depth] of depths) update.run(parents.get(id) ?? null, depth, id);
  };
  return {
    around: (messageId) => database.together(() => relink(messageId)),
    leaf(conversationId, missing, parentId) {
      const end = last.get(conversationId, parentId ?? null);
      const depth = parentId === undefined ? 0 : Number(end?.['depth']) + 1;
      const place = [Number(end?.['position']) + 1, parentId ?? null, depth] as const;
      insert.run(
        missing,
        conversationId,
        ...place,
        'assistant',
        Number(end?.['created_at']),
        JSON.stringify(messageDamaged),
      );
    },
  };
}

/** Children by parent, as stored, unless the depths point to a later message. */
function parentOf(node: Node, stated: Node | undefined, nodes: readonly Node[]): Node | undefined {
  if (stated && stated.depth + 1 === node.depth) return stated;
  const byDepth = node.depth > 0 ? latestBefore(nodes, node, node.depth - 1) : undefined;
  if (!stated || !byDepth) return stated ?? byDepth;
  // A message is created after its parent.
  const late = stated.position > node.position;
  return late || byDepth.position > stated.position ? byDepth : stated;
}

function latestBefore(nodes: readonly Node[], { position }: Node, depth?: number): Node | undefined {
  return nodes.findLast((one) => one.position < position && (depth === undefined || one.depth === depth));
}

/** No recursion: a path may exceed the stack. A circle is cut where the walk meets it again. */
function depthOf(id: string, parents: Map<string, string | null>, depths: Map<string, number>): void {
  const path: string[] = [];
  const onPath = new Set<string>();
  let at: string | null = id;
  while (at !== null && !depths.has(at)) {
    path.push(at);
    onPath.add(at);
    const above: string | null = parents.get(at) ?? null;
    if (above !== null && (onPath.has(above) || !parents.has(above))) parents.set(at, null);
    at = parents.get(at) ?? null;
  }
  let depth = at === null ? -1 : (depths.get(at) ?? -1);
  for (const one of path.reverse()) depths.set(one, ++depth);
}
