/** Schemas that several calls share. */
import { z } from 'zod';

export const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/);

export const ids = z.array(id).min(1).max(10_000);

export const title = z.string().trim().min(1).max(200);

export const path = z.string().min(1).max(32_768);

/** Longest message. It exceeds every context, so that the model's context is the limit that people meet. */
export const maxMessageCharacters = 2_000_000;

export const messageText = z.string().max(maxMessageCharacters);

/** Chats per page of the list. */
export const pageSize = z.number().int().min(1).max(1000);
