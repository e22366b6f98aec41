const BIAS = 2n ** 63n;

/**
 * Maps 0..2^64-1 onto SQLite's signed 64-bit integers and keeps the order, so that heights, sequences and timestamps of
 * the whole range can be compared and indexed in SQL.
 */
export const toSql = (value: bigint): bigint => value - BIAS;

/** Inverse of {@link toSql}. */
export const fromSql = (value: bigint): bigint => value + BIAS;
