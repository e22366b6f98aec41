import { z } from 'zod';
import { parseSigner } from './cosmos/signer.ts';
import { ProofApiError } from './errors.ts';

/** Who attests one chain. */
export interface SourceConfig {
  /** Name of the chain. */
  readonly chain: string;
  readonly attestors: readonly { readonly name: string; readonly address: string }[];
}

/** One direction: packets, acknowledgements and timeouts proven by `source` to `dest`. */
export interface RouteConfig {
  readonly source: string;
  readonly dest: string;
  /** Clients on the destination that are served; all when left out. */
  readonly clients?: readonly string[] | undefined;
}

/** Everything the proof API is told. The set and the quorum are not part of it: they are read from the chain. */
export interface ProofApiConfig {
  /** `host:port` of the gRPC service. */
  readonly listenAddress: string;
  /** `host:port` of /healthz and /metrics; none when left out. */
  readonly httpAddress?: string | undefined;
  /** Folder for evidence of contradicting attestors; kept in memory only when left out. */
  readonly evidenceDir?: string | undefined;
  readonly sources: readonly SourceConfig[];
  readonly routes: readonly RouteConfig[];
  /**
   * Account that signs transactions to a Cosmos chain, bech32, by the chain's name: it stands in their `signer` fields.
   * Where none is named the fields stay empty, for the sender to fill in.
   */
  readonly signers: Readonly<Record<string, string>>;
  /** How long one call to an attestor may take. */
  readonly attestorTimeoutMs: number;
  /** How long a request waits for a height to become final before it says so. */
  readonly finalityWaitMs: number;
  /** Calls to one attestor at a time. */
  readonly maxInFlight: number;
  /** How often attestors are asked for their latest height; the same calls probe those that failed. */
  readonly heightPollMs: number;
  /** How long what a client on chain said is taken for current. */
  readonly clientCacheMs: number;
  /** Largest encoded packet that the attestors take, in bytes: theirs must be raised first. */
  readonly maxPacketBytes: number;
  /** How many blocks back nodes surely still keep state. */
  readonly recentBlocks: number;
  /** Outages in a row after which an attestor is left alone for a while. */
  readonly breakerFailures: number;
  readonly breakerOpenMs: number;
  readonly breakerMaxOpenMs: number;
}

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name of 1..64 characters from A-Za-z0-9._-');
const hostPort = z.string().regex(/^\S+:\d{1,5}$/, 'host:port');
const endpoint = z.string().regex(/^(https?:\/\/[^/?#@\s]+\/?|[^/@\s]+:\d{1,5})$/, 'host:port or http(s)://host:port');
const ms = (fallback: number, min = 1, max = 600_000): z.ZodDefault<z.ZodNumber> =>
  z.number().int().min(min).max(max).default(fallback);

const signer = z.string().refine((text) => parseSigner(text) !== undefined, 'a bech32 address');

const sourceSchema = z.strictObject({
  chain: name,
  attestors: z
    .array(z.strictObject({ name, address: endpoint }))
    .min(1)
    .max(255),
});

const routeSchema = z.strictObject({
  source: name,
  dest: name,
  clients: z.array(z.string().min(1)).min(1).optional(),
});

const report = (context: z.core.$RefinementCtx, path: (string | number)[], message: string): void => {
  context.issues.push({ code: 'custom', message, path, input: undefined });
};

const reportRepeated = (
  context: z.core.$RefinementCtx,
  values: readonly string[],
  path: (index: number) => (string | number)[],
  what: string,
): void => {
  for (const [index, value] of values.entries()) {
    if (values.indexOf(value) < index) report(context, path(index), `${what} ${value} is listed twice`);
  }
};

/** Checks a configuration and fills in defaults; unknown keys are refused. */
export const proofApiConfigSchema: z.ZodType<ProofApiConfig> = z
  .strictObject({
    listenAddress: hostPort,
    httpAddress: hostPort.optional(),
    evidenceDir: z.string().min(1).optional(),
    sources: z.array(sourceSchema).min(1),
    routes: z.array(routeSchema).min(1),
    signers: z.record(name, signer).default({}),
    attestorTimeoutMs: ms(4_000),
    finalityWaitMs: ms(2_000, 0),
    maxInFlight: ms(64, 1, 10_000),
    heightPollMs: ms(1_000, 50),
    clientCacheMs: ms(2_000, 0),
    maxPacketBytes: z.number().int().min(320).max(1_048_576).default(131_072),
    recentBlocks: ms(64, 1, 1_000_000),
    breakerFailures: ms(3, 1, 1_000),
    breakerOpenMs: ms(1_000),
    breakerMaxOpenMs: ms(30_000),
  })
  .superRefine(({ sources, routes, signers }, context) => {
    const chains = sources.map(({ chain }) => chain);
    reportRepeated(context, chains, (i) => ['sources', i, 'chain'], 'source');
    for (const [i, { attestors }] of sources.entries()) {
      const path = (key: string) => (j: number) => ['sources', i, 'attestors', j, key];
      reportRepeated(
        context,
        attestors.map((each) => each.name),
        path('name'),
        'attestor',
      );
      reportRepeated(
        context,
        attestors.map((each) => each.address),
        path('address'),
        'address',
      );
    }
    const pairs = routes.map(({ source, dest }) => `${source} -> ${dest}`);
    reportRepeated(context, pairs, (i) => ['routes', i], 'route');
    for (const [i, { source, dest }] of routes.entries()) {
      if (!chains.includes(source)) report(context, ['routes', i, 'source'], `no attestors are listed for ${source}`);
      if (source === dest) report(context, ['routes', i, 'dest'], 'a route needs two different chains');
    }
    for (const chain of Object.keys(signers)) {
      if (!routes.some(({ dest }) => dest === chain)) report(context, ['signers', chain], `no route leads to ${chain}`);
    }
  });

/**
 * Checks a configuration.
 * @throws ProofApiError `proof-api/config-invalid`: all problems at once, with their paths
 */
export const parseProofApiConfig = (input: unknown): ProofApiConfig => {
  const result = proofApiConfigSchema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || 'config'}: ${message}`);
  throw new ProofApiError('proof-api/config-invalid', problems.join('; '), { meta: { problems: problems.length } });
};
