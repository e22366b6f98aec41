import { z } from 'zod';
import type { Leg } from './domain/packet-state.ts';
import type { Route, RouteEnd } from './domain/route.ts';
import { RelayerError } from './errors.ts';

/** When a batch is closed. */
export interface BatchPolicy {
  /** Packets a transaction; what the chain takes is the other bound. At most 100. */
  readonly maxPackets: number;
  /** Milliseconds that packets wait for company. 0: what is there at a block goes at once. */
  readonly maxWaitMs: number;
}

/** One chain of the configuration. */
export interface ChainConfig {
  readonly chainId: string;
  /** First block whose events are wanted when the store knows nothing of the chain yet. Default: from now on. */
  readonly startHeight?: bigint | undefined;
  /** Signers with less than this are reported, in the smallest unit of what the chain's fees are paid in. */
  readonly lowBalance?: bigint | undefined;
}

/** The configuration with every default filled in. */
export interface RelayerConfig {
  /** File of the store; `:memory:` forgets everything. */
  readonly storePath: string;
  /** gRPC: skip.relayer.RelayerApiService and interchain_attestation.relayer.v1.RelayerService. */
  readonly listenAddress: string;
  /** HTTP: /healthz and /metrics. */
  readonly healthAddress: string;
  readonly chains: readonly ChainConfig[];
  readonly routes: readonly Route[];
  readonly batch: Readonly<Record<Leg, BatchPolicy>>;
  /** Transactions of one kind and direction on their way at the same time. */
  readonly maxParallelBatches: number;
  /** Attempts at one leg of one packet before it becomes a dead letter. */
  readonly maxAttempts: number;
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
  /** How long the proof API may take for one answer. */
  readonly proofTimeoutMs: number;
  /** How long "not provable yet" may hold up the other packets of a batch. */
  readonly patienceMs: number;
  /** How far the clocks of two chains may be apart when a receive without a send is judged. */
  readonly orphanGraceSec: number;
  /** A chain that makes no block for so long, while packets wait for it, is reported. */
  readonly stallAfterMs: number;
  /** How often a long backfill tells how far it is. */
  readonly progressEveryMs: number;
  /** How long packets are kept in the store that are at their end, finally, on both chains. */
  readonly keepFinishedSec: number;
  /** For chains that say nothing of their own; absent: no signer is reported. */
  readonly lowBalance?: bigint | undefined;
}

type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };
type Optional<T, Keys extends keyof T> = Omit<T, Keys> & Loose<Pick<T, Keys>>;
type Defaulted =
  | 'listenAddress'
  | 'healthAddress'
  | 'maxParallelBatches'
  | 'maxAttempts'
  | 'retryInitialMs'
  | 'retryMaxMs'
  | 'proofTimeoutMs'
  | 'patienceMs'
  | 'orphanGraceSec'
  | 'stallAfterMs'
  | 'progressEveryMs'
  | 'keepFinishedSec';

/** What a user may write. */
export interface RelayerConfigInput
  extends Optional<Omit<RelayerConfig, 'chains' | 'routes' | 'batch' | 'lowBalance'>, Defaulted> {
  readonly chains: readonly {
    readonly chainId: string;
    readonly startHeight?: number | string | undefined;
    /** Decimal. */
    readonly lowBalance?: string | undefined;
  }[];
  /** `id` names a route in logs, metrics and the store; the default is made of its ends. */
  readonly routes: readonly { readonly id?: string | undefined; readonly ends: Route['ends'] }[];
  readonly batch?: { readonly [L in Leg]?: Loose<BatchPolicy> | undefined } | undefined;
  /** Decimal. */
  readonly lowBalance?: string | undefined;
}

const batch = z
  .strictObject({
    maxPackets: z.int().min(1).max(100).default(100),
    maxWaitMs: z.int().min(0).max(3_600_000).default(0),
  })
  .prefault({});

