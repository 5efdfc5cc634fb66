/**
 * Loaded into every Node process of the app under test, the engine's too: it writes a line for each
 * socket beyond the machine's own pipes to the file that `WYVERN_E2E_SOCKETS` names.
 */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import net from 'node:net';

const file = process.env['WYVERN_E2E_SOCKETS'];

/** @param {string} what */
function note(what) {
  if (file !== undefined) appendFileSync(file, `${what}\n`);
}

/** @param {Record<string, any>} owner @param {string} name @param {(args: any[]) => string | undefined} describe */
function around(owner, name, describe) {
  const original = owner[name];
  owner[name] = function (/** @type {any[]} */ ...args) {
    const what = describe(args);
    if (what !== undefined) note(what);
    return original.apply(this, args);
  };
}

around(net.Socket.prototype, 'connect', ([first, second]) => {
  // The argument as `net.connect` passes it on, or as the caller gives it.
  const options = Array.isArray(first) ? first[0] : first;
  if (typeof options === 'string' && !/^\d+$/.test(options)) return undefined;
  if (typeof options === 'object' && options !== null) {
    return options.path ? undefined : `connects to ${options.host ?? 'localhost'}:${options.port}`;
  }
  return `connects to ${typeof second === 'string' ? second : 'localhost'}:${options}`;
});
around(net.Server.prototype, 'listen', ([first, second]) => {
  if (typeof first === 'object' && first !== null) {
    // A pipe, or a handle of the parent process.
    return first.port === undefined ? undefined : `listens on ${first.host ?? 'every address'}:${first.port}`;
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return undefined;
  return `listens on ${typeof second === 'string' ? second : 'every address'}:${first ?? 0}`;
});
around(dgram, 'createSocket', () => 'opens a datagram socket');
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'reverse']) {
  // Node answers for an address by itself.
  const asked = (/** @type {any[]} */ [host]) =>
    net.isIP(host) === 0 ? `asks for the address of ${String(host)}` : undefined;
  around(dns, name, asked);
  around(dns.promises, name, asked);
}
