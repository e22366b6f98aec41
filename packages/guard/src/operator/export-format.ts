import { MAX_UINT64 } from '@interchain-attestation/core';
import { z } from 'zod';
import type { Evidence } from '../types.ts';

/** `format` of the first line. */
export const EXPORT_FORMAT = 'interchain-attestation-guard';
export const EXPORT_VERSION = 1;

const uint64 = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,19})$/)
  .transform(BigInt)
  .refine((value) => value <= MAX_UINT64, 'above 2^64-1');
const bytes = (length: number): z.ZodType<Buffer> =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${length * 2}}$`))
    .transform((hex) => Buffer.from(hex, 'hex'));
const hash = bytes(32);
const clientId = z.string().min(1).max(128);

/** First line: whose guard, and where its floors stand. In the file numbers are decimal strings, bytes hex without 0x. */
export interface ExportHeader {
  readonly exportId: Buffer;
  readonly key: string;
  readonly source: { readonly chainId: string; readonly genesisHash: string; readonly store: string };
  readonly exportedAtMs: number;
  readonly floorHeight: bigint;
  readonly floorTimeSec: bigint;
  readonly absenceFloorHeight: bigint;
  readonly absenceFloorSec: bigint;
  readonly asideThrough: bigint | null;
  /** Id of the evidence line that stopped the source. */
  readonly stoppedBy: number | null;
}

/** Height, hash, parent hash, timestamp. */
export interface BlockLine {
  readonly block: readonly [bigint, Buffer, Buffer | null, bigint];
}

/** Client id, sequence, height, commitment. */
export interface SentLine {
  readonly sent: readonly [string, bigint, bigint, Buffer];
}

/** Client id, sequence, height and time of absence, height of presence, timeout, proven, receipt, acknowledgement. */
export interface ReceivedLine {
  readonly received: readonly [
    string,
    bigint,
    bigint | null,
    bigint | null,
    bigint | null,
    bigint | null,
    boolean,
    Buffer | null,
    Buffer | null,
  ];
}

export interface EvidenceLine {
  readonly evidence: Evidence;
}

/** One record a line. */
export type ExportLine =
  | BlockLine
  | SentLine
  | ReceivedLine
  | EvidenceLine
  | { readonly transfer: Buffer }
  | { readonly log: { readonly atMs: number; readonly action: string; readonly reason: string } };

export const headerSchema: z.ZodType<ExportHeader> = z.strictObject({
  format: z.literal(EXPORT_FORMAT),
  version: z.literal(EXPORT_VERSION),
  exportId: bytes(16),
  key: z.string(),
  source: z.strictObject({ chainId: z.string(), genesisHash: z.string(), store: z.string() }),
  exportedAtMs: z.int().min(0),
  floorHeight: uint64,
  floorTimeSec: uint64,
  absenceFloorHeight: uint64,
  absenceFloorSec: uint64,
  asideThrough: uint64.nullable(),
  stoppedBy: z.int().nullable(),
});

export const lineSchema: z.ZodType<ExportLine> = z.union([
  z.strictObject({ block: z.tuple([uint64, hash, hash.nullable(), uint64]) }),
  z.strictObject({ sent: z.tuple([clientId, uint64, uint64, hash]) }),
  z.strictObject({
    received: z.tuple([
      clientId,
      uint64,
      uint64.nullable(),
      uint64.nullable(),
      uint64.nullable(),
      uint64.nullable(),
      z.boolean(),
      hash.nullable(),
      hash.nullable(),
    ]),
  }),
  z.strictObject({ transfer: bytes(16) }),
  z.strictObject({
    evidence: z.strictObject({
      id: z.int(),
      atMs: z.int().min(0),
      rule: z.string() as unknown as z.ZodType<Evidence['rule']>,
      detail: z.string(),
      data: z.string(),
      cleared: z.boolean(),
    }),
  }),
  z.strictObject({ log: z.strictObject({ atMs: z.int().min(0), action: z.string(), reason: z.string() }) }),
]);

/** Last line: a file without it, or with another digest of the bytes before it, is not whole. */
export const endSchema: z.ZodType<{ readonly end: { readonly sha256: string } }> = z.strictObject({
  end: z.strictObject({ sha256: z.string() }),
});
