/** A link that waits for the person to check its address. */
import { create } from 'zustand';
import { call } from '../bridge.ts';
import { showError } from '../ui/toasts-store.ts';

export const useLink = create<{ readonly url: string | undefined }>(() => ({ url: undefined }));

/** Normalised address of a link that may be opened; undefined for other schemes and for invalid addresses. */
export function openableUrl(href: string | undefined): string | undefined {
  if (href === undefined || !URL.canParse(href)) return undefined;
  const url = new URL(href);
  return ['https:', 'http:', 'mailto:'].includes(url.protocol) ? url.href : undefined;
}

export function askToOpen(url: string | undefined): void {
  useLink.setState({ url });
}

export async function openLink(url: string): Promise<void> {
  askToOpen(undefined);
  const result = await call('links.open', { url });
  if (!result.ok) showError(result.error);
}
