/**
 * The part of Qualcomm's runtime that the installer contains: the least that runs compiled programs on the NPU, all of one
 * release (QAIRT 2.49, like the tests' emulator). `QnnHtpPrepare.dll` is left out, because it compiles graphs on the
 * device, which Wyvern never does.
 *
 * Qualcomm's licence allows the files only inside an application, so they are not in this repository and not an asset of a
 * release. Do not change a byte: the NPU's driver checks its part against the catalogue (`.cat`).
 */

/** The wheel with the files; `scripts/setup/qnn-windows.txt` pins its hash. */
export const qnnWheel = 'onnxruntime_qnn-2.5.0-cp312-cp312-win_arm64.whl';

/**
 * @typedef {object} QnnFile
 * @property {string} name
 * @property {number} bytes
 * @property {string} sha256
 */

/** @type {readonly QnnFile[]} */
export const qnnFiles = [
  {
    name: 'QnnHtp.dll',
    bytes: 3347664,
    sha256: 'b5fa4aab8112776845916f387dbb36e265d03b42952f3e37a6b5e475e2d40780',
  },
  {
    name: 'QnnSystem.dll',
    bytes: 3581136,
    sha256: '82e865fb01003087ad420c9ba290be30d2a582f8e80613cdf47dff05fc90139f',
  },
  // Hexagon v73: Snapdragon X Elite, X Plus, X.
  {
    name: 'QnnHtpV73Stub.dll',
    bytes: 580816,
    sha256: 'ae4caf19190a47bd5dd90fcdd0e9dd4d95d1c5f2f69f06af32bbc4c819867c0a',
  },
  {
    name: 'libQnnHtpV73Skel.so',
    bytes: 11859192,
    sha256: 'e618168c82a0ec763b8543268b2783f5d28c9525fb6d0741afd667869ee493c8',
  },
  {
    name: 'libqnnhtpv73.cat',
    bytes: 12213,
    sha256: 'd40b6d32a43f28d96471199f0b6c22c97c987b0da639c3f9987c0531b89fbd43',
  },
  // Hexagon v81: Snapdragon X2.
  {
    name: 'QnnHtpV81Stub.dll',
    bytes: 580304,
    sha256: 'c8fe95141668ec9113cc09df4c649a1a47a9b0779148db13f28a277b3194d619',
  },
  {
    name: 'libQnnHtpV81Skel.so',
    bytes: 12955320,
    sha256: 'fa9ef52450934c1f32f54f5e8b0846ac18738d008b3541021d7c33e5273e7b86',
  },
  {
    name: 'libqnnhtpv81.cat',
    bytes: 12213,
    sha256: '8e68c40e52ba3a4d87c52223b4bd0d8b746df9df167bebd2b498ab132ab15cc2',
  },
  // Must accompany the other files.
  {
    name: 'Qualcomm_LICENSE.pdf',
    bytes: 147577,
    sha256: 'ec1dccfdcba5c6e64126e84199b8362bf4999107bfa567ebe831dbb4c461692b',
  },
  {
    name: 'ThirdPartyNotices.txt',
    bytes: 69810,
    sha256: 'd039f057d20690116daa1fc65165cd0221ee168208d770062a84c1b4d579abb1',
  },
  {
    name: 'LICENSE',
    bytes: 1140,
    sha256: 'f11e754f932564a0d8a9ad2c233bf671253dde137d3e2ef3082448bbe83e1764',
  },
];
