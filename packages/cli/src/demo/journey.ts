import type { Hex } from '@interchain-attestation/core';
import {
  type CosmosTransferOptions,
  type Devnet,
  type NetworkChain,
  type PacketTracker,
  sendCosmosTransfers,
  sendTransfers,
  type TrackedPacket,
  type TransferOptions,
  untilChainsPass,
} from '@interchain-attestation/devnet';
import { findProofs } from '../services/proof-input.ts';
import { inspectProofs } from '../services/proof-inspect.ts';
import { transactionBytes } from '../services/read-transaction.ts';
import type { Narrator } from './narrator.ts';

/** A row of the table at the end: one packet, or many that were sent at once. */
export interface Journey {
  readonly label: string;
  readonly packets: readonly TrackedPacket[];
}

/** What the chapters of the tour work with. */
export interface Stage {
  readonly net: Devnet;
  readonly tracker: PacketTracker;
  readonly tell: Narrator;
  /** Everything that was sent, in order. */
  readonly journeys: Journey[];
  readonly signal: AbortSignal;
}

const secondsSince = (packet: TrackedPacket, step: { readonly seenMs: number } | undefined): string =>
  step === undefined ? '' : `${((step.seenMs - packet.send.seenMs) / 1000).toFixed(1)} s`;

/** Names of the attestors who signed for the packets of a relay transaction. */
export const signersOf = async ({ net }: Stage, chain: NetworkChain, txHash: Hex): Promise<readonly string[]> => {
  const cosmos = chain === 'gaia' || chain === 'osmo' ? net.cosmos[chain] : undefined;
  const evm = chain === 'alpha' || chain === 'beta' ? net.chains[chain] : undefined;
  const rpcUrl = cosmos?.rpcUrl ?? evm?.node.rpcUrl ?? '';
  const bytes = await transactionBytes({ kind: evm === undefined ? 'cosmos' : 'evm', rpcUrl }, chain, txHash);
  const names = new Map(net.attestors.map(({ key, name }) => [key.address, name]));
  const proofs = inspectProofs(findProofs(bytes), () => [], names);
  return [
    ...new Set(proofs.flatMap(({ signatures }) => signatures.map(({ name }) => name ?? 'a stranger'))),
  ].toSorted();
};

/** `#7`, or `#4 to #53` for many. */
const many = (packets: readonly TrackedPacket[]): string => {
  const [first] = packets;
  const last = packets.at(-1);
  return packets.length === 1 ? `#${first?.sequence}` : `#${first?.sequence} to #${last?.sequence}`;
};

const latest = (
  packets: readonly TrackedPacket[],
  step: 'receive' | 'acknowledge' | 'timeout',
): TrackedPacket | undefined =>
  packets
    .filter((packet) => packet[step] !== undefined)
    .toSorted((a, b) => (a[step]?.seenMs ?? 0) - (b[step]?.seenMs ?? 0))
    .at(-1);

