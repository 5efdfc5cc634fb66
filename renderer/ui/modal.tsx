import { X } from 'lucide-react';
import { type ReactNode, type RefObject, useId, useLayoutEffect, useRef } from 'react';
import { strings } from '../strings/index.ts';
import { IconButton } from './icon-button.tsx';
import { InModal } from './in-modal.ts';
import { rememberFocus } from './kept-focus.ts';

/** Shows the dialog modally while it is mounted, and restores the focus after it. */
function useModal(dialog: RefObject<HTMLDialogElement | null>): void {
  // The cleanup of a layout effect runs while the dialog is still in the page; only then does closing restore the
  // focus.
  useLayoutEffect(() => {
    const element = dialog.current;
    // The browser restores the focus to the previous element, which may be a closed menu's item.
    const returnFocus = rememberFocus();
    element?.showModal();
    // Focus the dialog, not its first button, so that nothing is preselected. A field may ask for the focus.
    (element?.querySelector<HTMLElement>('[data-first-focus]') ?? element)?.focus();
    return () => {
      element?.close();
      returnFocus();
    };
  }, [dialog]);
}

/**
 * A dialog on the browser's own element: it traps the focus, Escape closes it, and the page behind is inert. Its
 * content is mounted only while it is open.
 */
export function Modal({
  title,
  width,
  bare = false,
  place = 'middle',
  onClose,
  children,
}: {
  readonly title: string;
  readonly width: string;
  /** Hides the heading and the close button, for content with its own heading. */
  readonly bare?: boolean;
  readonly place?: 'middle' | 'top';
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useModal(dialog);
  const close = (): void => {
    // Removing a field fires no blur, and its text would be lost.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    onClose();
  };
  return (
    <dialog
      ref={dialog}
      tabIndex={-1}
      {...(bare ? { 'aria-label': title } : { 'aria-labelledby': titleId })}
      className={`enter ${place === 'top' ? 'mx-auto mt-[12vh] max-h-[min(36rem,calc(88vh-2rem))]' : 'm-auto max-h-[min(44rem,calc(100vh-4rem))]'} max-w-[calc(100vw-3rem)] rounded-2xl border border-line outline-none bg-raised text-ink shadow-high ${width}`}
      onKeyDown={(event) => {
        // The tooltip of the button that opened the dialog may handle Escape, and the browser then ignores it.
        if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
        event.preventDefault();
        close();
      }}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        // The backdrop belongs to the dialog, so a click on the dialog itself is outside its content.
        if (event.target === dialog.current) close();
      }}
    >
      <InModal value>
        <div className="flex max-h-[inherit] flex-col">
          {!bare && <Header id={titleId} title={title} onClose={close} />}
          {children}
        </div>
      </InModal>
    </dialog>
  );
}

function Header({
  id,
  title,
  onClose,
}: {
  readonly id: string;
  readonly title: string;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <header className="flex items-center justify-between gap-4 pt-4 pr-4 pb-3 pl-6">
      <h2 id={id} className="font-display text-lg font-semibold tracking-tight">
        {title}
      </h2>
      <IconButton name={strings.settings.close} onClick={onClose}>
        <X />
      </IconButton>
    </header>
  );
}
