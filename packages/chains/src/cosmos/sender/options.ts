/** How a sender pays and waits. What is left out is taken from the chain's configuration. */
export interface CosmosSenderOptions {
  /** Price of one unit of gas with its denomination, as `0.025stake`: fees are paid in any denomination the chain takes. */
  readonly gasPrice?: string;
  /** Gas limit = simulated gas times this. */
  readonly gasAdjustment?: number;
  /**
   * Blocks after which a transaction that was not included can no longer be (its timeout height), and `submit` ends with
   * `chain/tx-dropped`; default 30. A timeout height that the transaction has already stays.
   */
  readonly giveUpAfterBlocks?: number;
  /** Blocks without inclusion after which a transaction is broadcast again; default 3. */
  readonly rebroadcastAfterBlocks?: number;
}

export const DEFAULT_SENDER_OPTIONS = { giveUpAfterBlocks: 30, rebroadcastAfterBlocks: 3 } as const;
