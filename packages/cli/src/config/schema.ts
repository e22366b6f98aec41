import { parseAddress } from '@interchain-attestation/core';
import { z } from 'zod';
import { agreementShape, rpcUrl } from './agreement.ts';
import { cosmosChainSchema } from './cosmos-chain.ts';
import { integer } from './integer.ts';
import { isRecord } from './parse.ts';
import type {
  AttestorEntry,
  ChainEntry,
  ClientEntry,
  EvmChainEntry,
  KeystoreSignerEntry,
  LogEntry,
  MnemonicSignerEntry,
  ProofApiEntry,
  RelayerEntry,
  SignerEntry,
} from './types.ts';

/** Names become file names and metric labels. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
export const name: z.ZodType<string> = z
  .string()
  .regex(NAME, 'expected a name of a-z, 0-9 and inner dashes, at most 64 characters');

const address = z.string().transform((text, context) => {
  try {
    return parseAddress(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

const wsUrl = z.string().refine((text) => /^wss?:$/.test(URL.parse(text)?.protocol ?? ''), {
  error: 'expected a ws:// or wss:// URL',
});
const listen = z.string().refine(
  (text) => {
    const at = /^(?:\[[0-9a-fA-F:]+\]|[^\s:/]+):(\d{1,5})$/.exec(text);
    return at !== null && Number(at[1]) <= 65_535;
  },
  { error: 'expected host:port' },
);
const serviceUrl = z
  .string()
  .regex(/^(?:[^\s:/@]+:\d{1,5}|https?:\/\/[^\s/?#@]+\/?)$/, 'expected host:port, http://host:port or https://host');
const genesisHash = z.string().regex(/^0x[0-9a-f]{64}$/, 'expected 0x and 64 lower-case hex digits');
const clientId = z.string().regex(/^(?!client-|channel-)[A-Za-z0-9._+\-#[\]<>]{4,128}$/, {
  error: 'expected 4..128 of A-Z a-z 0-9 . _ + - # [ ] < >, not beginning with client- or channel-',
});

const finality = z.union([z.enum(['finalized', 'safe', 'latest']), z.strictObject({ offset: integer(0, 10_000) })], {
  error: 'expected finalized, safe, latest, or {offset: BLOCKS}',
});

const secret = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
  error: 'expected {env: VARIABLE} or {file: PATH}',
});

export const evmChainSchema: z.ZodType<EvmChainEntry> = z.strictObject({
  kind: z.literal('evm').default('evm'),
  chainId: integer(1, Number.MAX_SAFE_INTEGER),
  rpcUrl,
  ...agreementShape,
  wsUrl: wsUrl.optional(),
  genesisHash: genesisHash.optional(),
  router: address.optional(),
  routerKind: z.enum(['proxy', 'plain']).default('proxy'),
  finality: finality.default('finalized'),
  requestTimeoutMs: integer(50, 120_000).optional(),
  pollIntervalMs: integer(20, 60_000).optional(),
  maxLogBlocks: integer(1, 1_000_000).optional(),
  maxBatchCalls: integer(1, 1_000).optional(),
  blockGasSharePercent: integer(1, 100).optional(),
  maxTxBytes: integer(1_000, 10_000_000).optional(),
  deployer: name.optional(),
});

const keystoreSchema: z.ZodType<KeystoreSignerEntry> = z.strictObject({
  keystore: z.string().min(1),
  password: secret.optional(),
});

const mnemonicSchema: z.ZodType<MnemonicSignerEntry> = z.strictObject({
  mnemonic: secret,
  hdPath: z
    .string()
    .regex(/^m(?:\/\d{1,10}'?){1,10}$/, "expected a BIP-32 path, as m/44'/118'/0'/0/0")
    .optional(),
});

/** What a signer has to look like, by what it names. */
export const signerSchema = (entry: unknown): z.ZodType<SignerEntry> =>
  isRecord(entry) && 'mnemonic' in entry ? mnemonicSchema : keystoreSchema;

const unknownKind: z.ZodType<never> = z.unknown().transform((_, context) => {
  context.addIssue({ code: 'custom', message: 'expected evm or cosmos', path: ['kind'] });
  return z.NEVER;
});

/** What a chain has to look like, by its kind; `evm` when it names none. */
export const chainSchema = (entry: unknown): z.ZodType<ChainEntry> => {
  if (!isRecord(entry) || entry.kind === undefined || entry.kind === 'evm') return evmChainSchema;
  return entry.kind === 'cosmos' ? cosmosChainSchema : unknownKind;
};

const maxPacketBytes = integer(320, 1_048_576);

export const attestorSchema: z.ZodType<AttestorEntry> = z.strictObject({
  chain: name,
  address,
  url: serviceUrl,
  signer: name.optional(),
  listen: listen.optional(),
  health: listen.optional(),
  guard: z.string().min(1).optional(),
  maxPacketBytes: maxPacketBytes.optional(),
  maxAbsences: integer(1_000, 1_000_000_000).optional(),
});

export const clientSchema: z.ZodType<ClientEntry> = z.strictObject({
  on: name,
  of: name,
  id: clientId.optional(),
  attestors: z.array(name),
  quorum: integer(0, 255),
  allowMinorityQuorum: z.boolean().default(false),
  allowSingleAttestor: z.boolean().default(false),
});

export const connectionSchema: z.ZodType<{ clients: unknown[] }> = z.strictObject({ clients: z.array(z.unknown()) });

export const proofApiSchema: z.ZodType<ProofApiEntry> = z.strictObject({
  listen,
  health: listen.optional(),
  url: serviceUrl.optional(),
  maxPacketBytes: maxPacketBytes.optional(),
});

const AMOUNT = 'expected a whole number in quotes, in the smallest unit';
const amount = z.string().regex(/^\d+$/, AMOUNT);

const batch = z.strictObject({ maxPackets: integer(1, 100).optional(), maxWaitMs: integer(0, 3_600_000).optional() });

export const relayerSchema: z.ZodType<RelayerEntry> = z.strictObject({
  listen,
  health: listen.optional(),
  url: serviceUrl.optional(),
  database: z.string().min(1).optional(),
  proofApi: serviceUrl.optional(),
  signers: z.record(name, name),
  batch: z
    .strictObject({ receive: batch.optional(), acknowledge: batch.optional(), timeout: batch.optional() })
    .optional(),
  maxAttempts: integer(1, 1_000).optional(),
  maxParallelBatches: integer(1, 64).optional(),
  keepFinishedDays: integer(1, 36_500).optional(),
  lowBalance: z.union([amount, z.record(name, amount)], { error: `${AMOUNT}, or one for each chain` }).optional(),
  startHeights: z.record(name, integer(0, Number.MAX_SAFE_INTEGER)).default({}),
});

export const logSchema: z.ZodType<LogEntry> = z.strictObject({
  level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});
