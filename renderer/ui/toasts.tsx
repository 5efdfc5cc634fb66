import { CircleAlert, X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { strings } from '../strings/index.ts';
import { Button } from './button.tsx';
import { ErrorText } from './error-text.tsx';
import { IconButton } from './icon-button.tsx';
import { type Toast, dismissToast, useToasts } from './toasts-store.ts';

/** Long enough to read twice and reach the button. Pauses while hovered or focused. */
const shownMs = { plain: 10_000, danger: 20_000 } as const;

export function Toasts(): ReactNode {
  const toasts = useToasts();
  return (
    <Radix.Provider label={strings.toast.region} swipeDirection="right">
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
      <Radix.Viewport
        label={strings.toast.region}
        className="fixed top-16 right-5 z-50 flex w-88 max-w-[calc(100vw-2.5rem)] flex-col gap-2.5"
      />
    </Radix.Provider>
  );
}

function ToastCard({ toast }: { readonly toast: Toast }): ReactNode {
  const { id, tone, title, body, error, action } = toast;
  return (
    <Radix.Root
      type={tone === 'danger' ? 'foreground' : 'background'}
      duration={shownMs[tone]}
      onOpenChange={(open) => {
        if (!open) dismissToast(id);
      }}
      className="enter flex items-start gap-3 rounded-xl border border-line bg-raised py-3 pr-2.5 pl-4 shadow-high"
    >
      {tone === 'danger' && <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-danger" />}
      <div className="min-w-0 flex-1 py-0.5 text-sm">
        <Radix.Title className="font-medium wrap-anywhere">{title}</Radix.Title>
        {(body !== undefined || error) && (
          <Radix.Description asChild>
            <div className="mt-1 max-h-60 space-y-1 overflow-y-auto wrap-anywhere">
              {body !== undefined && <p className="text-muted">{body}</p>}
              {error && <ErrorText error={error} />}
            </div>
          </Radix.Description>
        )}
      </div>
      {action && (
        <Radix.Action asChild altText={action.label}>
          <Button look="link" onClick={action.run}>
            {action.label}
          </Button>
        </Radix.Action>
      )}
      <Radix.Close asChild>
        <IconButton name={strings.toast.dismiss} size="small" className="-my-0.5">
          <X />
        </IconButton>
      </Radix.Close>
    </Radix.Root>
  );
}
