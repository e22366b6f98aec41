/** Larger of two integers. */
export const larger = (a: bigint, b: bigint): bigint => {
  if (a < b) return b;
  return a;
};

/** Smaller of two integers. */
export const smaller = (a: bigint, b: bigint): bigint => {
  if (a < b) return a;
  return b;
};