/** Follows packets to their end, telling each stage once. */
export const follow = async (
  stage: Stage,
  packets: readonly TrackedPacket[],
  timeoutMs = 60_000,
): Promise<readonly TrackedPacket[]> => {
  const { tracker, tell } = stage;
  const { source, dest } = packets[0] ?? { source: 'alpha', dest: 'beta' };
  const told = new Set<string>();
  const tellOnce = (key: string, text: string, detail?: string): void => {
    if (told.has(key)) return;
    told.add(key);
    tell.step(text, detail);
  };
  const received: { txHash: Hex; text: string; after: string }[] = [];
  const all = (now: readonly TrackedPacket[], step: 'receive' | 'acknowledge' | 'timeout'): boolean =>
    now.length > 0 && now.every((packet) => packet[step] !== undefined);
  const onChange = (now: readonly TrackedPacket[]): void => {
    const slowest = latest(now, 'receive');
    if (all(now, 'receive') && slowest !== undefined && !told.has('receive')) {
      told.add('receive');
      const refused = now.every(({ outcome }) => outcome === 'refused') ? ' (refused by the app)' : '';
      const txs = new Set(now.map(({ receive }) => receive?.txHash)).size;
      const batch = now.length === 1 ? '' : `, in ${txs} ${txs === 1 ? 'transaction' : 'transactions'}`;
      const after = secondsSince(slowest, slowest.receive);
      const text = `${many(now)} received on ${dest}${refused}${batch}`;
      received.push({ txHash: slowest.receive?.txHash ?? '0x', text, after });
    }
  };
  const arrived = tell.waiting(`${many(packets)} is on its way`, () =>
    tracker.until(packets, ({ receive, timeout }) => receive !== undefined || timeout !== undefined, {
      timeoutMs,
      onChange,
    }),
  );
  await arrived;
  for (const { txHash, text, after } of received) {
    const names = await signersOf(stage, dest, txHash);
    tell.step(`${text} after ${after}`, `signed by ${names.join(', ')}`);
  }
  const ended = await tell.waiting(`the answer to ${many(packets)} is on its way`, () =>
    tracker.until(packets, ({ outcome }) => outcome !== undefined, { timeoutMs }),
  );
  const slowest = latest(ended, 'acknowledge') ?? latest(ended, 'timeout');
  if (slowest !== undefined) {
    const step = slowest.acknowledge ?? slowest.timeout;
    const words = { delivered: 'acknowledged', refused: 'came back with an error', 'timed-out': 'timed out' };
    const outcome = slowest.outcome ?? 'delivered';
    tellOnce('end', `${many(ended)} ${words[outcome]} on ${source} after ${secondsSince(slowest, step)}`);
  }
  return ended;
};

/** Sends, and tells that it was sent. */
export const send = async (stage: Stage, options: TransferOptions): Promise<readonly TrackedPacket[]> => {
  const { tracker, tell } = stage;
  const hashes = await sendTransfers(options);
  const packets = await tell.waiting('waiting for a block', () => tracker.sentBy(hashes));
  tell.step(`${many(packets)} sent on ${options.chain.name}`, packets.length === 1 ? packets[0]?.send.txHash : '');
  return packets;
};

/** Sends from a Cosmos chain, and tells that it was sent. */
export const sendFromCosmos = async (
  { tracker, tell }: Stage,
  options: CosmosTransferOptions,
): Promise<readonly TrackedPacket[]> => {
  const { txId } = await tell.waiting('waiting for a block', () => sendCosmosTransfers(options));
  const packets = await tell.waiting('waiting for a block', () => tracker.sentBy([txId]));
  tell.step(`${many(packets)} sent on ${options.chain.name}`, packets.length === 1 ? txId : '');
  return packets;
};

/** Long enough for a send to be in its block while it is not too late, on a machine that is busy. */
export const LATE_SEC = 6;

/** Sends packets that live {@link LATE_SEC} while the relayer stands still, and waits until that time is over everywhere. */
export const sendTooLate = async (
  { net, tell, signal }: Stage,
  work: () => Promise<readonly TrackedPacket[]>,
): Promise<readonly TrackedPacket[]> => {
  const { relayer } = net;
  relayer?.process.stop();
  tell.step('the relayer is stopped', `pid ${relayer?.process.pid}`);
  let packets: readonly TrackedPacket[];
  try {
    packets = await work();
    await tell.waiting(`${LATE_SEC} seconds pass`, () => untilChainsPass(net, LATE_SEC, signal));
  } finally {
    relayer?.process.cont();
  }
  tell.step('the relayer goes on');
  return packets;
};

/** Follows to the end, and keeps it for the table. */
export const followAndKeep = async (
  stage: Stage,
  label: string,
  packets: readonly TrackedPacket[],
  timeoutMs?: number,
): Promise<readonly TrackedPacket[]> => {
  const ended = await follow(stage, packets, timeoutMs);
  stage.journeys.push({ label, packets: ended });
  return ended;
};

/** Sends, follows to the end, and keeps it for the table. */
export const sendAndFollow = async (
  stage: Stage,
  label: string,
  options: TransferOptions,
  timeoutMs?: number,
): Promise<readonly TrackedPacket[]> => followAndKeep(stage, label, await send(stage, options), timeoutMs);

/** The same from a Cosmos chain. */
export const sendCosmosAndFollow = async (
  stage: Stage,
  label: string,
  options: CosmosTransferOptions,
): Promise<readonly TrackedPacket[]> => followAndKeep(stage, label, await sendFromCosmos(stage, options));
