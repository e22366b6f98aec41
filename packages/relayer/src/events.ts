import type { BlockHeader } from '@interchain-attestation/chains';
import type { PacketRecord } from './domain/packet-record.ts';
import type { Leg, PacketState } from './domain/packet-state.ts';
import type { Direction } from './domain/route.ts';

/** A batch of packets on its way to one chain. */
export interface BatchInfo {
  readonly leg: Leg;
  readonly direction: Direction;
  /** The chain that takes the transaction. */
  readonly chainId: string;
  readonly packets: number;
}

/** Everything the relayer tells of itself. Logs and metrics are written from these, and from nothing else. */
export type RelayerEvent =
  | {
      readonly type: 'packet';
      readonly record: PacketRecord;
      /** Absent for a packet seen for the first time. */
      readonly from?: PacketState;
      readonly to: PacketState;
      readonly atMs: number;
    }
  | ({ readonly type: 'batch-submitted'; readonly txId: string } & BatchInfo)
  | ({
      readonly type: 'batch-confirmed';
      readonly txId: string;
      readonly gasUsed: bigint;
      readonly feePaid: bigint;
      readonly bytes: number;
    } & BatchInfo)
  | ({
      readonly type: 'batch-failed';
      readonly reason: string;
      readonly attempt: number;
      readonly next: 'halve' | 'retry' | 'give-up';
    } & BatchInfo)
  | { readonly type: 'advanced'; readonly chainId: string; readonly head: BlockHeader; readonly finalized: BlockHeader }
  | {
      readonly type: 'backfill';
      readonly chainId: string;
      readonly from: bigint;
      readonly to: bigint;
      readonly through: bigint;
    }
  | {
      /** Events of these sends of a client are nowhere to be found, and the chain is read on: somebody has to look. */
      readonly type: 'sends-missing';
      readonly chainId: string;
      readonly clientId: string;
      readonly first: bigint;
      readonly last: bigint;
      /** Heights between which they were sent. */
      readonly after: bigint;
      readonly before: bigint;
    }
  | { readonly type: 'outage'; readonly target: string; readonly error: unknown }
  | { readonly type: 'recovered'; readonly target: string; readonly downMs: number }
  | { readonly type: 'route-halted'; readonly routeId: string; readonly code: string; readonly reason: string }
  | { readonly type: 'route-resumed'; readonly routeId: string }
  | {
      readonly type: 'balance';
      readonly chainId: string;
      readonly balance: bigint;
      readonly low: boolean;
      /** False when the last look had the same verdict. */
      readonly changed: boolean;
    }
  | { readonly type: 'chain-stalled'; readonly chainId: string; readonly sinceMs: number; readonly waiting: number };

export type Emit = (event: RelayerEvent) => void;
