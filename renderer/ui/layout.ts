/** Which panels are open, as the person left them. In a narrow window, the sidebar is closed at first. */
import { create } from 'zustand';
import { lasting } from './memory.ts';

interface Layout {
  readonly sidebar: boolean;
  readonly toggleSidebar: () => void;
  readonly latency: boolean;
  readonly toggleLatency: () => void;
  readonly showLatency: () => void;
}

const narrowPx = 720;

export const useLayout = create<Layout>((set, get) => ({
  sidebar: lasting.read('sidebar') === undefined ? innerWidth >= narrowPx : lasting.read('sidebar') === 'shown',
  toggleSidebar: () => {
    const sidebar = !get().sidebar;
    lasting.write('sidebar', sidebar ? 'shown' : 'hidden');
    set({ sidebar });
  },
  latency: lasting.read('latency') === 'shown',
  toggleLatency: () => {
    const latency = !get().latency;
    lasting.write('latency', latency ? 'shown' : 'hidden');
    set({ latency });
  },
  showLatency: () => {
    if (!get().latency) get().toggleLatency();
  },
}));
