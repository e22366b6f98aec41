import type { Hex } from '@interchain-attestation/core';
import { z } from 'zod';
import { type GasPrice, parseGasPrice } from './sender/gas-price.ts';

/** One Cosmos chain, as the YAML file gives it. */
export interface CosmosChainConfig {
  /** Name in the configuration; for logs and metrics. */
  readonly name: string;
  /** Chain id, for example `gaia-1`. */
  readonly chainId: string;
  /** JSON-RPC of a CometBFT node (0.38 or later). */
  readonly rpcUrl: string;
  /** WebSocket URL; `/websocket` at the RPC URL by default. Where it does not answer, heads are polled. */
  readonly wsUrl?: string | undefined;
  /** Hash of the block at `genesisHeight`. Without it the first one seen is pinned for the life of the process. */
  readonly genesisHash?: string | undefined;
  /**
   * Height of the block by whose hash the chain is told from another one of the same id; default 1. A chain that began
   * higher, or a node that keeps no block 1, needs a height that the node keeps.
   */
  readonly genesisHeight?: number | undefined;
  /** Prefix of account addresses; default `cosmos`. */
  readonly bech32Prefix?: string | undefined;
  /** Price of one unit of gas with its denomination, as `0.025stake`. Senders need it. */
  readonly gasPrice?: string | undefined;
  /** Gas limit of a transaction = simulated gas times this; default 1.3. */
  readonly gasAdjustment?: number | undefined;
  /** Kind of the accounts' keys; only secp256k1 exists. */
  readonly signerKeyType?: 'secp256k1' | undefined;
  /** Bound on one HTTP attempt, milliseconds; default 4,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Further attempts after a connection error or a bad answer; default 2. Time-outs are not repeated. */
  readonly retries?: number | undefined;
  /** Calls in one JSON-RPC batch; default 10, which is all that CometBFT takes by default. */
  readonly maxBatchCalls?: number | undefined;
  /** How long the final block may be remembered, milliseconds; default 200. */
  readonly finalityCacheMs?: number | undefined;
  /** Interval of polling for heads, milliseconds; default 500. With a subscription it polls ten times slower. */
  readonly pollIntervalMs?: number | undefined;
  /**
   * Largest signed transaction in bytes; default 480,000: a node takes bodies of 1,000,000 bytes by default, and
   * simulation sends the transaction in hex. The block's own limit holds as well.
   */
  readonly maxTxBytes?: number | undefined;
  /** Largest gas of one transaction; default 50,000,000. The block's share holds as well. */
  readonly maxTxGas?: number | undefined;
  /** Share of the block gas limit that one transaction may take, percent; default 75. */
  readonly blockGasSharePercent?: number | undefined;
}

/** {@link CosmosChainConfig} with every default filled in. */
export interface CosmosChainSettings {
  readonly name: string;
  readonly chainId: string;
  readonly rpcUrl: string;
  readonly wsUrl?: string | undefined;
  readonly genesisHash?: Hex | undefined;
  readonly genesisHeight: number;
  readonly bech32Prefix: string;
  readonly gasPrice?: GasPrice | undefined;
  readonly gasAdjustment: number;
  readonly signerKeyType: 'secp256k1';
  readonly requestTimeoutMs: number;
  readonly retries: number;
  readonly maxBatchCalls: number;
  readonly finalityCacheMs: number;
  readonly pollIntervalMs: number;
  readonly maxTxBytes: number;
  readonly maxTxGas: number;
  readonly blockGasSharePercent: number;
}

const urlOf = (protocols: readonly string[]): z.ZodType<string, string> =>
  z.string().superRefine((text, context) => {
    // The text itself stays out of the message: it may hold an API key.
    if (!URL.canParse(text)) context.addIssue({ code: 'custom', message: 'not a URL' });
    else if (!protocols.includes(new URL(text).protocol)) {
      context.addIssue({ code: 'custom', message: `expected ${protocols.map((p) => `${p}//`).join(' or ')}` });
    }
  });

const gasPrice = z.string().transform((text, context): GasPrice => {
  const price = parseGasPrice(text);
  if (price !== undefined) return price;
  context.addIssue({ code: 'custom', message: 'expected a decimal number and a denomination, as 0.025stake' });
  return z.NEVER;
});

/** Schema of {@link CosmosChainConfig} for configuration files. Unknown keys are errors. */
export const cosmosChainConfigSchema: z.ZodType<CosmosChainSettings, CosmosChainConfig> = z.strictObject({
  name: z.string().min(1),
  chainId: z.string().regex(/^[\x21-\x7e]{1,50}$/, 'expected a chain id of 1 to 50 printable characters'),
  rpcUrl: urlOf(['http:', 'https:']),
  wsUrl: urlOf(['ws:', 'wss:']).optional(),
  genesisHash: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, 'expected 32 bytes of 0x hex')
    .transform((text) => text.toLowerCase() as Hex)
    .optional(),
  genesisHeight: z.int().min(1).default(1),
  bech32Prefix: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,19}$/, 'expected a bech32 prefix in lower case')
    .default('cosmos'),
  gasPrice: gasPrice.optional(),
  gasAdjustment: z.number().min(1).max(10).default(1.3),
  signerKeyType: z.literal('secp256k1').default('secp256k1'),
  requestTimeoutMs: z.int().min(50).max(120_000).default(4_000),
  retries: z.int().min(0).max(10).default(2),
  maxBatchCalls: z.int().min(2).max(1_000).default(10),
  finalityCacheMs: z.int().min(0).max(60_000).default(200),
  pollIntervalMs: z.int().min(20).max(60_000).default(500),
  maxTxBytes: z.int().min(1_000).max(100_000_000).default(480_000),
  maxTxGas: z.int().min(100_000).max(10_000_000_000).default(50_000_000),
  blockGasSharePercent: z.int().min(1).max(100).default(75),
});
