/** How a sender pays and waits. Counted in blocks, not in wall time: a chain that stands still loses nothing. */
export interface EvmSenderOptions {
  /** Upper bound of maxFeePerGas in wei; none by default. */
  readonly maxFeePerGas?: bigint;
  /** Added to an estimate of gas, percent; default 20. Never above what `limits()` allows. */
  readonly gasMarginPercent?: number;
  /** Blocks that a transaction may hang, being next in line, before its fee is raised; default 3. */
  readonly bumpAfterBlocks?: number;
  /** Raise, percent; default 25 (nodes demand 10). */
  readonly bumpPercent?: number;
  /** Blocks without progress after which a nonce that is not ours is cleared with an empty transaction; default 10. */
  readonly unblockAfterBlocks?: number;
  /** Blocks after which `submit` stops waiting (`chain/tx-dropped`); default 100. */
  readonly giveUpAfterBlocks?: number;
}

export const DEFAULT_SENDER_OPTIONS = {
  gasMarginPercent: 20,
  bumpAfterBlocks: 3,
  bumpPercent: 25,
  unblockAfterBlocks: 10,
  giveUpAfterBlocks: 100,
} as const;

export type SenderSettings = Required<Omit<EvmSenderOptions, 'maxFeePerGas'>> & { readonly maxFeePerGas?: bigint };
