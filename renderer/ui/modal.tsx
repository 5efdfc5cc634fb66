import { X } from 'lucide-react';
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { strings } from '../strings/index.ts';
import { IconButton } from './icon-button.tsx';
import { InModal } from './in-modal.ts';
import { rememberFocus } from './kept-focus.ts';

/**
 * A dialog on the platform's own element: focus stays inside, Escape closes, the page behind is inert. Its content is
 * mounted while it is open only.
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
  /** Without a heading and its button: what is inside says what it is. */
  readonly bare?: boolean;
  readonly place?: 'middle' | 'top';
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // A layout effect is undone while the dialog is still in the page: only then does closing it give the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    // The platform gives it back to what had it; that may be the entry of a menu, which is gone by then.
    const returnFocus = rememberFocus();
    element?.showModal();
    // The dialog itself, not its first button: nothing is chosen for the person. A field may ask for it.
    (element?.querySelector<HTMLElement>('[data-first-focus]') ?? element)?.focus();
    return () => {
      element?.close();
      returnFocus();
    };
  }, []);

  const close = (): void => {
    // A field that is removed is not left: what was typed in it would be lost.
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
        // The tooltip of the button that opened this may take Escape for itself, and the platform then hears nothing.
        if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
        event.preventDefault();
        close();
      }}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        // The backdrop belongs to the dialog itself: a click that met no child of it is outside.
        if (event.target === dialog.current) close();
      }}
    >
      <InModal value>
        <div className="flex max-h-[inherit] flex-col">
          {!bare && (
            <header className="flex items-center justify-between gap-4 pt-4 pr-4 pb-3 pl-6">
              <h2 id={titleId} className="font-display text-lg font-semibold tracking-tight">
                {title}
              </h2>
              <IconButton name={strings.settings.close} onClick={close}>
                <X />
              </IconButton>
            </header>
          )}
          {children}
        </div>
      </InModal>
    </dialog>
  );
}
