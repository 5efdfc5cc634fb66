/** A window of the built app with its own user data. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { ChatPage } from '../e2e/chat-page.ts';
import { startShell } from '../e2e/shell.ts';
import { tinyLlama } from '../e2e/tiny-llama.ts';

const timeoutMs = 120_000;

/**
 * Opens the window, waits for its model, and closes it after `work`.
 * @param environment Returns the environment for a folder of user data, which is deleted afterwards
 */
export async function withWindow<T>(
  environment: (folder: string) => Readonly<Record<string, string>>,
  work: (chat: ChatPage, page: Page, folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-bench-'));
  const shell = await within(
    startShell({ WYVERN_USER_DATA: folder, ...environment(folder) }, () => undefined),
    'the window to open',
  );
  try {
    const chat = new ChatPage(shell.page);
    await chat.modelReady();
    return await work(chat, shell.page, folder);
  } finally {
    // A window that fails to close must not hide the figure.
    await within(shell.quit(), 'the window to close').catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      shell.process.kill('SIGKILL');
    });
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A model with a scripted answer and speed; `main/engine/fake-addon.ts` documents the script. */
export function scripted(script: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { WYVERN_MODEL: tinyLlama, WYVERN_ADDON: `fake:${new URLSearchParams(script)}` };
}

/** @throws Error that names the late event. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Waited ${timeoutMs / 1000} s for ${what}.`)), timeoutMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
