import type { UnsignedTransaction } from '@interchain-attestation/chains';
import { assertAsked, readerOf } from '../check/assert-asked.ts';
import type { PacketRecord } from '../domain/packet-record.ts';
import type { Leg } from '../domain/packet-state.ts';
import type { Direction } from '../domain/route.ts';
import { RelayerError } from '../errors.ts';
import type { ChainHandle } from '../watch/chain-handle.ts';
import type { ChainView } from '../watch/chain-watcher.ts';
import { findHandled } from './handled.ts';
import { type ProofApi, proofRequest, requestProof } from './proof-request.ts';

export interface ProveDeps {
  readonly leg: Leg;
  readonly direction: Direction;
  readonly target: ChainHandle;
  readonly targetView: () => ChainView | undefined;
  readonly proofApi: ProofApi;
  readonly signal: AbortSignal;
}

/** What the target chain, asked while the proof was made, says about a batch. */
export interface ProvenBatch {
  /** Packets that the chain is through with already, as of this height. */
  readonly handled: readonly PacketRecord[];
  readonly height: bigint;
  readonly open: readonly PacketRecord[];
  /** Throws what the proof API threw. */
  transaction(): Promise<UnsignedTransaction>;
}

/**
 * A transaction to anything but the router would be signed with the relayer's key all the same: what the proof API
 * names is compared with what the chain's configuration names.
 */
const assertRouter = async ({ target, signal }: ProveDeps, { address }: UnsignedTransaction): Promise<void> => {
  // Messages of a Cosmos chain name no contract.
  const store = target.reader.kind === 'evm' ? (await target.reader.identity({ signal })).store : '';
  if (address.toLowerCase() === store.toLowerCase()) return;
  throw new RelayerError(
    'relayer/foreign-contract',
    `the proof API's transaction goes to ${address.slice(0, 80)}, the router of chain ${target.chainId} is ${store === '' ? 'none' : store}`,
    { meta: { chainId: target.chainId, expected: store } },
  );
};

/** Asks for the proof, and at the same time which packets need none any more. Throws nothing itself. */
export const proveBatch = async (
  deps: ProveDeps,
  records: readonly PacketRecord[],
  timeoutMs: number,
  by: 'txId' | 'blockHash',
): Promise<ProvenBatch> => {
  const { leg, direction, target, signal } = deps;
  const request = async (wanted: readonly PacketRecord[]): Promise<UnsignedTransaction> => {
    const asked = proofRequest(leg, direction, wanted, by);
    const transaction = await requestProof(deps.proofApi, asked, { signal, timeoutMs });
    await assertRouter(deps, transaction);
    const clientId = leg === 'receive' ? direction.dest.clientId : direction.source.clientId;
    assertAsked(target.readTransaction ?? readerOf(target.reader.kind), transaction, {
      leg,
      clientId,
      records: wanted,
      account: target.sender.account,
    });
    return transaction;
  };
  const head = deps.targetView()?.head;
  const [proof, looked] = await Promise.allSettled([
    request(records),
    head === undefined ? Promise.resolve(new Set<PacketRecord>()) : findHandled(leg, target, head, records, signal),
  ]);
  // An unanswered look costs at most a no-op on chain.
  const handled = looked.status === 'fulfilled' ? looked.value : new Set<PacketRecord>();
  const open = records.filter((record) => !handled.has(record));
  return {
    handled: [...handled],
    height: head?.height ?? 0n,
    open,
    transaction: async () => {
      if (handled.size > 0) return request(open);
      if (proof.status === 'rejected') throw proof.reason;
      return proof.value;
    },
  };
};
