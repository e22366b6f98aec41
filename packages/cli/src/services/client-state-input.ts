import { parseAddress } from '@interchain-attestation/core';
import { IBC_GO_CLIENT_STATE_TYPE_URL, ibcGoPolicy, solidityPolicy } from '@interchain-attestation/light-client';
import { z } from 'zod';
import { isRecord } from '../config/parse.ts';
import { CliError } from '../output/errors.ts';
import type { InspectedClient } from './judge-proof.ts';
import type { ProofForm } from './profile.ts';
import { readAny } from './protobuf-fields.ts';

/** A client as somebody describes it; nothing of it was read from a chain. */
export interface DescribedClient {
  readonly state: InspectedClient['state'];
  /** Unix seconds by height, as far as they were given. */
  readonly timestamps: ReadonlyMap<bigint, bigint>;
  /** True when no latest height was given: the client is then taken to know every height. */
  readonly latestAssumed: boolean;
  /** Form of proofs that such a client takes, where the description tells. */
  readonly form?: ProofForm;
}

const whole = z
  .union([z.int().min(0), z.string().regex(/^\d{1,20}$/)], { error: 'expected a whole number' })
  .transform(BigInt);

const described = z.object({
  attestors: z.array(z.string()).min(1),
  quorum: whole,
  latestHeight: whole.optional(),
  isFrozen: z.boolean().default(false),
  timestamps: z.record(z.string().regex(/^\d{1,20}$/), whole).default({}),
});

/** Spellings of one field: ours, the contract's, and those of ibc-go's JSON. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  attestors: ['attestors', 'attestorAddresses', 'attestor_addresses'],
  quorum: ['quorum', 'minRequiredSigs', 'min_required_sigs'],
  latestHeight: ['latestHeight', 'latest_height'],
  isFrozen: ['isFrozen', 'frozen', 'is_frozen'],
  timestamps: ['timestamps', 'consensus'],
};

const asUsage = <T>(what: string, read: () => T): T => {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    const [issue] = cause instanceof z.ZodError ? cause.issues : [];
    const reason = issue === undefined ? (cause as Error).message : `${issue.path.join('.')}: ${issue.message}`;
    throw new CliError('cli/usage', `${what}: ${reason}`, { cause });
  }
};

/**
 * A client described by fields: a JSON file, or the options of the command line.
 * @throws CliError `cli/usage`
 */
export const describeClient = (raw: Readonly<Record<string, unknown>>): DescribedClient =>
  asUsage('the client state', () => {
    const fields = Object.fromEntries(
      Object.entries(SPELLINGS).flatMap(([field, names]) => {
        const name = names.find((each) => raw[each] !== undefined && raw[each] !== null);
        return name === undefined ? [] : [[field, raw[name]]];
      }),
    );
    const { attestors, quorum, latestHeight, isFrozen, timestamps } = described.parse(fields);
    const isIbcGo = 'attestor_addresses' in raw || raw['@type'] === IBC_GO_CLIENT_STATE_TYPE_URL;
    return {
      state: {
        attestors: attestors.map((text) => parseAddress(`0x${text.replace(/^0x/i, '').toLowerCase()}`)),
        minRequiredSigs: Number(quorum),
        latestHeight: latestHeight ?? 0n,
        isFrozen,
      },
      timestamps: new Map(Object.entries(timestamps).map(([height, seconds]) => [BigInt(height), seconds])),
      latestAssumed: latestHeight === undefined,
      ...(isIbcGo ? { form: 'protobuf' } : {}),
    };
  });

/** A client state as a chain encodes it: protobuf, in its Any or without, or ABI. @throws CliError `cli/usage` */
export const decodeClientState = (bytes: Uint8Array): DescribedClient =>
  asUsage('the client state does not decode', () => {
    const form: ProofForm = bytes[0] === 0 ? 'abi' : 'protobuf';
    const { attestors, minRequiredSigs, latestHeight, isFrozen } =
      form === 'abi'
        ? solidityPolicy.codec.decodeClientState(bytes)
        : ibcGoPolicy.codec.decodeClientState(inAny(bytes));
    if (attestors.length === 0)
      throw new CliError('cli/usage', 'these bytes are no client state: no attestors in them');
    const state = { attestors, minRequiredSigs, latestHeight, isFrozen };
    return { state, timestamps: new Map(), latestAssumed: false, form };
  });

/** The state in its Any, also when it came without. */
const inAny = (bytes: Uint8Array): Uint8Array => {
  const any = readAny(bytes);
  if (any !== undefined) {
    if (any.type === IBC_GO_CLIENT_STATE_TYPE_URL) return bytes;
    throw new CliError('cli/usage', `expected the state of an attestation client, got ${any.type}`);
  }
  const url = new TextEncoder().encode(IBC_GO_CLIENT_STATE_TYPE_URL);
  return Buffer.concat([Buffer.of(0x0a, url.length), url, Buffer.of(0x12), varint(bytes.length), bytes]);
};

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Buffer.of(...bytes, rest);
    bytes.push((rest & 127) | 128);
  }
};

/** A client state in any form: JSON (ours, or what ibc-go's queries print), or bytes. @throws CliError `cli/usage` */
export const parseClientState = (content: Uint8Array): DescribedClient => {
  const text = new TextDecoder('latin1').decode(content).trim();
  if (!text.startsWith('{')) return decodeClientState(content);
  const json = asUsage('the client state is not JSON', () => JSON.parse(text) as unknown);
  const wrapped = isRecord(json) ? (json.client_state ?? json.clientState ?? json.client ?? json.state ?? json) : json;
  if (typeof wrapped === 'string') return decodeClientState(Buffer.from(wrapped, 'base64'));
  if (!isRecord(wrapped)) throw new CliError('cli/usage', 'the client state: expected a JSON object');
  return describeClient(wrapped);
};
