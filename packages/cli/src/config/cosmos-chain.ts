import { type CosmosChainConfig, cosmosChainConfigSchema } from '@interchain-attestation/chains/cosmos/config';
import { z } from 'zod';
import { agreementShape } from './agreement.ts';
import { isRecord } from './parse.ts';
import type { CosmosChainEntry } from './types.ts';

const TEXTS = ['chainId', 'rpcUrl', 'wsUrl', 'genesisHash', 'bech32Prefix', 'gasPrice'];
const NUMBERS = [
  'genesisHeight',
  'gasAdjustment',
  'requestTimeoutMs',
  'pollIntervalMs',
  'maxTxBytes',
  'maxTxGas',
  'blockGasSharePercent',
  'maxBatchCalls',
];
const OWN = ['kind', 'deployer', ...Object.keys(agreementShape)];
const agreement = z.object(agreementShape);

/** `${VAR}` always expands to text: a number may come as one. */
const toNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,15}(?:\.\d{1,15})?$/.test(value) ? Number(value) : value;

/** A Cosmos chain of the file. Its limits are those of the adapter, so that both can never disagree. */
export const cosmosChainSchema: z.ZodType<CosmosChainEntry> = z.unknown().transform((entry, context) => {
  const raw = isRecord(entry) ? entry : {};
  const known = [...TEXTS, ...NUMBERS, ...OWN];
  const unknown = Object.keys(raw).filter((key) => !known.includes(key));
  for (const key of unknown) {
    context.addIssue({ code: 'unrecognized_keys', keys: [key], input: raw });
  }
  const { deployer } = raw;
  if (deployer !== undefined && (typeof deployer !== 'string' || deployer === '')) {
    context.addIssue({ code: 'custom', message: 'expected the name of a signer', path: ['deployer'] });
  }
  const settings = Object.fromEntries(
    [...TEXTS, ...NUMBERS].flatMap((key) =>
      raw[key] === undefined ? [] : [[key, NUMBERS.includes(key) ? toNumber(raw[key]) : raw[key]] as const],
    ),
  );
  const parsed = cosmosChainConfigSchema.safeParse({ ...settings, name: 'chain' } as unknown as CosmosChainConfig);
  const agreed = agreement.safeParse(raw);
  for (const issue of [...(agreed.error?.issues ?? []), ...(parsed.error?.issues ?? [])]) {
    context.issues.push({ ...issue, input: raw } as (typeof context.issues)[number]);
  }
  if (!parsed.success || !agreed.success || context.issues.length > 0) return z.NEVER;
  return {
    ...(settings as Omit<CosmosChainConfig, 'name'>),
    kind: 'cosmos',
    bech32Prefix: parsed.data.bech32Prefix,
    ...agreed.data,
    ...(deployer === undefined ? {} : { deployer: deployer as string }),
  };
});
