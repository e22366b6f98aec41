import { z } from 'zod';

/** Limits of one attestor. Every one has a default. */
export interface AttestorLimits {
  /** Packets in one request; at most 1,000. Default 100. */
  readonly maxPackets: number;
  /** Bytes of one encoded packet. Default 131,072. */
  readonly maxPacketBytes: number;
  /** Answers kept in memory for repeated requests. Default 4,096. */
  readonly maxCachedAnswers: number;
  /** Bytes of answers kept in memory. Default 33,554,432. */
  readonly maxCachedBytes: number;
  /** Blocks below the final one whose headers may be kept, linked by hash; read when first asked for. Default 4,096. */
  readonly headerWindow: number;
  /** How often the final block is looked at without being asked, milliseconds. Default 1,000. */
  readonly pollIntervalMs: number;
  /** Age of the last answer of the chain above which the attestor is not ready, milliseconds. Default 15,000. */
  readonly maxReadAgeMs: number;
  /** Age of the final block above which the attestor is not ready, seconds; 0: any age. Default 3,600. */
  readonly maxFinalityAgeSec: number;
}

/** One attestor: one key, one source, one gRPC port. */
export interface AttestorConfig extends AttestorLimits {
  /** Name for logs and metrics, and of its entry in the dependencies. */
  readonly name: string;
  /** gRPC address, `host:port`. */
  readonly listen: string;
  /** File of the signing guard. */
  readonly guardPath: string;
  /** Whether a missing guard file may be made: only for a key that has never signed. Default false. */
  readonly createGuard: boolean;
  /** Absences that the guard remembers one by one, about 70 bytes each; more raise its absence floor. Default 2,000,000. */
  readonly maxAbsences: number;
}

/** A process with one or more attestors. */
export interface AttestorProcessConfig {
  /** Address of `/healthz` and `/metrics`, `host:port`. Without it they are not served. */
  readonly health?: string | undefined;
  readonly attestors: readonly AttestorConfig[];
}

const count = (fallback: number, min: number, max: number): z.ZodDefault<z.ZodInt> =>
  z.int().min(min).max(max).default(fallback);
const listen: z.ZodString = z.string().regex(/^.+:\d{1,5}$/, 'expected host:port');

const limits = {
  maxPackets: count(100, 1, 1_000),
  maxPacketBytes: count(131_072, 320, 1_048_576),
  maxCachedAnswers: count(4_096, 0, 1_000_000),
  maxCachedBytes: count(33_554_432, 0, 1_073_741_824),
  headerWindow: count(4_096, 2, 100_000),
  pollIntervalMs: count(1_000, 10, 60_000),
  maxReadAgeMs: count(15_000, 100, 3_600_000),
  maxFinalityAgeSec: count(3_600, 0, 31_536_000),
};

/** Checks {@link AttestorLimits}, all problems at once; absent ones get their defaults. */
export const attestorLimitsSchema: z.ZodType<AttestorLimits> = z.strictObject(limits);

/** Checks {@link AttestorConfig}. */
export const attestorConfigSchema: z.ZodType<AttestorConfig> = z.strictObject({
  ...limits,
  name: z.string().min(1),
  listen,
  guardPath: z.string().min(1),
  createGuard: z.boolean().default(false),
  maxAbsences: count(2_000_000, 1_000, 1_000_000_000),
});

/** Checks {@link AttestorProcessConfig}: names and addresses must differ. */
export const attestorProcessSchema: z.ZodType<AttestorProcessConfig> = z
  .strictObject({ health: listen.optional(), attestors: z.array(attestorConfigSchema).min(1) })
  .superRefine(({ attestors }, context) => {
    for (const key of ['name', 'guardPath'] as const) {
      const seen = new Set<string>();
      attestors.forEach((attestor, i) => {
        if (seen.has(attestor[key])) {
          context.addIssue({ code: 'custom', path: ['attestors', i, key], message: `${key} is used twice` });
        }
        seen.add(attestor[key]);
      });
    }
  });
