/** Price of one unit of gas: `numerator / 10^decimals` of the denomination. Exact: prices are no floats. */
export interface GasPrice {
  readonly numerator: bigint;
  readonly decimals: number;
  readonly denom: string;
}

/** A decimal number, then a denomination as the SDK allows it (also `ibc/…` and `factory/…`). */
const PATTERN = /^([0-9]{1,18})(?:\.([0-9]{1,18}))?([a-zA-Z][a-zA-Z0-9/:._-]{2,127})$/;

/** Reads `0.025stake`; undefined for anything else. */
export const parseGasPrice = (text: string): GasPrice | undefined => {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, whole = '', fraction = '', denom = ''] = match;
  return { numerator: BigInt(whole + fraction), decimals: fraction.length, denom };
};

/** What `gas` costs, rounded up: a node refuses less than its minimum by one unit as well. */
export const feeOf = (gas: bigint, { numerator, decimals }: GasPrice): bigint => {
  const unit = 10n ** BigInt(decimals);
  return (gas * numerator + unit - 1n) / unit;
};
