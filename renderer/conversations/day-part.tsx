import { type ReactNode, memo } from 'react';
import type { DayPart as Part } from './by-day.ts';
import { ConversationRow } from './conversation-row.tsx';

/** Part of a group of chats. The group's heading is above its first part. */
export const DayPart = memo(function DayPart({
  part: { key, label, first, conversations },
  activeId,
}: {
  readonly part: Part;
  readonly activeId: string | undefined;
}): ReactNode {
  const rows = (
    <ul aria-label={first ? undefined : label} className="space-y-px pb-px">
      {conversations.map((conversation) => (
        <ConversationRow key={conversation.id} conversation={conversation} active={conversation.id === activeId} />
      ))}
    </ul>
  );
  if (!first) return <div data-part={key}>{rows}</div>;
  return (
    <section aria-label={label} data-part={key}>
      <h2 className="px-2 pt-4 pb-1.5 text-xs font-medium text-faint">{label}</h2>
      {rows}
    </section>
  );
});
