/** Compares our engine with peers in turns. */
import { median, round } from './figure.ts';
import type { Peer, PeerAnswer, PeerRequest } from './peer.ts';

/** How often each peer has a turn, and which time counts. */
export interface Turns {
  readonly rounds: number;
  readonly time: keyof PeerAnswer;
}

export interface Comparison {
  /** The median over the rounds of the peer's time divided by ours, each pair measured back to back. */
  readonly ratio: number;
  readonly oursMs: number;
  readonly theirsMs: number;
}

/** Measures each peer once per round, so that other load affects all peers equally. The first round does not count. */
export async function compareTurns(
  ours: Peer,
  peers: readonly Peer[],
  request: PeerRequest,
  { rounds, time }: Turns,
): Promise<Comparison[]> {
  const own: number[] = [];
  const theirs = peers.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    const ms = (await ours.measure(request))[time];
    if (round >= 0) own.push(ms);
    for (const [index, peer] of peers.entries()) {
      const peerMs = (await peer.measure(request))[time];
      if (round >= 0) theirs[index]?.push(peerMs);
    }
  }
  return theirs.map((times) => ({
    ratio: median(times.map((ms, round) => ms / (own[round] ?? Number.NaN))),
    oursMs: median(own),
    theirsMs: median(times),
  }));
}

/** Formats both rates. */
export function rates({ oursMs, theirsMs }: Comparison, { tokens }: PeerRequest): string {
  const rate = (ms: number): string => round((1000 * tokens) / ms);
  return `${rate(oursMs)} and ${rate(theirsMs)} tokens/s`;
}
