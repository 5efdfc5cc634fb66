/** Schemas that several calls share. */
import { z } from 'zod';
import { maxMessageCharacters } from './values.ts';

export const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/);

export const ids = z.array(id).min(1).max(10_000);

export const title = z.string().trim().min(1).max(200);

export const path = z.string().min(1).max(32_768);

export const messageText = z.string().max(maxMessageCharacters);

/** Bytes of a file. JSON Schema has no such type, so the annotation says it. */
export const bytes = (most: number): z.ZodType<Uint8Array> =>
  z
    .instanceof(Uint8Array)
    .refine(({ byteLength }) => byteLength <= most)
    .meta({ type: 'bytes', maxLength: most });

/** Chats per page of the list. */
export const pageSize = z.number().int().min(1).max(1000);
