import { type Address, type Hex, parseAddress } from '@interchain-attestation/core';
import { z } from 'zod';

/** Which blocks count as final: what the node's tag says, a number of blocks below the head, or (development) the head. */
export type EvmFinality = { readonly tag: 'finalized' | 'safe' | 'latest' } | { readonly offset: number };

/** One EVM chain, as the YAML file gives it. */
export interface EvmChainConfig {
  /** Name in the configuration; for logs and metrics. */
  readonly name: string;
  /** Decimal. */
  readonly chainId: string;
  readonly rpcUrl: string;
  /** WebSocket URL for new heads; without it heads are polled. */
  readonly wsUrl?: string | undefined;
  /** Address of the ICS26Router (the proxy). */
  readonly router: string;
  readonly finality: EvmFinality;
  /** Hash of block 0. Without it the first one seen is pinned for the life of the process. */
  readonly genesisHash?: string | undefined;
  /**
   * `proxy` (default): the router must hold an ERC-1967 implementation slot, since the implementation behind it answers
   * every question with "absent". `plain`: a router deployed without a proxy.
   */
  readonly routerKind?: 'proxy' | 'plain' | undefined;
  /** Bound on one HTTP attempt, milliseconds; default 4,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Further attempts after a connection error or a bad answer; default 2. Time-outs are not repeated. */
  readonly retries?: number | undefined;
  /** Calls in one JSON-RPC batch; default 500, at most 998: two more ask who answers, and geth refuses more than 1,000. Lowered by itself when refused. */
  readonly maxBatchCalls?: number | undefined;
  /** How long the final block may be remembered, milliseconds; default 200. */
  readonly finalityCacheMs?: number | undefined;
  /** Interval of polling for heads, milliseconds; default 500. With a subscription it polls ten times slower. */
  readonly pollIntervalMs?: number | undefined;
  /** Largest range of one eth_getLogs, blocks; default 5,000. Adapts downwards by itself. */
  readonly maxLogBlocks?: number | undefined;
  /** Share of the block gas limit that one transaction may take, percent; default 75. */
  readonly blockGasSharePercent?: number | undefined;
  /** Largest signed transaction in bytes; default 131,072 (geth). */
  readonly maxTxBytes?: number | undefined;
}

/** {@link EvmChainConfig} with every default filled in. */
export interface EvmChainSettings {
  readonly name: string;
  readonly chainId: string;
  readonly rpcUrl: string;
  readonly wsUrl?: string | undefined;
  readonly router: Address;
  readonly finality: EvmFinality;
  readonly genesisHash?: Hex | undefined;
  readonly routerKind: 'proxy' | 'plain';
  readonly requestTimeoutMs: number;
  readonly retries: number;
  readonly maxBatchCalls: number;
  readonly finalityCacheMs: number;
  readonly pollIntervalMs: number;
  readonly maxLogBlocks: number;
  readonly blockGasSharePercent: number;
  readonly maxTxBytes: number;
}

const urlOf = (protocols: readonly string[]): z.ZodType<string, string> =>
  z.string().superRefine((text, context) => {
    // The text itself stays out of the message: it may hold an API key.
    if (!URL.canParse(text)) context.addIssue({ code: 'custom', message: 'not a URL' });
    else if (!protocols.includes(new URL(text).protocol)) {
      context.addIssue({ code: 'custom', message: `expected ${protocols.map((p) => `${p}//`).join(' or ')}` });
    }
  });

const router = z.string().transform((text, context): Address => {
  try {
    const address = parseAddress(text);
    if (!/^0x0{40}$/.test(address)) return address;
    context.addIssue({ code: 'custom', message: 'router is the zero address' });
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
  return z.NEVER;
});

/** Schema of {@link EvmChainConfig} for configuration files. Unknown keys are errors. */
export const evmChainConfigSchema: z.ZodType<EvmChainSettings, EvmChainConfig> = z.strictObject({
  name: z.string().min(1),
  chainId: z.string().regex(/^[1-9][0-9]{0,14}$/, 'expected a decimal chain id of at most 15 digits'),
  rpcUrl: urlOf(['http:', 'https:']),
  wsUrl: urlOf(['ws:', 'wss:']).optional(),
  router,
  finality: z.union([
    z.strictObject({ tag: z.enum(['finalized', 'safe', 'latest']) }),
    z.strictObject({ offset: z.int().min(0).max(100_000) }),
  ]),
  genesisHash: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, 'expected 32 bytes of 0x hex')
    .transform((text) => text.toLowerCase() as Hex)
    .optional(),
  routerKind: z.enum(['proxy', 'plain']).default('proxy'),
  requestTimeoutMs: z.int().min(50).max(120_000).default(4_000),
  retries: z.int().min(0).max(10).default(2),
  maxBatchCalls: z.int().min(1).max(998).default(500),
  finalityCacheMs: z.int().min(0).max(60_000).default(200),
  pollIntervalMs: z.int().min(20).max(60_000).default(500),
  maxLogBlocks: z.int().min(1).max(1_000_000).default(5_000),
  blockGasSharePercent: z.int().min(1).max(100).default(75),
  maxTxBytes: z.int().min(1_000).max(10_000_000).default(131_072),
});
