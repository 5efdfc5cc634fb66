import { Check, Copy, type LucideIcon } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { strings } from '../strings/index.ts';
import { announce } from './announcer.tsx';
import { copyText } from './copy-text.ts';
import { IconButton } from './icon-button.tsx';
import { showToast } from './toasts-store.ts';

const thankMs = 1600;

export function CopyButton({
  name,
  text,
  icon: Icon = Copy,
  size = 'medium',
}: {
  readonly name: string;
  readonly text: () => string;
  readonly icon?: LucideIcon;
  readonly size?: 'small' | 'medium';
}): ReactNode {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), thankMs);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async (): Promise<void> => {
    if (await copyText(text())) {
      setCopied(true);
      announce(strings.chat.copied);
    } else {
      showToast({ tone: 'danger', title: strings.chat.copyFailed });
    }
  };
  return (
    <IconButton name={copied ? strings.chat.copied : name} size={size} onClick={() => void copy()}>
      {copied ? <Check className="text-positive" /> : <Icon />}
    </IconButton>
  );
}
