import type { ReactNode } from 'react';
import type { Settings } from '../../preload/contract.ts';
import { NumberInput, type NumberName } from './number-input.tsx';
import { changeSettings } from './store.ts';

/** A number setting that is stored when the field loses focus. */
export function NumberField({
  name,
  settings,
}: {
  readonly name: Exclude<NumberName, 'seed'>;
  readonly settings: Settings;
}): ReactNode {
  return (
    <NumberInput
      name={name}
      value={settings[name]}
      onKeep={(value) => {
        if (value !== undefined && value !== settings[name]) void changeSettings({ [name]: value });
      }}
    />
  );
}
