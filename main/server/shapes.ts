/** The bodies of both routes of answers, whole and as chunks of a stream. */
import { randomUUID } from 'node:crypto';
import type { ToolCall } from '../engine/protocol.ts';
import { usageOf, type Finish, type Piece, type Usage, type WholeAnswer } from './answer.ts';

export interface Shape {
  whole(answer: WholeAnswer): object;
  /** The chunk before the first piece. */
  readonly opening: object | undefined;
  piece(piece: Piece): object;
  closing(finish: Finish): object;
  /** The last chunk of a client that asked for it. */
  usage(usage: Usage): object;
}

interface ShapeOptions {
  readonly model: string;
  /** Each chunk has the field `usage`. */
  readonly includesUsage: boolean;
}

function head(prefix: string, object: string, { model }: ShapeOptions): object {
  const id = `${prefix}-${randomUUID().replaceAll('-', '')}`;
  return { id, object, created: Math.floor(Date.now() / 1000), model };
}

const toCall = ({ id, name, arguments: given }: ToolCall): object => ({
  id,
  type: 'function',
  function: { name, arguments: JSON.stringify(given) },
});

export function chatShape(options: ShapeOptions): Shape {
  const whole = head('chatcmpl', 'chat.completion', options);
  const chunk = { ...whole, object: 'chat.completion.chunk' };
  const noUsage = options.includesUsage ? { usage: null } : {};
  const delta = (content: object, finish: Finish | null = null): object => ({
    ...chunk,
    choices: [{ index: 0, delta: content, logprobs: null, finish_reason: finish }],
    ...noUsage,
  });
  return {
    whole: ({ text, thought, calls, finish, usage }) => ({
      ...whole,
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: text === '' && calls.length > 0 ? null : text,
            refusal: null,
            ...(thought === '' ? {} : { reasoning_content: thought }),
            ...(calls.length === 0 ? {} : { tool_calls: calls.map(toCall) }),
          },
          logprobs: null,
          finish_reason: finish,
        },
      ],
      usage: usageOf(usage),
    }),
    opening: delta({ role: 'assistant', content: '' }),
    piece: (piece) => {
      if (piece.kind === 'call') return delta({ tool_calls: [{ index: piece.index, ...toCall(piece.call) }] });
      return delta(piece.kind === 'text' ? { content: piece.text } : { reasoning_content: piece.text });
    },
    closing: (finish) => delta({}, finish),
    usage: (usage) => ({ ...chunk, choices: [], usage: usageOf(usage) }),
  };
}

/** Raw text has neither thoughts nor calls. */
export function completionShape(options: ShapeOptions): Shape {
  const whole = head('cmpl', 'text_completion', options);
  const noUsage = options.includesUsage ? { usage: null } : {};
  const choices = (text: string, finish: Finish | null): object => ({
    choices: [{ index: 0, text, logprobs: null, finish_reason: finish }],
  });
  return {
    whole: ({ text, finish, usage }) => ({ ...whole, ...choices(text, finish), usage: usageOf(usage) }),
    opening: undefined,
    piece: (piece) => ({ ...whole, ...choices(piece.kind === 'text' ? piece.text : '', null), ...noUsage }),
    closing: (finish) => ({ ...whole, ...choices('', finish), ...noUsage }),
    usage: (usage) => ({ ...whole, choices: [], usage: usageOf(usage) }),
  };
}
