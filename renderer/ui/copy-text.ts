/**
 * Copies text to the clipboard during a click. The asynchronous API needs a permission that a locked-down window may
 * lack; the old command needs only the click.
 *
 * @returns false if neither was allowed
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByCommand(text);
  }
}

function copyByCommand(text: string): boolean {
  const put = (event: ClipboardEvent): void => {
    event.preventDefault();
    event.clipboardData?.setData('text/plain', text);
  };
  addEventListener('copy', put, { once: true, capture: true });
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way that needs no permission
  const copied = document.execCommand('copy');
  removeEventListener('copy', put, { capture: true });
  return copied;
}
