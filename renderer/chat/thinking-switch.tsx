import clsx from 'clsx';
import { Lightbulb, LightbulbOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { switchThinking, useThinking } from '../chat-settings/thinking.ts';
import { strings } from '../strings/index.ts';
import { IconButton } from '../ui/icon-button.tsx';

/** Whether the model thinks before it answers in this chat. Absent if its template has no switch for that. */
export function ThinkingSwitch({ conversationId }: { readonly conversationId: string | undefined }): ReactNode {
  const on = useThinking(conversationId);
  if (on === undefined) return null;
  return (
    <IconButton
      name={strings.composer.thinking}
      hint={on ? strings.composer.thinkingOn : strings.composer.thinkingOff}
      side="top"
      size="large"
      role="switch"
      aria-checked={on}
      className={clsx(on && 'bg-accent-soft text-accent!')}
      onClick={() => void switchThinking(conversationId, !on)}
    >
      {on ? <Lightbulb /> : <LightbulbOff />}
    </IconButton>
  );
}
