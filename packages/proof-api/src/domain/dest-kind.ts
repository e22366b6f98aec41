import type {
  AttestationClientState,
  ChainIdentity,
  ChainReader,
  TransactionLimits,
} from '@interchain-attestation/chains';
import type { Batch } from './batch.ts';
import type { Item, LeftOutReason } from './item.ts';
import type { NewClient } from './new-client.ts';

/** The destination's client as it was read. */
export interface ClientView {
  readonly state: AttestationClientState;
  /** Seconds that the client holds for the batch's height; undefined when it holds none. */
  readonly timestampSec: bigint | undefined;
}

/** All that differs between kinds of destination chains. What is proven, and by whom, is the same for all of them. */
export interface DestKind {
  readonly kind: ChainReader['kind'];
  /** Why such a chain can never take an item, whatever the proof; undefined when it can. */
  undeliverable(item: Item): LeftOutReason | undefined;
  /** How many items one attestation should name for this client. */
  longestList(client: Pick<AttestationClientState, 'verifiesOncePerTransaction' | 'minRequiredSigs'>): number;
  /** The unsigned transaction. */
  assemble(batch: Batch): Uint8Array;
  /**
   * How many messages of a batch, in their order, fit one transaction. Counts with the signatures the batch has: fill
   * them with zeros to know before anybody is asked.
   */
  messagesThatFit(batch: Batch, limits: TransactionLimits): number;
  /**
   * Runs the client's own rules over a batch, message by message, as its transaction will.
   * @returns why the client would refuse it; undefined when it takes all of it
   */
  refusalOf(batch: Batch, client: ClientView): string | undefined;
  /**
   * Checks the parameters of CreateClient.
   * @throws ProofApiError `proof-api/invalid-request`
   */
  newClient(parameters: Readonly<Record<string, string>>): NewClient;
  /** Where transactions go: the contract on an EVM chain; empty where a transaction has no receiver. */
  addressOf(identity: ChainIdentity): string;
}
