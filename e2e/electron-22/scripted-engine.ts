/**
 * An engine process that follows a script, because Wyvern's own needs what Electron 22 lacks: Node-API 9 for the addon, and
 * sets in regular expressions (Chromium 112) for the tokenizers. It answers with {@link answerTo} the question, word by word;
 * a question with {@link endless} gets words until it is stopped.
 */
import type { EngineEvent, EngineRequest } from '../../main/engine/protocol.ts';
import { loadedModel, statistics } from '../../main/testing/scripted-engine.ts';

export const endless = 'Go on and on';
export const firstWords = 'I go on ';

export function answerTo(question: string): string {
  return `You wrote **${question}** and nothing else.`;
}

interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

function serve(port: ParentPort): void {
  const say = (event: EngineEvent): void => port.postMessage(event);
  const token = (text: string): EngineEvent & { type: 'tokens' } => ({
    ...{ type: 'tokens', id: running },
    tokens: [{ id: 1, text, stepUs: 1000, samplingUs: 10 }],
  });
  const end = (text: string, reason: 'stop' | 'cancelled'): void =>
    say({ type: 'done', id: running, text, tokens: [], reason, statistics });
  let running = '';

  const generate = ({ id, input: { prompt } }: Extract<EngineRequest, { type: 'generate' }>): void => {
    const question = prompt.kind === 'messages' ? (prompt.messages.at(-1)?.content ?? '') : '';
    running = id;
    say({ type: 'prefilled', id, promptTokens: 4, reusedTokens: 0, prefillUs: 10, chunks: [], residentBytes: 1000 });
    if (question.includes(endless)) {
      say(token(firstWords));
      return;
    }
    const answer = answerTo(question);
    for (const word of answer.match(/\S+\s*/g) ?? []) say(token(word));
    end(answer, 'stop');
  };

  port.on('message', ({ data }) => {
    const request = data as EngineRequest;
    switch (request.type) {
      case 'load':
        say({ type: 'loaded', id: request.id, model: loadedModel('Script') });
        break;
      case 'generate':
        generate(request);
        break;
      case 'stop':
        if (request.id === running) end(firstWords, 'cancelled');
        break;
      case 'count':
        say({ type: 'counted', id: request.id, tokens: 1 });
        break;
      case 'shutdown':
        process.exit();
        break;
      case 'benchmark':
      case 'preview':
      case 'template':
        say({ type: 'log', level: 'error', message: `The script has no ${request.type}` });
    }
  });
  say({ type: 'ready' });
}

const { parentPort } = process as { readonly parentPort?: ParentPort };
if (parentPort) serve(parentPort);
