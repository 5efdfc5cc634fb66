import { Tooltip } from 'radix-ui';
import { type ReactNode, useMemo } from 'react';
import { ChatSettingsDialog } from './chat-settings/chat-settings-dialog.tsx';
import { ChatScreen } from './chat/chat-screen.tsx';
import { focusComposer } from './chat/focus.ts';
import { stop } from './chat/store.ts';
import { Sidebar } from './conversations/sidebar.tsx';
import { openConversation } from './conversations/store.ts';
import { LatencyPanel } from './latency/panel.tsx';
import { LinkDialog } from './links/link-dialog.tsx';
import { DropTarget } from './models/drop-target.tsx';
import { Header } from './models/header.tsx';
import { SettingsDialog } from './settings/settings-dialog.tsx';
import { showSettings } from './settings/store.ts';
import { Announcer } from './ui/announcer.tsx';
import { useLayout } from './ui/layout.ts';
import { type Shortcuts, useShortcuts } from './ui/shortcuts.ts';
import { Toasts } from './ui/toasts.tsx';

export function App(): ReactNode {
  const { sidebar, toggleSidebar, latency, toggleLatency } = useLayout();
  const shortcuts = useMemo<Shortcuts>(
    () => ({
      'Ctrl+N': () => {
        openConversation(undefined);
        focusComposer();
      },
      'Ctrl+L': focusComposer,
      'Ctrl+B': toggleSidebar,
      'Ctrl+Shift+L': toggleLatency,
      'Ctrl+,': () => showSettings(true),
      Escape: () => void stop(),
    }),
    [toggleSidebar, toggleLatency],
  );
  useShortcuts(shortcuts);
  return (
    <Tooltip.Provider delayDuration={500}>
      <div className="relative flex h-full">
        {sidebar && <Sidebar />}
        <div className="flex min-w-0 flex-1 flex-col">
          <Header />
          <ChatScreen />
        </div>
        {latency && <LatencyPanel />}
      </div>
      <SettingsDialog />
      <ChatSettingsDialog />
      <LinkDialog />
      <DropTarget />
      <Toasts />
      <Announcer />
    </Tooltip.Provider>
  );
}
