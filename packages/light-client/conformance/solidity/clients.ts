import { attestationLightClientArtifact } from '@interchain-attestation/contracts';
import {
  type Address,
  bytesToHex,
  encodeAttestationProof,
  encodeStateAttestation,
  type Hex,
  signDigest,
  signingDigest,
} from '@interchain-attestation/core';
import {
  createLightClient,
  createMemoryStore,
  type LightClient,
  type Policy,
  solidityPolicy,
} from '@interchain-attestation/light-client';
import { encodeDeployData, encodeFunctionData } from 'viem';
import { type Key, keyAt } from '../generate/signatures.ts';
import { MAX, type Subject } from '../generate/subject.ts';
import { ANVIL_ACCOUNT, type Anvil } from './anvil.ts';
import { PROBER } from './prober.ts';

const ANYONE: Hex = '0x0000000000000000000000000000000000000000';
const NOBODY: Hex = '0x4444444444444444444444444444444444444444';

/** One client, as constructed, and the updates it then got. */
interface ClientSpec {
  readonly attestors: number;
  readonly minRequiredSigs: number;
  readonly height: bigint;
  readonly timestampSec: bigint;
  readonly roleManager?: Hex;
  readonly updates?: readonly (readonly [height: bigint, timestampSec: bigint])[];
}

const START = { height: 100n, timestampSec: 1_700_000_000n };
const UPDATES = [
  [101n, 1_700_000_012n],
  [105n, 1_700_000_060n],
  [90n, 1_699_999_000n],
] as const;

const SPECS: readonly ClientSpec[] = [
  { attestors: 1, minRequiredSigs: 1, ...START, updates: UPDATES },
  { attestors: 5, minRequiredSigs: 1, ...START, updates: UPDATES },
  { attestors: 3, minRequiredSigs: 2, ...START, updates: UPDATES },
  { attestors: 5, minRequiredSigs: 3, ...START, updates: [...UPDATES, [MAX, MAX]] },
  { attestors: 7, minRequiredSigs: 5, ...START, updates: UPDATES },
  { attestors: 19, minRequiredSigs: 13, ...START, updates: UPDATES },
  { attestors: 4, minRequiredSigs: 4, ...START, updates: UPDATES },
  // More attestors than one word of a bitmap has bits, and than a quorum can count.
  { attestors: 260, minRequiredSigs: 2, ...START },
  // No timestamp at the start: the height is as good as unknown, and may be written.
  { attestors: 3, minRequiredSigs: 2, height: 100n, timestampSec: 0n },
  { attestors: 3, minRequiredSigs: 2, height: 0n, timestampSec: 5n },
  { attestors: 3, minRequiredSigs: 2, height: MAX, timestampSec: MAX },
  // Frozen: the last update contradicts the start.
  { attestors: 3, minRequiredSigs: 2, ...START, updates: [[100n, 1_700_000_001n]] },
  { attestors: 3, minRequiredSigs: 2, ...START, roleManager: PROBER },
  { attestors: 3, minRequiredSigs: 2, ...START, roleManager: NOBODY },
  // Frozen, and closed to the caller as well: which of the two is told.
  {
    attestors: 3,
    minRequiredSigs: 2,
    ...START,
    roleManager: ANVIL_ACCOUNT,
    updates: [[100n, 1_700_000_001n]],
  },
];

/** A client in both worlds: the contract on anvil and the state machine, brought to the same state. */
export interface TwinClient extends Subject {
  readonly name: string;
  readonly address: Hex;
  /** The state machine in the contract's state, under the contract's rules. */
  readonly model: LightClient;
  /** The same under other rules: what a comparison must tell apart. */
  modelWith(policy: Policy): LightClient;
  /** How often the client is drawn: those on which most checks can be reached come up most. */
  readonly weight: number;
}

const { abi, bytecode } = attestationLightClientArtifact;

const send = async (anvil: Anvil, transaction: { readonly to?: Hex; readonly data: Hex }): Promise<Hex> => {
  // The synchronous form answers with the receipt: after the plain one it may not be there yet.
  const receipt = (await anvil.request('eth_sendTransactionSync', {
    from: ANVIL_ACCOUNT,
    gas: '0x1c9c380',
    ...transaction,
  })) as { status: Hex; contractAddress: Hex };
  if (receipt.status !== '0x1') throw new Error('a transaction that prepares the clients reverted');
  return receipt.contractAddress;
};

const signedUpdate = (keys: readonly Key[], height: bigint, timestampSec: bigint): Uint8Array => {
  const attestationData = encodeStateAttestation({ height, timestampSec });
  const digest = signingDigest('state', attestationData);
  return encodeAttestationProof({ attestationData, signatures: keys.map((key) => signDigest(digest, key.privateKey)) });
};

const createModel = (spec: ClientSpec, policy: Policy, updates: readonly Uint8Array[]): LightClient => {
  const { roleManager = ANYONE } = spec;
  const isSubmitter = (caller: Address): boolean => roleManager === ANYONE || caller === roleManager;
  const model = createLightClient({ policy, store: createMemoryStore(), isSubmitter });
  const verdicts = [
    model.initialize({ ...spec, attestors: keysOf(spec).map((key) => key.address) }),
    ...updates.map((message) => model.updateClient(message)),
  ];
  for (const verdict of verdicts) if (!verdict.ok) throw new Error(`the model refuses: ${verdict.message}`);
  return model;
};

const keysOf = (spec: ClientSpec): Key[] => Array.from({ length: spec.attestors }, (_, i) => keyAt(i));

const createTwin = async (anvil: Anvil, spec: ClientSpec): Promise<TwinClient> => {
  const { minRequiredSigs, height, timestampSec, roleManager = ANYONE } = spec;
  const keys = keysOf(spec);
  const args = [keys.map((key) => key.address), minRequiredSigs, height, timestampSec, roleManager] as const;
  const address = await send(anvil, { data: encodeDeployData({ abi, bytecode, args }) });
  const updates = (spec.updates ?? []).map((update) => signedUpdate(keys.slice(0, minRequiredSigs), ...update));
  for (const message of updates) {
    const data = encodeFunctionData({ abi, functionName: 'updateClient', args: [bytesToHex(message)] });
    await send(anvil, { to: address, data });
  }
  const model = createModel(spec, solidityPolicy, updates);
  const known = [height, ...(spec.updates ?? []).map(([updateHeight]) => updateHeight)];
  const frozen = model.status() === 'Frozen';
  const closed = roleManager !== ANYONE && roleManager !== PROBER;
  return {
    name: `${minRequiredSigs} of ${spec.attestors}${frozen ? ' frozen' : ''}${closed ? ' closed' : ''}`,
    address,
    model,
    modelWith: (policy) => createModel(spec, policy, updates),
    timestampSecAt: (queried) => model.timestampAtHeight(queried),
    keys,
    minRequiredSigs,
    known: [...new Set(known)],
    unknown: [0n, 1n, 102n, MAX].filter((candidate) => !known.includes(candidate)),
    weight: frozen || closed || timestampSec === 0n ? 1 : 5,
  };
};

/** Deploys all clients of the suite. */
export const createTwins = async (anvil: Anvil): Promise<TwinClient[]> => {
  const twins: TwinClient[] = [];
  for (const spec of SPECS) twins.push(await createTwin(anvil, spec));
  return twins;
};
