import type { ChainReader, EventSource, TxSender } from '@interchain-attestation/chains';

/** One chain as the relayer uses it. */
export interface ChainHandle {
  /** As routes and the store name it, and as the proof API knows it. */
  readonly chainId: string;
  readonly reader: ChainReader;
  readonly events: EventSource;
  readonly sender: TxSender;
}
