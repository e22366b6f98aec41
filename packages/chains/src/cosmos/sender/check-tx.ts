import { ChainError } from '../../errors.ts';
import { safeNodeText } from '../../rpc/response-error.ts';

/** What a chain has against a transaction. */
export interface Refusal {
  /** `codespace/code`, as `attestations/4`; `out-of-gas`, `too-large`, or `reverted` where no code is known. */
  readonly reason: string;
  readonly message: string;
  /** The sequence that the chain expects, where that is the trouble. */
  readonly expectedSequence?: bigint;
}

const SEQUENCE = /account sequence mismatch, expected ([0-9]{1,20}), got [0-9]+/;

/** Codes of the SDK's own codespace (cosmos-sdk types/errors) that mean something to a sender. */
const SDK = {
  insufficientFunds: 'sdk/5',
  outOfGas: 'sdk/11',
  alreadyInMempool: 'sdk/19',
  mempoolFull: 'sdk/20',
  txTooLarge: 'sdk/21',
} as const;

export const isAlreadyInMempool = (refusal: Refusal): boolean => refusal.reason === SDK.alreadyInMempool;

/** Reads a code, its codespace and the log of a simulation or of CheckTx. */
export const toRefusal = (code: number | undefined, codespace: string | undefined, log: unknown): Refusal => {
  const text = safeNodeText(typeof log === 'string' ? log : '');
  const known = code === undefined || codespace === undefined || codespace === '' ? 'reverted' : `${codespace}/${code}`;
  const outOfGas = known === SDK.outOfGas || (known === 'reverted' && /\bout of gas\b/.test(text));
  const expected = SEQUENCE.exec(text)?.[1];
  return {
    reason: outOfGas ? 'out-of-gas' : known === SDK.txTooLarge ? 'too-large' : known,
    message: text,
    ...(expected === undefined ? {} : { expectedSequence: BigInt(expected) }),
  };
};

/** The error with which `submit` ends for a refusal. */
export const refusalError = ({ reason, message }: Refusal): ChainError => {
  if (reason === SDK.mempoolFull) {
    return new ChainError('chain/unavailable', `the mempool is full: ${message}`, {
      meta: { kind: 'mempool-full' },
      retryable: true,
    });
  }
  if (reason === 'too-large') return new ChainError('chain/tx-too-large', message, { meta: { reason } });
  if (reason === SDK.insufficientFunds) {
    return new ChainError('chain/insufficient-funds', message, { meta: { reason } });
  }
  return new ChainError('chain/simulation-failed', `the transaction would fail: ${reason}: ${message}`, {
    meta: { reason },
  });
};