const end = z.strictObject({ chainId: z.string().min(1), clientId: z.string().min(1) });

const route = z.strictObject({
  id: z.string().min(1).max(128).optional(),
  ends: z.tuple([end, end]).readonly(),
});

const amount = z
  .string()
  .regex(/^[0-9]+$/)
  .transform(BigInt);

const chain = z.strictObject({
  chainId: z.string().min(1),
  startHeight: z
    .union([z.int().min(0), z.string().regex(/^[0-9]{1,20}$/)])
    .transform(BigInt)
    .optional(),
  lowBalance: amount.optional(),
});

const endName = ({ chainId, clientId }: RouteEnd): string => `${chainId}/${clientId}`;
/** Schema of the relayer's part of the configuration. Unknown keys are errors; all problems are reported at once. */
export const relayerConfigSchema: z.ZodType<RelayerConfig, RelayerConfigInput> = z
  .strictObject({
    storePath: z.string().min(1),
    listenAddress: z.string().default('127.0.0.1:3000'),
    healthAddress: z.string().default('127.0.0.1:3001'),
    chains: z.array(chain).min(1),
    routes: z.array(route).min(1),
    batch: z.strictObject({ receive: batch, acknowledge: batch, timeout: batch }).prefault({}),
    maxParallelBatches: z.int().min(1).max(64).default(8),
    maxAttempts: z.int().min(1).max(1_000).default(10),
    retryInitialMs: z.int().min(1).max(60_000).default(250),
    retryMaxMs: z.int().min(1).max(3_600_000).default(10_000),
    proofTimeoutMs: z.int().min(100).max(600_000).default(15_000),
    patienceMs: z.int().min(0).max(3_600_000).default(20_000),
    orphanGraceSec: z.int().min(0).max(86_400).default(30),
    stallAfterMs: z.int().min(1_000).max(86_400_000).default(60_000),
    progressEveryMs: z.int().min(100).max(600_000).default(3_000),
    keepFinishedSec: z.int().min(0).max(3_153_600_000).default(604_800),
    lowBalance: amount.optional(),
  })
  .superRefine(({ chains, routes }, context) => {
    const known = new Set<string>();
    chains.forEach(({ chainId }, i) => {
      if (known.has(chainId))
        context.addIssue({ code: 'custom', path: ['chains', i, 'chainId'], message: 'duplicate chain' });
      known.add(chainId);
    });
    const ends = new Set<string>();
    const ids = new Set<string>();
    routes.forEach(({ id, ends: both }, i) => {
      both.forEach((at, j) => {
        const path = ['routes', i, 'ends', j];
        if (!known.has(at.chainId)) {
          context.addIssue({
            code: 'custom',
            path: [...path, 'chainId'],
            message: `chain ${at.chainId} is not configured`,
          });
        }
        if (ends.has(endName(at))) {
          context.addIssue({ code: 'custom', path: [...path, 'clientId'], message: 'client belongs to two routes' });
        }
        ends.add(endName(at));
      });
      if (both[0].chainId === both[1].chainId) {
        context.addIssue({ code: 'custom', path: ['routes', i, 'ends'], message: 'both ends are on the same chain' });
      }
      const name = id ?? both.map(endName).join(':');
      if (ids.has(name)) context.addIssue({ code: 'custom', path: ['routes', i, 'id'], message: 'duplicate route' });
      ids.add(name);
    });
  })
  .transform(({ routes, ...rest }) => ({
    ...rest,
    routes: routes.map(({ id, ends }) => ({ id: id ?? ends.map(endName).join(':'), ends })),
  }));

/**
 * Checks a configuration.
 * @throws RelayerError `relayer/invalid-config` with all problems and their paths
 */
export const parseRelayerConfig = (value: unknown): RelayerConfig => {
  const result = relayerConfigSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || '(root)'}: ${message}`);
  throw new RelayerError('relayer/invalid-config', problems.join('; '), { meta: { problems: problems.length } });
};
