/** Reads the JSON body of a request, bounded in size and depth. */
import type { IncomingMessage } from 'node:http';
import { parseBounded } from '../engine/bounded-json.ts';
import { ApiError } from './errors.ts';

/** More than the context of every model that a laptop runs. */
export const mostBodyBytes = 16 * 2 ** 20;
const maxDepth = 64;

/** @throws ApiError `body-too-large`, `body-invalid` */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > mostBodyBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // After an error Node reads the rest and drops it, so that the client gets the response.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return parsed(Buffer.concat(chunks));
}

function parsed(bytes: Buffer): unknown {
  try {
    return parseBounded(new TextDecoder('utf-8', { fatal: true }).decode(bytes), { maxDepth });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApiError(
      400,
      'body-invalid',
      `The body cannot be read: ${reason.slice(0, 300)} Send one JSON object in UTF-8.`,
    );
  }
}

function tooLarge(): ApiError {
  return new ApiError(413, 'body-too-large', `The body has more than ${mostBodyBytes} bytes. Shorten the messages.`);
}
