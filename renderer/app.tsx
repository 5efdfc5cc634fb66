import { Tooltip } from 'radix-ui';
import type { ReactNode } from 'react';
import { ChatSettingsDialog } from './chat-settings/chat-settings-dialog.tsx';
import { ChatScreen } from './chat/chat-screen.tsx';
import { commands, paletteCommand } from './commands/commands.ts';
import { Palette } from './commands/palette.tsx';
import { ShortcutsDialog } from './commands/shortcuts-dialog.tsx';
import { LeaveDialog } from './conversations/leave-dialog.tsx';
import { Sidebar } from './conversations/sidebar.tsx';
import { SalvageNotice } from './data/salvage-notice.tsx';
import { ChatImportDialog } from './exchange/chat-import-dialog.tsx';
import { ExportDialog } from './exchange/export-dialog.tsx';
import { LinkDialog } from './links/link-dialog.tsx';
import { DropTarget } from './models/drop-target.tsx';
import { GetModelsScreen } from './models/get-models.tsx';
import { CopyProgress } from './models/copy-progress.tsx';
import { ImportDialog } from './models/import-dialog.tsx';
import { Header } from './models/header.tsx';
import { TemplateDialog } from './models/template-dialog.tsx';
import { LibraryScreen } from './models/library-screen.tsx';
import { FillDialog } from './prompts/fill-dialog.tsx';
import { PromptsDialog } from './prompts/prompts-dialog.tsx';
import { NoticesDialog } from './settings/notices-dialog.tsx';
import { SettingsDialog } from './settings/settings-dialog.tsx';
import { useLanguage } from './strings/index.ts';
import { Announcer } from './ui/announcer.tsx';
import { later } from './ui/later.tsx';
import { useLayout } from './ui/layout.ts';
import { useScreen } from './ui/screen.ts';
import { type Shortcuts, useShortcuts } from './ui/shortcuts.ts';
import { Toasts } from './ui/toasts.tsx';

const LatencyPanel = later(async () => (await import('./latency/panel.tsx')).LatencyPanel);

const shortcuts: Shortcuts = Object.fromEntries(
  [paletteCommand, ...commands].flatMap(({ keys, run }) => (keys === undefined ? [] : [[keys, run]])),
);

export function App(): ReactNode {
  const { sidebar, latency } = useLayout();
  const screen = useScreen(({ name }) => name);
  useShortcuts(shortcuts);
  useLanguage();
  return (
    <Tooltip.Provider delayDuration={500}>
      <div className="relative flex h-full">
        {sidebar && <Sidebar />}
        <div className="flex min-w-0 flex-1 flex-col">
          <Header />
          <CopyProgress />
          <SalvageNotice />
          {screen === 'chat' ? <ChatScreen /> : screen === 'models' ? <LibraryScreen /> : <GetModelsScreen />}
        </div>
        {latency && <LatencyPanel />}
      </div>
      <SettingsDialog />
      <NoticesDialog />
      <ChatSettingsDialog />
      <TemplateDialog />
      <LeaveDialog />
      <PromptsDialog />
      <FillDialog />
      <Palette />
      <ShortcutsDialog />
      <LinkDialog />
      <ImportDialog />
      <ExportDialog />
      <ChatImportDialog />
      <DropTarget />
      <Toasts />
      <Announcer />
    </Tooltip.Provider>
  );
}
