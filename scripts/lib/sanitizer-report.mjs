/**
 * Reads the reports of AddressSanitizer and UndefinedBehaviorSanitizer: the finding, its place and the owner of the code.
 */

/**
 * @typedef {object} Frame
 * @property {string} name The function without arguments; empty without a symbol.
 * @property {string} place Source file with line, or module with offset.
 */

/**
 * `ours`: source of this repository. `sdk`: ExecuTorch, its backends or Qualcomm's libraries, which are prebuilt. `elsewhere`:
 * Node and its libraries.
 * @typedef {'ours' | 'sdk' | 'elsewhere'} Owner
 */

/**
 * @typedef {object} Finding
 * @property {string} kind The sanitizer's name, e.g. `heap-buffer-overflow`, `SEGV`; `undefined behaviour`.
 * @property {Owner} owner
 * @property {string} where The function without arguments; without a symbol, its library and its caller.
 * @property {string} place
 * @property {string} text The report's own lines.
 */

const sdkLibraries = /\/(libexecutorch[^/]*\.so|libQnn[^/]*\.so|libHtp[^/]*\.so)/;
const sdkHeaders = /\/executorch\/.*include\/|\/site-packages\/executorch\//;
const sources = /\/native\/(?!test\/fixtures)[^ ]*\.(cpp|h)(:|$)/;
/** Runtime libraries: their caller owns the finding. */
const passedThrough =
  /libclang_rt|\/libc\.so|\/libstdc\+\+|\/libgcc_s|(^|[ /])(nptl|stdlib|signal|sysdeps|elf|csu|string|malloc)\/|\/c\+\+\/\d|sanitizer_common|asan_interceptors|libpthread/;
/** ExecuTorch's abort: a check of its caller failed. */
const aborting = /^(et_pal_abort|executorch::runtime::(pal_abort|runtime_abort))$/;

/** @param {string} line @returns {Frame | undefined} */
function frameOf(line) {
  const found = /^\s*#\d+ 0x[0-9a-f]+\s+(?:in (.*?) )?(\(?\/[^)]*\)?|[\w./+-]+:\d+.*)(?: \(BuildId: .*\))?$/.exec(line);
  if (found === null) return undefined;
  return { name: withoutArguments(found[1] ?? ''), place: (found[2] ?? '').replace(/^\(|\)$/g, '') };
}

/**
 * Returns a function's name without its arguments and without a template's result type.
 * @param {string} signature
 */
function withoutArguments(signature) {
  const plain = signature.replaceAll('(anonymous namespace)', '{anonymous}');
  let depth = 0;
  let begin = 0;
  for (let i = 0; i < plain.length; i += 1) {
    const letter = plain[i];
    if (letter === '<') depth += 1;
    else if (letter === '>') depth -= 1;
    else if (letter === ' ' && depth === 0) begin = i + 1;
    else if (letter === '(' && depth === 0) return plain.slice(begin, i);
  }
  return plain.slice(begin);
}

/** @param {Frame} frame @returns {Owner | undefined} Undefined if the caller decides. */
function ownerOf({ name, place }) {
  if (sdkLibraries.test(place)) return aborting.test(name) ? undefined : 'sdk';
  // An SDK header inlined into our function counts as ours, because our code passed the arguments.
  if (sdkHeaders.test(place) || place.includes('/node-addon-api/')) return undefined;
  if (sources.test(place) || place.endsWith('.node') || /\.node\+0x/.test(place)) return 'ours';
  return passedThrough.test(place) ? undefined : 'elsewhere';
}

/**
 * @param {string} kind @param {readonly Frame[]} stack @param {string} text
 * @returns {Finding}
 */
