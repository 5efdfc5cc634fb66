import { Fragment, type ReactNode } from 'react';
import { strings } from '../strings/index.ts';
import { Keys } from '../ui/keys.tsx';
import { Modal } from '../ui/modal.tsx';
import { commands, paletteCommand } from './commands.ts';
import { closeCommands, useCommandsState } from './store.ts';

export function ShortcutsDialog(): ReactNode {
  const open = useCommandsState((state) => state.open === 'shortcuts');
  if (!open) return null;
  return (
    <Modal title={strings.commands.shortcuts} width="w-[30rem]" onClose={closeCommands}>
      <div className="overflow-y-auto px-6 pb-7">
        <dl className="grid grid-cols-[1fr_auto] items-center gap-x-6 gap-y-2.5 text-sm">
          {[...windowKeys(), ...strings.commands.typing].map(([keys, what]) => (
            <Fragment key={what}>
              <dt>{what}</dt>
              <dd className="text-right">
                <Keys keys={keys} />
              </dd>
            </Fragment>
          ))}
        </dl>
      </div>
    </Modal>
  );
}

function windowKeys(): readonly (readonly [keys: string, what: string])[] {
  return [paletteCommand, ...commands].flatMap(({ keys, title }) =>
    keys === undefined ? [] : [[keys, title()] as const],
  );
}
