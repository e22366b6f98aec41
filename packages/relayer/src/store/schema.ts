import type { Generated } from 'kysely';

/**
 * Tables of the store. uint64 values are text of 20 digits with leading zeros: they sort as numbers do, on any
 * database, and never pass through a signed or floating type. Times are Unix milliseconds, flags 0 or 1.
 */
export interface Database {
  packets: PacketTable;
  cursors: CursorTable;
  halts: HaltTable;
}

export interface PacketTable {
  id: Generated<number>;
  source_chain_id: string;
  source_client_id: string;
  sequence: string;
  route_id: string;
  dest_chain_id: string;
  dest_client_id: string;
  timeout_sec: string;
  /** abi.encode(Packet). */
  packet: Uint8Array;
  base: string;
  state: string;
  send_tx: string | null;
  send_height: string | null;
  send_block: string | null;
  send_final: number;
  receive_tx: string | null;
  receive_height: string | null;
  receive_block: string | null;
  receive_final: number;
  /** JSON array of 0x hex. */
  acknowledgements: string | null;
  accepted_height: string | null;
  acknowledge_tx: string | null;
  acknowledge_height: string | null;
  acknowledge_block: string | null;
  acknowledge_final: number;
  timeout_tx: string | null;
  timeout_height: string | null;
  timeout_block: string | null;
  timeout_final: number;
  expired: number;
  step: string | null;
  step_tx: string | null;
  failure: string | null;
  waiting: string | null;
  attempts: number;
  next_attempt_ms: number;
  /** JSON object: state to Unix milliseconds. */
  times: string;
  updated_ms: number;
}

export interface CursorTable {
  chain_id: string;
  genesis_hash: string;
  /** Highest block whose events are stored, and its hash. */
  height: string;
  block_hash: string;
  /** First block whose events are known, minus one, and its time. */
  start_height: string;
  start_time_sec: string;
  updated_ms: number;
  /** JSON array of [client id, sequence, height], decimal: the newest send of each client. Null before migration 3. */
  sends: string | null;
}

export interface HaltTable {
  route_id: string;
  code: string;
  reason: string;
  at_ms: number;
}

/** A uint64 as the store holds it. */
export const toSqlUint64 = (value: bigint): string => value.toString().padStart(20, '0');
