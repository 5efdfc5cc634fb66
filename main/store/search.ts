/** Searches titles and texts: with SQLite's full-text index, and by comparison for scripts without spaces. */
import type { Connection } from './connection.ts';
import type { SearchHit, Segment } from '../../preload/contract.ts';
import type { Row } from './message-row.ts';

/** Marks around hits: noncharacters, which valid text does not contain. */
const begin = '\u{fdd0}';
const end = '\u{fdd1}';
const snippetWords = 14;
const snippetCharacters = 40;

/** Chinese, Japanese kana, Korean hangul, Thai, Lao, Khmer: the index treats a run of them as one word. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

/** @returns hits in titles, then in texts, best first */
export function searcher(database: Connection): (text: string, limit: number) => readonly SearchHit[] {
  const titles = database.prepare(`
    SELECT conversations.id AS conversation_id, highlight(title_words, 0, '${begin}', '${end}') AS marked
    FROM title_words JOIN conversations ON conversations.rowid = title_words.rowid
    WHERE title_words MATCH ? AND conversations.deleted_at IS NULL ORDER BY conversations.updated_at DESC LIMIT ?`);
  const texts = database.prepare(`
    SELECT messages.conversation_id, conversations.title, messages.id, messages.role,
      snippet(message_words, 0, '${begin}', '${end}', '…', ${snippetWords}) AS marked
    FROM message_words JOIN messages ON messages.rowid = message_words.rowid
      JOIN conversations ON conversations.id = messages.conversation_id
    WHERE message_words MATCH ? AND messages.deleted_at IS NULL AND conversations.deleted_at IS NULL
    ORDER BY message_words.rank LIMIT ?`);
  const titlesWith = database.prepare(`
    SELECT id AS conversation_id, title FROM conversations
    WHERE instr(title, ?) AND deleted_at IS NULL ORDER BY updated_at DESC LIMIT ?`);
  const textsWith = database.prepare(`
    SELECT messages.conversation_id, conversations.title, messages.id, messages.role, messages.text
    FROM messages JOIN conversations ON conversations.id = messages.conversation_id
    WHERE instr(messages.text, ?) AND messages.deleted_at IS NULL AND conversations.deleted_at IS NULL
    ORDER BY messages.created_at DESC LIMIT ?`);

  const inText = (row: Row, snippet: readonly Segment[], title: readonly Segment[]): SearchHit => ({
    conversationId: String(row['conversation_id']),
    title,
    message: { id: String(row['id']), role: row['role'] === 'user' ? 'user' : 'assistant', snippet },
  });
  const whole = (title: unknown): readonly Segment[] => [{ text: String(title), hit: false }];

  return (text, limit) => {
    const wanted = text.trim();
    if (unspaced.test(wanted)) {
      const named = titlesWith.all(wanted, limit).map((row): SearchHit => ({
        conversationId: String(row['conversation_id']),
        title: around(String(row['title']), wanted),
      }));
      const said = textsWith
        .all(wanted, limit)
        .map((row) => inText(row, around(String(row['text']), wanted), whole(row['title'])));
      return [...named, ...said].slice(0, limit);
    }
    const query = queryOf(wanted);
    if (query === undefined) return [];
    const named = titles.all(query, limit).map((row): SearchHit => ({
      conversationId: String(row['conversation_id']),
      title: segments(String(row['marked'])),
    }));
    const said = texts
      .all(query, limit)
      .map((row) => inText(row, segments(String(row['marked'])), whole(row['title'])));
    return [...named, ...said].slice(0, limit);
  };
}

/** A query for all typed words, none as an operator. The last word may be incomplete. */
function queryOf(text: string): string | undefined {
  const words = text.match(/[\p{L}\p{N}\p{M}]+/gu);
  return words?.map((word, index) => `"${word}"${index === words.length - 1 ? '*' : ''}`).join(' ');
}

function segments(marked: string): readonly Segment[] {
  return marked
    .split(begin)
    .flatMap((part, index) => {
      if (index === 0) return [{ text: part, hit: false }];
      const [hit = '', rest = ''] = part.split(end, 2);
      return [
        { text: hit, hit: true },
        { text: rest, hit: false },
      ];
    })
    .filter(({ text }) => text !== '');
}

/** The first place where `text` contains `wanted`, with some text around it. */
function around(text: string, wanted: string): readonly Segment[] {
  const at = text.indexOf(wanted);
  const from = Math.max(0, at - snippetCharacters);
  const to = at + wanted.length + snippetCharacters;
  return [
    { text: (from > 0 ? '…' : '') + text.slice(from, at), hit: false },
    { text: wanted, hit: true },
    { text: text.slice(at + wanted.length, to) + (to < text.length ? '…' : ''), hit: false },
  ].filter((segment) => segment.text !== '');
}
