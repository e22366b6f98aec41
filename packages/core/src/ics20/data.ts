import { CoreError } from '../errors.ts';

/** The `version` of an ICS-20 payload. */
export const ICS20_VERSION = 'ics20-1';
/** The port that ICS-20 applications are bound to. */
export const ICS20_PORT = 'transfer';

/** What an ICS-20 payload says. Source: ICS-20, wire format section 4. */
export interface Ics20PacketData {
  /** Full denom path as the source chain names it, for example `transfer/client-0/uatom` or `0xab…`. */
  readonly denom: string;
  readonly sender: string;
  readonly receiver: string;
  /** In the token's smallest unit, 0..2^256-1. */
  readonly amount: bigint;
  /** Empty when there is none. */
  readonly memo: string;
}

const MAX_UINT256 = 2n ** 256n - 1n;
const AMOUNT = /^(?:0|[1-9][0-9]{0,77})$/;

/** @throws CoreError `ics20/invalid` always; one place for the code. */
export const throwInvalidIcs20 = (message: string, cause?: unknown): never => {
  throw new CoreError('ics20/invalid', `ICS-20 packet data: ${message}`, cause === undefined ? {} : { cause });
};

/**
 * Checks what no encoding could carry and returns the value.
 * @throws CoreError `ics20/invalid`
 */
export const assertIcs20PacketData = (data: Ics20PacketData): Ics20PacketData => {
  for (const field of ['denom', 'sender', 'receiver', 'memo'] as const) {
    // A lone surrogate has no UTF-8 form: encoders replace it silently, and the other chain would see another text.
    if (!data[field].isWellFormed()) throwInvalidIcs20(`${field} is not well-formed Unicode`);
  }
  if (data.amount < 0n || data.amount > MAX_UINT256) {
    throwInvalidIcs20(`amount: expected 0..2^256-1, got ${data.amount}`);
  }
  return data;
};

/**
 * Amount from its decimal text: digits only, no sign, no leading zero, at most 2^256-1.
 * @throws CoreError `ics20/invalid`
 */
export const parseIcs20Amount = (text: string): bigint => {
  const amount = AMOUNT.test(text) ? BigInt(text) : -1n;
  if (amount < 0n || amount > MAX_UINT256) {
    throwInvalidIcs20(`amount: expected decimal digits of a uint256, got ${JSON.stringify(text.slice(0, 80))}`);
  }
  return amount;
};
