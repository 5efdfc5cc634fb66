/** Chooses set-up's stages for a machine. */
import { arm64Addon } from '../arm64/addon.mjs';
import { arm64Node } from '../arm64/emulated-node.mjs';
import { arm64Tools } from '../arm64/tools.mjs';
import { electron22Binary, electron22Display } from '../electron/electron-22.mjs';
import { addon } from './addon.mjs';
import { app } from './app.mjs';
import { chromium } from './chromium.mjs';
import { commitHook } from './commit-hook.mjs';
import { electron, wantsElectron } from './electron.mjs';
import { model } from './model.mjs';
import { npmPackages } from './npm-packages.mjs';
import { python, pythonForExport, pythonForOptimum, pythonForWindows } from './python.mjs';
import { qnnEmulator, whyNoEmulator } from './qnn.mjs';
import { qnnWindows } from './qnn-windows.mjs';
import { sanitizers } from './sanitizers.mjs';
import { sentencePiece } from './sentencepiece.mjs';
import { windowsEmulatorStage } from '../wine/emulator.mjs';
import { windowsPartStages } from '../wine/parts.mjs';
import { wineRoots } from '../wine/roots.mjs';
import { windowsNodes } from '../wine/windows-node.mjs';

/** @typedef {import('./stage.mjs').Stage} Stage */

/**
 * @typedef {object} Wishes
 * @property {boolean} [browser] Install Chromium if there is none and installing is allowed.
 * @property {boolean} [app] Also build the app.
 * @property {boolean} [export] Also the two environments with torch.
 * @property {boolean} [emulator] Also Qualcomm's HTP emulator, on Linux x86_64.
 * @property {boolean} [arm64] Also Node and the addon for Linux on arm64, and QEMU to run them.
 * @property {boolean} [electron22] Also Electron 22 and a virtual display, for the checks of Electron's API.
 * @property {boolean} [sanitizers] Also the addon with sanitizers, and Clang if there is none and installing is allowed.
 * @property {boolean} [windows] Also the compiler for `npm run check:windows`.
 * @property {boolean} [wine] With `windows`: also Wine, Node and the addon's parts for `npm run test:windows`.
 * @property {boolean} [package] Also the installer's NPU libraries.
 * @property {boolean} [electron] Try to download Electron's binary again after a failure.
 */

/**
 * The machine that set-up runs on.
 * @typedef {object} Machine
 * @property {NodeJS.Platform} platform
 * @property {string} arch Of Node.
 */

/** @returns {Machine} */
const thisMachine = () => ({ platform: process.platform, arch: process.arch });

/**
 * Returns stages with the stages that they wait for. Independent stages run at the same time.
 * @param {Wishes} wishes
 * @param {Machine} [machine]
 * @returns {readonly { stage: Stage, after: readonly Stage[] }[]}
 */
export function plan(wishes, { platform, arch } = thisMachine()) {
  const again = wishes.electron ?? false;
  const emulator = wishes.emulator === true && whyNoEmulator(platform, arch) === undefined;
  return [
    { stage: npmPackages, after: [] },
    { stage: python, after: [] },
    { stage: commitHook, after: [] },
    ...(wishes.browser ? [{ stage: chromium, after: [] }] : []),
    // Upstream publishes no C++ SDK for Windows; the release workflow builds the addon there from source.
    ...(platform === 'win32'
      ? []
      : [
          { stage: sentencePiece, after: [python] },
          { stage: addon, after: [npmPackages, sentencePiece] },
        ]),
    { stage: model, after: [npmPackages, python] },
    ...(wantsElectron(again) ? [{ stage: electron({ again }), after: [npmPackages] }] : []),
    ...(emulator ? [{ stage: qnnEmulator, after: [python] }] : []),
    ...(wishes.arm64 ? arm64Stages : []),
    ...(wishes.electron22 ? electron22Stages : []),
    ...(wishes.sanitizers ? [{ stage: sanitizers, after: [npmPackages, python] }] : []),
    ...(wishes.app ? [{ stage: app, after: [npmPackages] }] : []),
    ...(wishes.export ? exportStages : []),
    ...(wishes.package ? [{ stage: qnnWindows, after: [python] }] : []),
    ...(wishes.windows ? [{ stage: pythonForWindows, after: [] }] : []),
    ...(wishes.wine ? wineStages : []),
  ];
}

/** Wine first: where it cannot run, nothing else is worth its time. */
const wineStages = [
  { stage: wineRoots, after: [python] },
  { stage: windowsNodes, after: [npmPackages, wineRoots] },
  { stage: windowsEmulatorStage, after: [wineRoots] },
  { stage: windowsPartStages, after: [npmPackages, pythonForWindows, wineRoots] },
];

/** One after the other: both download torch, and the second then finds it in pip's cache. */
const exportStages = [
  { stage: pythonForExport, after: [] },
  { stage: pythonForOptimum, after: [pythonForExport] },
];

const electron22Stages = [
  { stage: electron22Display, after: [] },
  { stage: electron22Binary, after: [python, electron22Display] },
];

/** The cross build also waits for this machine's addon: two builds at once would only slow each other down. */
const arm64Stages = [
  { stage: arm64Tools, after: [] },
  { stage: arm64Node, after: [npmPackages] },
  { stage: arm64Addon, after: [npmPackages, python, arm64Tools, addon] },
];

/**
 * Returns sentences for the person about the limits of a machine.
 * @param {Wishes} wishes
 * @param {Machine} [machine]
 * @returns {readonly string[]}
 */
export function limits(wishes, { platform, arch } = thisMachine()) {
  if (platform === 'win32') {
    return [
      'on Windows, set-up does not build the native addon: put wyvern.node from the release workflow into resources/native',
    ];
  }
  const reason = whyNoEmulator(platform, arch);
  const emulator = [
    `${reason ?? ''}: models for the NPU do not run here${wishes.emulator ? ', and tests that need it are skipped with this reason' : ''}; models for the CPU do`,
  ];
  return [
    ...(platform === 'darwin' ? ['Wyvern is not tested on macOS; set-up takes the same steps as on Linux'] : []),
    ...(reason === undefined ? [] : emulator),
  ];
}