function judge(kind, stack, text) {
  const at = stack.findIndex((frame) => ownerOf(frame) !== undefined);
  const decisive = stack[at];
  if (decisive === undefined) return { kind, owner: 'elsewhere', where: stack[0]?.name ?? '?', place: '', text };
  const owner = /** @type {Owner} */ (ownerOf(decisive));
  const named = stack.slice(at).find((frame) => frame.name !== '' && ownerOf(frame) === owner);
  // Libraries have symbols only for their exports; name other functions by library and caller.
  const library = /([^/]+)\+0x[0-9a-f]+$/.exec(decisive.place)?.[1] ?? decisive.place;
  const where = decisive.name || `${library} below ${named?.name ?? '?'}`;
  return { kind, owner, where, place: decisive.place, text };
}

/**
 * Returns the findings of one log, in order.
 * @param {string} log
 * @returns {Finding[]}
 */
export function readReport(log) {
  /** @type {Finding[]} */
  const findings = [];
  const lines = log.split('\n');
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] ?? '';
    const address = /^==\d+==\s*ERROR: (?:Address|Leak)Sanitizer: ([\w-]+)/.exec(line);
    const undefinedBehaviour = /^(\S+?):(\d+)(?::\d+)?: runtime error: (.*)$/.exec(line);
    if (address === null && undefinedBehaviour === null) continue;
    // The first stack is the place of the finding; the later ones show where memory came from.
    const stack = [];
    let end = i + 1;
    for (; end < lines.length; end += 1) {
      const frame = frameOf(lines[end] ?? '');
      if (frame !== undefined) stack.push(frame);
      else if (stack.length > 0) break;
      else if (/runtime error:|ERROR: AddressSanitizer/.test(lines[end] ?? '')) break;
    }
    const text = lines.slice(i, Math.min(end, i + 12)).join('\n');
    if (address !== null) findings.push(judge(address[1] ?? '?', stack, text));
    else if (undefinedBehaviour !== null) {
      const [, file = '', row = ''] = undefinedBehaviour;
      const own = { ...judge('undefined behaviour', stack, text), place: `${file}:${row}` };
      // This sanitizer covers only our build, so the line decides, not the caller.
      findings.push({ ...own, owner: sdkHeaders.test(file) ? 'sdk' : own.owner });
    }
    i = end - 1;
  }
  return findings;
}

/**
 * A finding in the SDK that a person explained.
 * @typedef {object} Known
 * @property {string} kind
 * @property {string} where
 * @property {string} reason
 */

/**
 * The list of `native/test/sanitizers/sdk-findings.txt`: one `kind | function | reason` per line; `#` begins a comment.
 * @param {string} text
 * @returns {Known[]}
 * @throws {Error} For a line without a reason.
 */
export function readKnown(text) {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [kind, where, reason, ...rest] = line.split(' | ');
      if (kind === undefined || where === undefined || reason === undefined || reason === '' || rest.length > 0) {
        throw new Error(`Not of the form “kind | function | reason”: ${line}`);
      }
      return { kind, where, reason };
    });
}

/**
 * Findings of the same kind in the same function.
 * @typedef {object} Group
 * @property {Finding} finding The first finding.
 * @property {number} count
 * @property {string | undefined} reason The known reason; only for the SDK.
 */

/**
 * @param {readonly Finding[]} findings @param {readonly Known[]} known
 * @returns {Record<Owner, Group[]>} Most frequent first.
 */
export function groupFindings(findings, known) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const finding of findings) {
    // Group undefined behaviour by line, which is more exact than the function.
    const key = [finding.owner, finding.kind, finding.where, finding.owner === 'ours' ? finding.place : ''].join('\n');
    const group = groups.get(key);
    if (group !== undefined) group.count += 1;
    else {
      const entry = known.find(({ kind, where }) => kind === finding.kind && where === finding.where);
      groups.set(key, { finding, count: 1, reason: finding.owner === 'sdk' ? entry?.reason : undefined });
    }
  }
  const sorted = [...groups.values()].sort((one, other) => other.count - one.count);
  /** @param {Owner} owner */
  const of = (owner) => sorted.filter(({ finding }) => finding.owner === owner);
  return { ours: of('ours'), sdk: of('sdk'), elsewhere: of('elsewhere') };
}
