import type { ChainReader, EventSource, TxSender } from '@interchain-attestation/chains';
import type { ReadTransaction } from '../check/assert-asked.ts';

/** One chain as the relayer uses it. */
export interface ChainHandle {
  /** As routes and the store name it, and as the proof API knows it. */
  readonly chainId: string;
  readonly reader: ChainReader;
  readonly events: EventSource;
  readonly sender: TxSender;
  /** How its transactions read, where they are of another form than the reader's kind says. */
  readonly readTransaction?: ReadTransaction;
}
